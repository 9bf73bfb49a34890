module Superposition.Analysis.Tests.Oracles.ExactLossTests

open System
open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

let private loss features W b =
    (ExactLoss.lossAndGradient features W b).Loss

/// Densities, importances, weights and biases from a seed; the rows shrink by a factor each, so that slopes of every size meet.
let private case (seed: int) n d (shrink: float) =
    let random = Random seed

    {
        Density = Array.init n (fun _ -> random.NextDouble())
        Importance = Array.init n (fun _ -> 2.0 * random.NextDouble())
    },
    Shapes.random (seed + 1) n d
    |> Array2D.mapi (fun i _ w -> 1.5 * w * shrink ** float i),
    Array.init n (fun _ -> 0.6 * random.NextDouble() - 0.3)

[<Fact>]
let ``A dropped feature costs its variance`` () =
    for p in [ 0.01; 0.3; 1.0 ] do
        let features = IndependentFeatures.uniform 1 p
        Expect.near 1e-15 (p / 3.0 - p * p / 4.0) (loss features (array2D [ [ 0.0 ] ]) [| p / 2.0 |])
        Expect.near 1e-15 (p / 3.0 - p * p / 4.0) (ExactLoss.ofDropped p)

[<Fact>]
let ``An antipodal pair without bias costs (1 + r) p² / 6`` () =
    // E min(U, U')² = 1/6: Toy Models of Superposition, notebook.
    for p in [ 0.01; 0.3; 1.0 ] do
        for r in [ 0.1; 1.0; 3.0 ] do
            let features =
                {
                    Density = [| p; p |]
                    Importance = [| 1.0; r |]
                }

            Expect.near 1e-14 ((1.0 + r) * p * p / 6.0) (loss features (array2D [ [ 1.0 ]; [ -1.0 ] ]) [| 0.0; 0.0 |])

[<Fact>]
let ``Where every ReLU is open the loss is that of a linear model`` () =
    // W Wᵀ x + b > 0 for positive W and b: E(e·x − b)² with e_j = δ_ij − G_ij, from the mean p/2 and variance v(p) of each x_j.
    Expect.forAllMatrices (fun seed n d ->
        if n <= ExactLoss.MostFeatures then
            let features, W, b = case seed n d 0.9
            let W, b = Array2D.map abs W, Array.map (fun b -> abs b + 0.01) b

            let expected =
                Seq.sum (
                    seq {
                        for i in 0 .. n - 1 do
                            let e j =
                                (if i = j then 1.0 else 0.0)
                                - Seq.sum (seq { for c in 0 .. d - 1 -> W[i, c] * W[j, c] })

                            let mean =
                                Seq.sum (seq { for j in 0 .. n - 1 -> e j * features.Density[j] / 2.0 }) - b[i]

                            let variance =
                                Seq.sum (
                                    seq { for j in 0 .. n - 1 -> e j ** 2.0 * ExactLoss.ofDropped features.Density[j] }
                                )

                            features.Importance[i] * (mean * mean + variance)
                    }
                )

            Expect.near (1e-10 * (1.0 + expected)) expected (loss features W b))

[<Theory; InlineData(1.0); InlineData(0.1); InlineData(0.01); InlineData(1e-4); InlineData(1e-9)>]
let ``Two features agree with quadrature to nine digits, whatever their sizes`` (shrink: float) =
    for seed in 1..5 do
        for d in 1..2 do
            let features, W, b = case seed 2 d shrink
            let expected = Sampled.quadrature 2000 features W b
            Expect.near (1e-9 * expected) expected (loss features W b)

[<Theory; InlineData(1.0); InlineData(0.1); InlineData(0.01); InlineData(1e-4)>]
let ``Three features agree with quadrature to the quadrature's six digits`` (shrink: float) =
    for seed in 1..3 do
        let features, W, b = case seed 3 2 shrink
        let expected = Sampled.quadrature 100 features W b
        Expect.near (1e-6 * expected) expected (loss features W b)

[<Fact; Trait("Category", "Science")>]
let ``A pentagon agrees with quadrature over its 32 active sets`` () =
    let W = Shapes.pentagon |> Array2D.map (fun w -> 1.07 * w)
    let b = Array.create 5 -0.17
    let features = IndependentFeatures.uniform 5 0.15
    let expected = Sampled.quadrature 10 features W b
    Expect.near (1e-4 * expected) expected (loss features W b)

[<Theory; InlineData(2, 1); InlineData(3, 2); InlineData(5, 2); InlineData(6, 3)>]
let ``The loss is what a million samples cost on average`` (n: int) (d: int) =
    let features, W, b = case (10 * n) n d 0.9
    let mean, error = Sampled.monteCarlo n 1_000_000 features W b
    Expect.near (4.0 * error) mean (loss features W b)

[<Fact>]
let ``The gradient is the slope of the loss, for slopes of every size`` () =
    let step = 1e-5

    for shrink in [ 1.0; 0.3; 0.1; 0.01; 1e-4 ] do
        for n in 1..6 do
            let d = 1 + n % 3
            let features, W, b = case (100 + n) n d shrink
            let exact = ExactLoss.lossAndGradient features W b

            let slope change =
                (loss features <|| change step) - (loss features <|| change -step)
                |> fun difference -> difference / (2.0 * step)

            for i in 0 .. n - 1 do
                slope (fun step -> W, Array.mapi (fun j b -> if i = j then b + step else b) b)
                |> Expect.near 1e-8 exact.b[i]

                for c in 0 .. d - 1 do
                    slope (fun step -> Array2D.mapi (fun j e w -> if i = j && c = e then w + step else w) W, b)
                    |> Expect.near 1e-8 exact.W[i, c]

[<Fact>]
let ``Rotating the space and permuting features change no loss`` () =
    for seed in 1..10 do
        let n, d = 2 + seed % 4, 1 + seed % 3
        let features, W, b = case seed n d 0.8
        let expected = loss features W b
        Expect.near 1e-12 expected (loss features (Shapes.times W (Shapes.rotation seed d)) b)
        let order = Shapes.permutation seed n
        let at (values: float[]) = order |> Array.map (fun i -> values[i])

        loss
            {
                Density = at features.Density
                Importance = at features.Importance
            }
            (Shapes.rowsAt order W)
            (at b)
        |> Expect.near 1e-12 expected

[<Fact>]
let ``What does not fit is refused`` () =
    let refused features n (b: float[]) =
        Assert.Throws<ArgumentException>(fun () -> loss features (Array2D.zeroCreate n 2) b |> ignore)
        |> ignore

    refused (IndependentFeatures.uniform 7 0.1) 7 (Array.zeroCreate 7)
    refused (IndependentFeatures.uniform 2 0.1) 3 (Array.zeroCreate 3)
    refused (IndependentFeatures.uniform 3 0.1) 3 (Array.zeroCreate 2)
    refused (IndependentFeatures.uniform 3 1.1) 3 (Array.zeroCreate 3)
    refused (IndependentFeatures.uniform 3 nan) 3 (Array.zeroCreate 3)
