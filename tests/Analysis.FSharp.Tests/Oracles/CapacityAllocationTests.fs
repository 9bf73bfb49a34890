module Superposition.Analysis.Tests.Oracles.CapacityAllocationTests

open System
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

/// The best of 8 trainings of the quadratic model.
let private train F (v: float[]) d =
    let n = v.Length

    let weights (point: float[]) =
        Array2D.init n d (fun i c -> point[i * d + c])

    let best =
        Optimum.starts 1 8 n d
        |> Array.map (fun (W, _) ->
            Minimum.from
                2000
                (fun point ->
                    let struct (loss, gradient) = CapacityAllocation.lossAndGradient F v (weights point)
                    struct (loss, Seq.cast<float> gradient |> Seq.toArray))
                (Seq.cast<float> W |> Seq.toArray))
        |> Array.minBy _.Loss

    weights best.Point, best.Loss

// Kurtosis, values, dimensions; n = 2, d = 1 and n = 6, d = 3 of Scherlis et al. 2022, arXiv 2210.01892.
let models: TheoryData<float, float[], int> =
    let data = TheoryData<float, float[], int>()
    data.Add(9.0, [| 1.0; 0.5 |], 1)
    data.Add(5.0, [| 1.0; 0.6 |], 1)
    data.Add(5.0, [| 1.0; 0.4 |], 1)
    data.Add(6.0, [| 1.0; 0.9; 0.8; 0.7; 0.6; 0.5 |], 3)
    data.Add(4.0, [| 1.0; 0.9; 0.8; 0.7; 0.6; 0.5 |], 3)
    data.Add(12.0, [| 1.0; 0.9; 0.8; 0.7; 0.6; 0.1 |], 3)
    data

[<Theory; MemberData(nameof models)>]
let ``Training fills capacity as water`` (F: float, v: float[], d: int) =
    let C = CapacityAllocation.optimal F v d
    let W, loss = train F v d
    Expect.allNear 1e-4 C (Dimensionality.ofWeights W)
    Expect.near 1e-9 (CapacityAllocation.loss F v C) loss

[<Theory; MemberData(nameof models)>]
let ``Features stored in part are all worth the same at the margin`` (F: float, v: float[], d: int) =
    let C = CapacityAllocation.optimal F v d
    Expect.near 1e-9 (float d) (Array.sum C)

    let benefits =
        Array.map2 (fun v C -> 2.0 * v * v * (F - 1.0) ** 2.0 / (2.0 + (F - 3.0) * C) ** 2.0) v C

    let where condition =
        Array.zip C benefits |> Array.filter (fst >> condition) |> Array.map snd

    let inPart = where (fun C -> C > 0.0 && C < 1.0)

    for benefit in inPart do
        Expect.near 1e-9 inPart[0] benefit

    for whole in where ((=) 1.0) do
        for dropped in Array.append inPart (where ((=) 0.0)) do
            Assert.True(whole >= dropped - 1e-9)

[<Fact>]
let ``Two features share one dimension exactly between the lines`` () =
    for F in [ 3.5; 5.0; 20.0 ] do
        for edge, inside in [ 2.0 / (F - 1.0), 1.001; (F - 1.0) / 2.0, 0.999 ] do
            for ratio in [ edge * inside; edge / inside ] do
                let C = CapacityAllocation.optimal F [| 1.0; ratio |] 1
                Assert.Equal(CapacityAllocation.isShared F ratio, Array.forall (fun C -> C > 1e-9) C)

[<Fact>]
let ``Below a kurtosis of three a feature is stored whole or not at all`` () =
    let W, loss = train 2.0 [| 1.0; 0.9; 0.8 |] 2
    Expect.allNear 1e-4 [| 1.0; 1.0; 0.0 |] (Dimensionality.ofWeights W)
    Expect.near 1e-9 (0.8 ** 2.0) loss
    Assert.Throws<ArgumentException>(fun () -> CapacityAllocation.optimal 3.0 [| 1.0; 0.9 |] 1 |> ignore)

[<Fact>]
let ``The loss is the mean squared error of the quadratic model`` () =
    // x_i = ±√F with probability 1/(2F) each, else 0: mean 0, variance 1, kurtosis F. All 27 cases of three features.
    let F, v, W = 4.0, [| 1.0; 0.7; 0.2 |], Shapes.random 7 3 2
    let norms = Geometry.norms W
    let bias = Seq.sum (seq { for i in 0..2 -> v[i] - norms[i] ** 2.0 })
    let values = [ 0.0, 1.0 - 1.0 / F; sqrt F, 0.5 / F; -(sqrt F), 0.5 / F ]

    let expected =
        Seq.sum (
            seq {
                for x0, p0 in values do
                    for x1, p1 in values do
                        for x2, p2 in values do
                            let x = [| x0; x1; x2 |]

                            let h c =
                                Seq.sum (seq { for i in 0..2 -> W[i, c] * x[i] })

                            let target = Seq.sum (seq { for i in 0..2 -> v[i] * x[i] ** 2.0 })
                            p0 * p1 * p2 * (target - h 0 ** 2.0 - h 1 ** 2.0 - bias) ** 2.0
            }
        )

    let struct (loss, _) = CapacityAllocation.lossAndGradient F v W
    Expect.near 1e-12 expected loss
