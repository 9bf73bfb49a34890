module Superposition.Analysis.Tests.TwoFeaturesTests

open System
open Superposition.Analysis
open Xunit

/// Two features in turn on 2,000 rows, of which probes are fitted on the first half. Both drive neuron 0 alike; neuron 1 knows the first; neurons 2 and 3 nothing.
let private text (seed: int) (sign: float) =
    let random = Random seed
    let isFirst = Array.init 2000 (fun _ -> random.Next 2 = 0)

    let codes =
        SparseCodes.ofPairs 2 (isFirst |> Array.map (fun first -> [| (if first then 0 else 1), 1.0 |]))

    let activations =
        Array2D.init 2000 4 (fun r j ->
            let noise = 0.2 * Statistics.normal random

            match j with
            | 0 -> noise + (if isFirst[r] then 1.0 else sign)
            | 1 -> noise + (if isFirst[r] then 1.0 else 0.0)
            | _ -> noise)

    let fitting, judged =
        TwoFeatures.either codes 0 1 |> TwoFeatures.partition (fun r -> r < 1000)

    activations, fitting, judged

let private told counts text = text |||> TwoFeatures.tell counts 0

[<Fact>]
let ``Where both features are there, or neither, is left out`` () =
    let codes =
        SparseCodes.ofPairs 3 [| [| 0, 1.0 |]; [| 0, 1.0; 1, 1.0 |]; [| 2, 1.0 |]; [| 1, 3.0; 2, 1.0 |] |]

    let places = TwoFeatures.either codes 0 1
    Assert.Equal<int[]>([| 0; 3 |], places.Rows)
    Assert.Equal<bool[]>([| true; false |], places.IsFirst)

[<Fact>]
let ``A neuron that both features drive alike tells nothing, and the neuron that knows one of them is found`` () =
    let told = text 1 1.0 |> told [| 1; 2 |]
    Assert.InRange(told.Alone, 0.42, 0.58)
    Assert.Equal(1, told.Helpers[0])
    Assert.Equal(2, told.Helpers.Length)
    Assert.InRange(told.Others[0], 0.99, 1.0)
    Assert.DoesNotContain(0, told.Helpers)

[<Fact>]
let ``A neuron that they push to opposite sides tells by itself`` () =
    let told = text 1 -1.0 |> told [| 1 |]
    Assert.InRange(told.Alone, 0.99, 1.0)

[<Fact>]
let ``Dealt labels are as many of either kind, and teach nothing`` () =
    let _, places, _ = text 1 1.0
    let dealt = TwoFeatures.dealt (Random 3) places
    Assert.Equal<int[]>(places.Rows, dealt.Rows)
    Assert.NotEqual<bool[]>(places.IsFirst, dealt.IsFirst)

    Assert.Equal(places.IsFirst |> Array.filter id |> Array.length, dealt.IsFirst |> Array.filter id |> Array.length)

[<Fact>]
let ``Places are parted by their rows, each with its feature`` () =
    let places =
        {
            Rows = [| 1; 4; 6; 9 |]
            IsFirst = [| true; false; false; true |]
        }

    let even, odd = places |> TwoFeatures.partition (fun r -> r % 2 = 0)
    Assert.Equal<int[]>([| 4; 6 |], even.Rows)
    Assert.Equal<bool[]>([| false; false |], even.IsFirst)
    Assert.Equal<int[]>([| 1; 9 |], odd.Rows)
    Assert.Equal<bool[]>([| true; true |], odd.IsFirst)
