module Superposition.Analysis.Tests.PolysemanticityTests

open System
open Superposition.Analysis
open Xunit

/// A unit for one feature, one for all alike, a silent one, and one of two features, 3 : 1.
let private R =
    array2D
        [
            [ 0.0; 0.0; 7.0; 0.0 ]
            [ 2.0; 2.0; 2.0; 2.0 ]
            [ 0.0; 0.0; 0.0; 0.0 ]
            [ 3.0; 0.0; 1.0; 0.0 ]
        ]

[<Fact>]
let ``A monosemantic unit has participation one, a uniform one as many as there are features`` () =
    // (9 + 1)² / (81 + 1) for the unit of two features.
    Expect.allNear 1e-12 [| 1.0; 4.0; 0.0; 100.0 / 82.0 |] (Polysemanticity.participationRatio R)

[<Fact>]
let ``Selectivity is one for one feature and zero for all alike`` () =
    // (3 − 1/3) / (3 + 1/3) for the unit of two features.
    Expect.allNear 1e-12 [| 1.0; 0.0; 0.0; 0.8 |] (Polysemanticity.selectivity R)

[<Fact>]
let ``The favourite's share is one for one feature and one in n for all alike`` () =
    Expect.allNear 1e-12 [| 1.0; 0.25; 0.0; 0.75 |] (Polysemanticity.share R)

[<Fact>]
let ``Features are counted from the threshold share of the greatest response`` () =
    Assert.Equal<int[]>([| 1; 4; 0; 1 |], Polysemanticity.responding Polysemanticity.HalfMaximum R)
    Assert.Equal<int[]>([| 1; 4; 0; 2 |], Polysemanticity.responding (1.0 / 3.0) R)

[<Fact>]
let ``A silent unit has no favourite`` () =
    let tuning = Polysemanticity.ofResponses Polysemanticity.HalfMaximum R
    Assert.Equal<int[]>([| 2; 0; -1; 0 |], tuning |> Array.map _.Favourite)
    Assert.Equal<float[]>(Polysemanticity.share R, tuning |> Array.map _.Share)

[<Fact>]
let ``Every measure keeps its bounds`` () =
    Expect.forAllMatrices (fun seed units features ->
        let R = Shapes.random seed units features |> Array2D.map abs

        for unit in Polysemanticity.ofResponses Polysemanticity.HalfMaximum R do
            Assert.InRange(unit.ParticipationRatio, 1.0 - 1e-12, float features + 1e-12)
            Assert.InRange(unit.Selectivity, 0.0, 1.0)
            Assert.InRange(unit.Share, 1.0 / float features - 1e-12, 1.0 + 1e-12)
            Assert.InRange(unit.Responding, 1, features))

[<Fact>]
let ``The scale of a unit and the order of features change nothing`` () =
    Expect.forAllMatrices (fun seed units features ->
        let R = Shapes.random seed units features |> Array2D.map abs
        let order = Shapes.permutation (seed + 1) features
        let other = Array2D.init units features (fun u f -> 1e-200 * R[u, order[f]])
        let tuning = Polysemanticity.ofResponses 0.3 R

        for before, after in Array.zip tuning (Polysemanticity.ofResponses 0.3 other) do
            Assert.Equal(before.Favourite, order[after.Favourite])
            Assert.Equal(before.Responding, after.Responding)
            Expect.near 1e-9 before.ParticipationRatio after.ParticipationRatio
            Expect.near 1e-9 before.Selectivity after.Selectivity
            Expect.near 1e-9 before.Share after.Share)

[<Theory; InlineData(-0.5); InlineData(Double.NaN)>]
let ``A response below zero or undefined is refused with its place`` (response: float) =
    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Polysemanticity.share (array2D [ [ 1.0; 2.0 ]; [ 3.0; response ] ]) |> ignore)

    Assert.Contains("R[1, 1]", error.Message)

[<Fact>]
let ``Responses to labels are means over the samples that carry them`` () =
    // Unit 0 fires 1, 3, 5 and unit 1 fires 0, 2, 4; sample 2 carries no label, label 2 no sample.
    let activations = array2D [ [ 1.0; 0.0 ]; [ 3.0; 2.0 ]; [ 5.0; 4.0 ] ]
    let found = Polysemanticity.ofLabels 3 activations [| [| 0 |]; [| 0; 1 |]; [||] |]
    Assert.Equal<int[]>([| 2; 1; 0 |], found.Samples)
    Assert.Equal<float[,]>(array2D [ [ 2.0; 3.0; 0.0 ]; [ 1.0; 2.0; 0.0 ] ], found.Responses)

[<Fact>]
let ``A label out of range and a missing sample are refused`` () =
    let refused carried =
        Assert.Throws<ArgumentException>(fun () -> Polysemanticity.ofLabels 2 (Shapes.random 1 2 2) carried |> ignore)

    Assert.Contains("Sample 1 carries label 2", (refused [| [||]; [| 2 |] |]).Message)
    Assert.Contains("2 samples of activations and labels for 1", (refused [| [||] |]).Message)

[<Fact>]
let ``A toy model's neuron answers to a unit feature with its weight, where that is positive`` () =
    // Features × neurons in, neurons × features out.
    let W = array2D [ [ 1.0; -2.0 ]; [ 0.5; 0.0 ]; [ -1.0; 3.0 ] ]

    Assert.Equal<float[,]>(array2D [ [ 1.0; 0.5; 0.0 ]; [ 0.0; 0.0; 3.0 ] ], Polysemanticity.ofToyNeurons W)

[<Fact>]
let ``Units are monosemantic above 999 thousandths of their response, and silent ones are not`` () =
    let R = array2D [ [ 0.9991; 0.0009 ]; [ 0.998; 0.002 ]; [ 0.0; 0.0 ]; [ 0.0; 5.0 ] ]
    Assert.Equal(2, Polysemanticity.monosemantic R)
    Assert.Equal(0, Polysemanticity.monosemantic (Array2D.create 3 4 1.0))

[<Fact>]
let ``The strongest examples of a unit share a label as often as one of them is carried`` () =
    let activations =
        array2D [ [ 0.9; 0.1; 0.0 ]; [ 0.8; 0.9; -1.0 ]; [ 0.7; 0.8; 0.0 ]; [ 0.1; 0.7; 0.0 ] ]

    let carried = [| [| 0 |]; [| 0; 1 |]; [| 1 |]; [| 2 |] |]
    Expect.allNear 1e-12 [| 1.0; 1.0; 0.0 |] (Polysemanticity.ofStrongest 2 3 activations carried)
    Expect.allNear 1e-12 [| 2.0 / 3.0; 2.0 / 3.0; 0.0 |] (Polysemanticity.ofStrongest 3 3 activations carried)

[<Fact>]
let ``A second feature that never comes out on top stays unseen by the strongest examples`` () =
    let activations =
        Array2D.init 100 1 (fun s _ -> if s < 50 then 1.0 + float s else 0.5)

    let carried = Array.init 100 (fun s -> [| (if s < 50 then 0 else 1) |])
    Expect.allNear 1e-12 [| 1.0 |] (Polysemanticity.ofStrongest 20 2 activations carried)

[<Fact>]
let ``What stands above the noise is two features of a hundred, and without noise all stays`` () =
    let noise = (Matching.random 3 1 100)[0, *] |> Array.map (fun x -> 0.5 * abs x)
    let noisy = Array2D.init 1 100 (fun _ f -> if f < 2 then 1.0 else noise[f])
    let above = Polysemanticity.aboveNoise noisy
    Expect.near 0.15 2.0 (Polysemanticity.participationRatio above |> Array.exactlyOne)
    Assert.True(Array.exactlyOne (Polysemanticity.participationRatio noisy) > 2.2)
    Assert.Equal<float[,]>(R[0..0, *], Polysemanticity.aboveNoise R[0..0, *])
