module Superposition.Analysis.Tests.HedgingTests

open System
open Superposition.Analysis
open Xunit

[<Fact>]
let ``A latent leans by its angle in the plane of two orthogonal features`` () =
    let truth = Array2D.init 3 4 (fun i c -> if i = c then 2.0 else 0.0)

    let dictionary =
        array2D
            [
                [ cos 0.3; sin 0.3; 0.0; 0.0 ]
                [ -5.0; 5.0; 0.0; 0.0 ]
                [ 0.0; 0.0; 0.0; 0.0 ]
            ]

    let angles = Hedging.angles truth dictionary [| 0; 1; 2 |]
    Expect.near 1e-12 0.3 angles[0, 1]
    Expect.near 1e-12 0.0 angles[0, 0]
    Expect.near 1e-12 0.0 angles[0, 2]
    Expect.near 1e-12 (-Math.PI / 4.0) angles[1, 0]
    Assert.Equal<float>([| 0.0; 0.0; 0.0 |], angles[2, *])

[<Fact>]
let ``A latent on its feature leans towards none, whatever the angles between features`` () =
    Expect.forAllMatrices (fun seed n d ->
        let truth = Matching.random seed n d

        Hedging.angles truth truth [| 0 .. n - 1 |]
        |> Array2D.iter (fun angle -> Expect.near 1e-6 0.0 angle))

[<Fact>]
let ``Rotation and lengths change no angle`` () =
    Expect.forAllMatrices (fun seed n d ->
        let truth, dictionary = Matching.random seed n d, Matching.random (seed + 1) 4 d
        let own = Array.init 4 (fun j -> j % n)
        let rotation = Shapes.rotation seed d
        let before = Hedging.angles truth dictionary own

        let after =
            Hedging.angles
                (Shapes.times truth rotation |> Array2D.map (fun w -> 3.0 * w))
                (Shapes.times dictionary rotation |> Array2D.map (fun w -> 0.5 * w))
                own

        before
        |> Array2D.iteri (fun j k angle ->
            Assert.InRange(angle, -Math.PI, Math.PI)
            // Parallel features are told apart by a bound, and ±π are the same angle.
            Expect.near 1e-6 1.0 (cos (angle - after[j, k]))))

let private added = array2D [ [ 1.0; 0.0; 0.0; 0.0 ] ]

let private beside (a: float[,]) (b: float[,]) =
    Array2D.init (Array2D.length1 a + Array2D.length1 b) (Array2D.length2 a) (fun i c ->
        if i < Array2D.length1 a then
            a[i, c]
        else
            b[i - Array2D.length1 a, c])

[<Fact>]
let ``The rate is what latents gave up towards the new ones, above chance`` () =
    // Latents of length 2 lose 1.2 along the new latent and gain 9 at a right angle to it: q = 0.6.
    let before = array2D [ [ 0.0; 2.0; 0.0; 0.0 ]; [ 2.0; 0.0; 0.0; 0.0 ] ]
    let after = array2D [ [ -1.2; 2.0; 0.0; 0.0 ]; [ 0.8; 0.0; 0.0; 0.0 ] ]
    let rate = Hedging.rate 1 50 before (beside after added)

    // The change lies along the first axis, so a random direction sees |cos| of it: E|cos| = 4/(3π) in four dimensions.
    let chance = 0.6 * 4.0 / (3.0 * Math.PI)
    let spread = 0.6 * sqrt (0.25 - (4.0 / (3.0 * Math.PI)) ** 2.0) / sqrt 50.0
    Expect.near (4.0 * spread) ((0.6 - chance) / (1.0 - chance)) rate
    Assert.Equal(rate, Hedging.rate 1 50 before (beside after added))

[<Fact>]
let ``Latents that did not change, or only at right angles to the new ones, hedged nothing`` () =
    let before = Array2D.init 3 4 (fun i c -> if c = i + 1 then 1.0 else 0.0)
    Assert.Equal(0.0, Hedging.rate 1 50 before (beside before added))
    Assert.Equal(0.0, Hedging.rate 1 50 before (beside (Array2D.map ((*) 0.5) before) added))

[<Fact>]
let ``Only the span of the new latents counts`` () =
    let before, after = Shapes.random 1 5 6, Shapes.random 2 5 6
    let before = before |> Array2D.map ((*) 10.0)
    let after = Array2D.init 5 6 (fun j c -> before[j, c] + after[j, c])
    let joined = Shapes.random 3 2 6

    let combined =
        Array2D.init 3 6 (fun i c ->
            match i with
            | 0 -> 3.0 * joined[0, c] - joined[1, c]
            | 1 -> 0.1 * joined[1, c]
            | _ -> 0.0)

    // The zero row adds no direction, but a third random one would: chance is compared at equal numbers.
    let withZero = beside joined (Array2D.zeroCreate 1 6)
    Expect.near 1e-9 (Hedging.rate 1 9 before (beside after withZero)) (Hedging.rate 1 9 before (beside after combined))

[<Fact>]
let ``A rate needs latents that joined`` () =
    let W = Shapes.random 1 3 4

    Assert.Throws<ArgumentException>(fun () -> Hedging.rate 1 50 W W |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> Hedging.rate 1 0 W (beside W added) |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> Hedging.rate 1 5 (Array2D.zeroCreate 3 4) (beside W added) |> ignore)
    |> ignore

[<Fact>]
let ``A change larger than the latents says nothing`` () =
    let W = Shapes.random 1 3 4
    Assert.True(Double.IsNaN(Hedging.rate 1 5 W (beside (Array2D.map ((*) 50.0) W) (Shapes.random 2 4 4))))
