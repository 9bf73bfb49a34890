module Superposition.Analysis.Tests.CoherenceTests

open System
open Superposition.Analysis
open Xunit

[<Fact>]
let ``Three latents have the coherence counted by hand`` () =
    // |cos|: 0.6 between x and (0.6, 0.8), 0.8 between y and it, 0 between x and −2y.
    let coherence =
        Coherence.ofRows (array2D [ [ 1.0; 0.0 ]; [ 0.6; 0.8 ]; [ 0.0; -2.0 ] ])

    Assert.Equal<int[]>([| 1; 2; 1 |], coherence.Nearest |> Array.map _.Partner)
    Expect.allNear 1e-12 [| 0.6; 0.8; 0.8 |] (coherence.Nearest |> Array.map _.Cosine)
    Expect.near 1e-12 (2.2 / 3.0) coherence.Mean
    Expect.near 1e-12 0.8 coherence.Max
    Expect.near 1e-12 (1.4 / 3.0) coherence.MeanCosine

[<Fact>]
let ``A dictionary of several strips agrees with its cosines whole, in either precision`` () =
    let W = Shapes.random 1 600 7
    let cosines = Gram.cosines W W |> Array2D.map abs

    let greatest =
        Array.init 600 (fun i ->
            Seq.max (
                seq {
                    for j in 0..599 do
                        if j <> i then
                            cosines[i, j]
                }
            ))

    let mean =
        Seq.average (
            seq {
                for i in 0..599 do
                    for j in 0..599 do
                        if j <> i then
                            cosines[i, j]
            }
        )

    let inDouble = Coherence.ofRows W
    Expect.allNear 1e-12 greatest (inDouble.Nearest |> Array.map _.Cosine)
    Expect.near 1e-12 mean inDouble.MeanCosine
    let inSingle = Coherence.ofRows (Array2D.map float32 W)
    Expect.allNear 1e-6 greatest (inSingle.Nearest |> Array.map _.Cosine)
    Expect.near 1e-6 mean inSingle.MeanCosine

[<Fact>]
let ``Order, sign, length and rotation change no coherence`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed (n + 1) d

        let turned =
            Shapes.times
                (Shapes.rowsAt (Shapes.permutation seed (n + 1)) W
                 |> Array2D.mapi (fun i _ w -> (if i % 2 = 0 then -2.0 else 0.3) * w))
                (Shapes.rotation seed d)

        let before, after = Coherence.ofRows W, Coherence.ofRows turned
        Expect.near 1e-9 before.Mean after.Mean
        Expect.near 1e-9 before.Max after.Max
        Expect.near 1e-9 before.MeanCosine after.MeanCosine

        Assert.True(
            before.MeanCosine <= before.Mean + 1e-12
            && before.Mean <= before.Max + 1e-12
            && before.Max <= 1.0
        ))

[<Fact>]
let ``Random directions have a mean cosine of the root of 2 over pi d`` () =
    // E|cos| = Γ(d/2) / (√π Γ((d+1)/2)), which is 0.5 in three dimensions, where |cos| is uniform: sd of the mean below 0.003.
    Expect.near 0.015 0.5 (Coherence.ofRows (Matching.random 1 400 3)).MeanCosine
    // In 256 dimensions the root is right to one part in a thousand.
    Expect.near 0.0005 (sqrt (2.0 / (Math.PI * 256.0))) (Coherence.ofRows (Matching.random 2 400 256)).MeanCosine

[<Fact>]
let ``Orthogonal latents have none, duplicates all, and a dead latent resembles nothing`` () =
    let identity = Array2D.init 4 4 (fun i j -> if i = j then 1.0 else 0.0)
    Assert.Equal(0.0, (Coherence.ofRows identity).Max)
    Expect.near 1e-12 1.0 (Coherence.ofRows (Shapes.rowsAt [| 0; 0; 1; 1 |] identity)).Mean
    let dead = Coherence.ofRows (array2D [ [ 1.0; 0.0 ]; [ 1.0; 0.0 ]; [ 0.0; 0.0 ] ])
    Assert.Equal<float>([| 1.0; 1.0; 0.0 |], dead.Nearest |> Array.map _.Cosine)

[<Fact>]
let ``One latent alone is refused`` () =
    Assert.Throws<ArgumentException>(fun () -> Coherence.ofRows (array2D [ [ 1.0; 2.0 ] ]) |> ignore)
    |> ignore

[<Fact>]
let ``The encoder's cosine with the decoder is 1 where tied, less where it subtracts a child, 0 where dead`` () =
    let decoder = array2D [ [ 1.0; 0.0 ]; [ 2.0; 0.0 ]; [ 0.0; 0.0 ] ]
    let encoder = array2D [ [ 3.0; 0.0 ]; [ 1.0; -1.0 ]; [ 1.0; 1.0 ] ]
    Expect.allNear 1e-12 [| 1.0; sqrt 0.5; 0.0 |] (Coherence.encoderDecoder encoder decoder)

[<Fact>]
let ``An encoder of another shape is refused`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Coherence.encoderDecoder (Shapes.random 1 3 2) (Shapes.random 1 2 3) |> ignore)

    Assert.Contains("(3, 2)", error.Message)
