module Superposition.Analysis.Tests.SpreadFeaturesTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

let private ones = Array.create 20 1.0

/// [1 + 1 + 1, 20] on one neuron, on four alike, and on all alike.
let private known =
    array2D
        [
            [ for j in 0..19 -> if j = 7 then -2.0 else 0.0 ]
            [ for j in 0..19 -> if j % 5 = 2 then 1.0 else 0.0 ]
            [ for _ in 0..19 -> 0.3 ]
        ]

[<Fact>]
let ``A feature on k neurons alike has concentration 1/k and is carried by nine tenths of them`` () =
    Expect.allNear 1e-12 [| 1.0; 0.25; 0.05 |] (SpreadFeatures.concentrations known)
    Assert.Equal<int[]>([| 7 |], SpreadFeatures.carriers 0.9 known[0, *])
    Assert.Equal<int[]>([| 2; 7; 12; 17 |], SpreadFeatures.carriers 0.9 known[1, *])
    Assert.Equal(18, (SpreadFeatures.carriers 0.9 known[2, *]).Length)
    Assert.Empty(SpreadFeatures.carriers 0.9 (Array.zeroCreate 20))

[<Fact>]
let ``One neuron, several and no neurons in particular are told apart`` () =
    let found = SpreadFeatures.measure 1 199 0.05 ones known

    Assert.Equal<Carriers[]>(
        [| Carriers.One; Carriers.Several; Carriers.Unaligned |],
        found.Features |> Array.map _.Carriers
    )

    Expect.allNear 1e-9 [| 1.0; 4.0; 20.0 |] (found.Features |> Array.map _.Participating)
    Expect.near 1e-12 ((1.0 + 0.25 + 0.05) / 3.0) found.MeanConcentration.Value
    Assert.Equal(found, SpreadFeatures.measure 1 199 0.05 ones known)

[<Fact>]
let ``The null of isotropic directions has the mean that the sphere gives`` () =
    // E Σ w⁴ = n · 3 / (n (n + 2)) on the unit sphere in n dimensions.
    let found = SpreadFeatures.measure 2 2000 0.05 ones known[2..2, *]
    Expect.near 0.003 (3.0 / 22.0) found.Features[0].Concentration.NullMean

[<Fact>]
let ``Length and sign change nothing, nor do units that scales know of`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n (d + 2)
        let scales = Array.init (d + 2) (fun j -> 1.0 + float j)

        let p scales W =
            (SpreadFeatures.measure seed 19 0.05 scales W).Features
            |> Array.map _.Concentration.P

        let moved = W |> Array2D.mapi (fun i _ w -> if i % 2 = 0 then -4.0 * w else 0.5 * w)
        Assert.Equal<float[]>(p scales W, p scales moved)
        Assert.Equal<float[]>(p scales W, p (scales |> Array.map ((*) 8.0)) W))

[<Fact>]
let ``Loud neurons carry any direction, and scales say so`` () =
    let scales = Array.init 20 (fun j -> if j < 3 then 10.0 else 1.0)
    let W = Matching.random 5 30 20 |> Array2D.mapi (fun _ j w -> w * scales[j])
    Assert.True((SpreadFeatures.measure 1 99 0.05 ones W).MeanConcentration.P <= 0.01)
    Assert.True((SpreadFeatures.measure 1 99 0.05 scales W).MeanConcentration.P > 0.05)

[<Fact>]
let ``A feature without direction is carried by nobody`` () =
    let found = SpreadFeatures.measure 1 19 0.05 ones (Array2D.zeroCreate 2 20)
    Assert.Equal((0.0, 1.0), (found.MeanConcentration.Value, found.MeanConcentration.P))
    Assert.Equal((0.0, 1.0), (found.Features[0].Participating, found.Features[0].Concentration.P))
    Assert.Equal(Carriers.Unaligned, found.Features[0].Carriers)

[<Fact>]
let ``Of independent neurons, what is lost is the share of the squared weight that went`` () =
    // Columns of a Hadamard matrix: orthogonal, of mean 0 and variance 1.
    let activations =
        Array2D.init 8 3 (fun s j -> if (s >>> j) &&& 1 = 0 then 1.0 else -1.0)

    let lost = SpreadFeatures.projectionLost activations [| 3.0; 0.0; -4.0 |]
    Expect.near 1e-12 0.0 (lost [||])
    Expect.near 1e-12 0.36 (lost [| 0 |])
    Expect.near 1e-12 0.64 (lost [| 2; 1 |])
    Expect.near 1e-12 1.0 (lost [| 0; 1; 2 |])

[<Fact>]
let ``What is lost is the naive one, with neurons at their mean, and more than all where the rest cancelled`` () =
    let activations = Shapes.random 3 50 4 |> Array2D.map ((+) 2.0)
    let w = [| 1.0; -2.0; 0.5; 1.5 |]

    let projections ablated =
        Array.init 50 (fun s ->
            Seq.sum (
                seq {
                    for j in 0..3 ->
                        w[j]
                        * (if Array.contains j ablated then
                               Array.average activations[*, j]
                           else
                               activations[s, j])
                }
            ))

    let whole = projections [||]

    let squared (a: float[]) b =
        Array.map2 (fun a b -> (a - b) ** 2.0) a b |> Array.sum

    let variance = squared whole (Array.create 50 (Array.average whole))

    for ablated in [ [| 1 |]; [| 0; 3 |]; [| 2; 1; 0 |] ] do
        Expect.near
            1e-9
            (squared whole (projections ablated) / variance)
            (SpreadFeatures.projectionLost activations w ablated)

    let twins = array2D [ for s in 0..9 -> [ float s; float s ] ]
    Assert.True(SpreadFeatures.projectionLost twins [| 2.0; -1.0 |] [| 0 |] > 1.0)

[<Fact>]
let ``The carriers of a feature go first and most is lost, against random orders`` () =
    let activations = Matching.random 4 200 20
    let w = Array.init 20 (fun j -> if j < 4 then 1.0 else 0.05)
    let loss = SpreadFeatures.projectionLost activations w
    let order = SpreadFeatures.carriers 0.9 w
    let curve = SpreadFeatures.ablate 1 99 20 order loss
    Assert.Equal(order.Length + 1, curve.Losses.Length)
    Assert.Equal(0.0, curve.Losses[0])
    Expect.allNear 1e-12 (Array.init curve.Losses.Length (fun k -> loss (Array.truncate k order))) curve.Losses
    Assert.True(Array.last curve.Losses > 0.85)
    Expect.near 1e-12 (Array.average curve.Losses[1..]) curve.Damage.Value
    Assert.Equal(0.01, curve.Damage.P)

    for k in 1 .. order.Length do
        Assert.True(
            curve.RandomLow[k] <= curve.RandomLosses[k]
            && curve.RandomLosses[k] <= curve.RandomHigh[k]
        )

        Assert.True(curve.Losses[k] > curve.RandomLosses[k])

[<Fact>]
let ``A loss is asked for the first k neurons of an order, each order from none up`` () =
    let asked = ResizeArray<int[]>()

    let curve =
        SpreadFeatures.ablate 1 2 5 [| 4; 1 |] (fun ablated ->
            asked.Add ablated
            float ablated.Length)

    Assert.Equal(1 + 3 * 2, asked.Count)
    Assert.Equal<int[][]>([| [||]; [| 4 |]; [| 4; 1 |] |], asked.ToArray() |> Array.truncate 3)
    Assert.All(asked, fun ablated -> Assert.Equal(ablated.Length, (Array.distinct ablated).Length))
    Assert.Equal<float[]>([| 0.0; 1.0; 2.0 |], curve.RandomLosses)
    Assert.Equal(1.0, curve.Damage.P)

[<Fact>]
let ``What does not fit is refused`` () =
    let refused (act: unit -> obj) =
        Assert.Throws<ArgumentException>(fun () -> act () |> ignore) |> ignore

    refused (fun () -> SpreadFeatures.measure 1 99 0.05 (Array.create 19 1.0) known)
    refused (fun () -> SpreadFeatures.measure 1 99 0.05 (Array.create 20 0.0) known)
    refused (fun () -> SpreadFeatures.measure 1 1 0.05 ones known)
    refused (fun () -> SpreadFeatures.ablate 1 9 3 [| 0; 0 |] (fun _ -> 0.0))
    refused (fun () -> SpreadFeatures.ablate 1 9 3 [| 3 |] (fun _ -> 0.0))
    refused (fun () -> SpreadFeatures.projectionLost (Array2D.zeroCreate 2 3) [| 1.0 |])
