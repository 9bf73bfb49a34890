module Superposition.Analysis.Tests.MatchingTests

open System
open Superposition.Analysis
open Xunit

let private negated = Array2D.map (~-)

[<Fact>]
let ``A dictionary matched with itself has MMCS, MCC and uniqueness one`` () =
    let dictionary = Matching.random 1 12 4

    for similarity in [ Signed; Absolute ] do
        let cosines = Matching.cosines similarity dictionary dictionary
        Expect.near 1e-12 1.0 (Matching.meanMaxCosine cosines)
        Expect.near 1e-12 1.0 (Matching.meanAssignedCosine cosines)
        Expect.near 1e-12 1.0 (Matching.uniqueness cosines)

[<Fact>]
let ``Order and length of latents change no match`` () =
    Expect.forAllMatrices (fun seed n d ->
        let truth, dictionary =
            Matching.random seed n d, Matching.random (seed + 1) (n + 2) d

        let order = Shapes.permutation seed (n + 2)

        let other =
            Shapes.rowsAt order dictionary |> Array2D.mapi (fun i _ w -> float (i + 1) * w)

        let before, after =
            Matching.cosines Signed truth dictionary, Matching.cosines Signed truth other

        Expect.near 1e-9 (Matching.meanMaxCosine before) (Matching.meanMaxCosine after)
        Expect.near 1e-9 (Matching.meanAssignedCosine before) (Matching.meanAssignedCosine after)

        for pair, moved in Array.zip (Matching.nearest before) (Matching.nearest after) do
            Expect.near 1e-9 pair.Cosine moved.Cosine)

[<Fact>]
let ``A dictionary turned around is found by absolute cosines only`` () =
    let truth = array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ]
    Assert.Equal(0.0, Matching.meanMaxCosine (Matching.cosines Signed truth (negated truth)))
    Assert.Equal(1.0, Matching.meanMaxCosine (Matching.cosines Absolute truth (negated truth)))

[<Fact>]
let ``MMCS differs by direction where the dictionary is larger than the truth`` () =
    // Each feature has a latent; the third latent lies between the two.
    let truth = array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ]
    let dictionary = array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ 1.0; 1.0 ] ]
    let cosines = Matching.cosines Signed truth dictionary
    Expect.near 1e-12 1.0 (Matching.meanMaxCosine cosines)
    Expect.near 1e-12 ((2.0 + sqrt 0.5) / 3.0) (Matching.meanMaxCosine (Gram.transposed cosines))
    Expect.near 1e-12 (2.0 / 3.0) (Matching.uniqueness cosines)

[<Fact>]
let ``One latent for two features satisfies MMCS but not the assignment`` () =
    let truth = array2D [ [ 1.0; 0.1; 0.0 ]; [ 1.0; -0.1; 0.0 ] ]
    let dictionary = array2D [ [ 1.0; 0.0; 0.0 ]; [ 0.0; 0.0; 1.0 ] ]
    let cosines = Matching.cosines Signed truth dictionary
    let shared = 1.0 / sqrt 1.01
    Expect.near 1e-12 shared (Matching.meanMaxCosine cosines)
    Expect.near 1e-12 (shared / 2.0) (Matching.meanAssignedCosine cosines)

[<Fact>]
let ``With fewer latents than features some features stay alone`` () =
    let truth = Matching.random 3 5 3

    let assigned =
        Matching.assigned (Matching.cosines Signed truth (Shapes.rowsAt [| 4; 1 |] truth))

    Assert.Equal<int option[]>([| None; Some 1; None; None; Some 0 |], assigned |> Array.map (Option.map _.Partner))

[<Fact>]
let ``The assignment reaches at most MMCS`` () =
    Expect.forAllMatrices (fun seed n d ->
        let cosines =
            Matching.cosines Signed (Matching.random seed n d) (Matching.random (seed + 1) (n + 3) d)

        Assert.True(Matching.meanAssignedCosine cosines <= Matching.meanMaxCosine cosines + 1e-12))

[<Fact>]
let ``A dead latent resembles nothing`` () =
    let cosines =
        Matching.cosines Absolute (Matching.random 1 3 4) (Array2D.zeroCreate 2 4)

    Assert.Equal(0.0, Matching.meanMaxCosine cosines)

[<Fact>]
let ``The nearest row of a column is the nearest of the transposed cosines`` () =
    Expect.forAllMatrices (fun seed n m ->
        // Few different values: the first of equals is taken.
        let cosines = Shapes.random seed n m |> Array2D.map (fun c -> Math.Round(2.0 * c))
        Assert.Equal<Match[]>(Matching.nearest (Gram.transposed cosines), Matching.nearestRows cosines))

[<Fact>]
let ``An empty dictionary is refused`` () =
    Assert.Throws<ArgumentException>(fun () -> Matching.nearest (Array2D.zeroCreate<float> 3 0) |> ignore)
    |> ignore

[<Fact>]
let ``Random directions have length one, follow from their seed and favour no axis`` () =
    let directions = Matching.random 7 20_000 3
    Assert.Equal<float[,]>(directions, Matching.random 7 20_000 3)
    Assert.All(Gram.norms directions, Expect.near 1e-12 1.0)

    // Each squared coordinate has mean 1/3 and variance 4/45 on the sphere: 4σ of the mean is 0.0085.
    for c in 0..2 do
        Seq.average (seq { for i in 0..19_999 -> directions[i, c] ** 2.0 })
        |> Expect.near 0.0085 (1.0 / 3.0)

[<Fact>]
let ``Chance agrees with the mean cosine of the nearest of m directions on the circle`` () =
    // The least of m angles uniform on [0, π] has E cos θ = ∫ cos θ · (m/π)(1 − θ/π)^(m−1) dθ = 0.763944 for m = 5.
    let expected =
        let steps = 100_000

        Seq.sum (
            seq {
                for s in 0 .. steps - 1 do
                    let t = (float s + 0.5) / float steps
                    cos (Math.PI * t) * 5.0 * (1.0 - t) ** 4.0 / float steps
            }
        )

    let chance =
        Matching.chance 1 40 Signed (Matching.random 2 400 2) 5 Matching.meanMaxCosine

    Assert.Equal(40, chance.Draws)
    Expect.near (5.0 * chance.Sd / sqrt 40.0) expected chance.Mean
