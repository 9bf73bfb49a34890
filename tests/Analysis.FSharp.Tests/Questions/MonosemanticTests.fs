module Superposition.Analysis.Tests.MonosemanticTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

let private options =
    { Monosemantic.defaults (LabelNull.Stories 40) with
        Draws = 199
    }

/// [2000] labels from 0 to 9, each position on its own.
let private labels =
    let random = Random 1
    Array.init 2000 (fun _ -> random.Next 10)

let private noise (random: Random) = Statistics.normal random

/// A neuron a column, each from what it is at a label.
let private neurons (responses: (Random -> int -> float) list) =
    let random = Random 2

    let columns =
        responses
        |> List.map (fun response -> labels |> Array.map (response random))
        |> Array.ofList

    Array2D.init labels.Length columns.Length (fun s j -> columns[j][s])

let private pure' random label =
    if label = 3 then random |> noise |> abs else 0.0

/// The label at the top of the range, anything below.
let private illusory random label =
    if label = 3 then
        2.0 + 0.2 * noise random
    else
        1.7 * (random: Random).NextDouble()

let private ofNeuron j (found: Monosemanticity) =
    found.Ranked |> Array.find (fun one -> one.Neuron = j)

[<Fact>]
let ``A neuron that answers to one label alone is pure, over its whole range and at its top`` () =
    let found =
        Monosemantic.measure options (neurons [ pure'; (fun random _ -> noise random) ]) labels

    let one = ofNeuron 0 found
    Assert.Equal(3, one.Answer)
    Expect.allNear 1e-12 [| 1.0; 1.0; 1.0 |] [| one.Purity.Value; one.Top; one.Positive |]
    Assert.True(Double.IsNaN one.Negative)
    Assert.Equal(1.0 / 200.0, one.Purity.P)
    Assert.Equal<int[]>([| 0 |], found.Monosemantic |> Array.map _.Neuron)
    Assert.Empty found.Illusions
    let other = ofNeuron 1 found
    Assert.False other.Answers
    Assert.InRange(other.Purity.Value, other.Purity.NullLow, other.Purity.NullHigh)
    Assert.Equal(one.Purity.Value, found.Purest.Value)
    Expect.near 1e-12 ((one.Purity.Value + other.Purity.Value) / 2.0) found.MeanPurity.Value

[<Fact>]
let ``A neuron whose strongest examples agree and whose others do not is an illusion`` () =
    let found = Monosemantic.measure options (neurons [ illusory ]) labels
    let one = ofNeuron 0 found
    Assert.Equal(3, one.Answer)
    Expect.near 1e-12 1.0 one.Top
    Assert.InRange(one.Purity.Value, 0.1, 0.5)
    // It does answer to the label; it is not all that it answers to.
    Assert.True one.Answers
    Assert.Equal<int[]>([| 0 |], found.Illusions |> Array.map _.Neuron)
    Assert.Empty found.Monosemantic

[<Fact>]
let ``One label for either sign is two answers, each side pure by itself`` () =
    let two random label =
        match label with
        | 3 -> 1.0 + 0.1 * noise random
        | 5 -> -1.0 + 0.1 * noise random
        | _ -> 0.0

    let one = Monosemantic.measure options (neurons [ two ]) labels |> ofNeuron 0
    Expect.near 1e-12 1.0 one.Positive
    Expect.near 1e-12 1.0 one.Negative
    Assert.InRange(one.Purity.Value, 0.3, 0.7)

[<Fact>]
let ``Purity is the naive one: shares in intervals counted alike, less what frequency alone gives`` () =
    // Four intervals up to 4, the innermost silent; two positions make an interval, and two reach 4.
    let activations = [| 4.0; 4.5; 3.2; 2.5; 2.1; 1.5; 1.2; 0.5; 0.1; -0.9; -3.0; 0.0 |]
    let labels = [| 1; 1; 1; 1; 0; 1; 0; 0; 0; 0; 0; 0 |]

    let options =
        { options with
            Intervals = 4
            Least = 2
            Null = LabelNull.Shifted
        }

    let one =
        Monosemantic.measure options (array2D [ for a in activations -> [ a ] ]) labels
        |> ofNeuron 0

    // Label 1: all of [3, …), half of [2, 3) and of [1, 2); the one position below −1 is too few. Five of twelve carry it.
    let share, frequency = (1.0 + 0.5 + 0.5) / 3.0, 5.0 / 12.0
    Assert.Equal(1, one.Answer)
    Expect.near 1e-12 ((share - frequency) / (1.0 - frequency)) one.Purity.Value
    Assert.True(Double.IsNaN one.Negative)

    Assert.Equal<(float * float * int)[]>(
        [| 1.2, 1.5, 2; 2.1, 2.5, 2; 3.2, 4.5, 3 |],
        one.Intervals
        |> Array.map (fun interval -> interval.Low, interval.High, interval.Count)
    )

    Assert.Equal<int[]>([| 0; 1; 2 |], one.Intervals[2].Positions)
    Assert.Equal((1, 1.0), (one.Intervals[2].Commonest, one.Intervals[2].CommonestShare))

[<Fact>]
let ``Scale and sign of a neuron change no purity, and the same seed says the same`` () =
    let activations = neurons [ illusory; (fun random _ -> noise random) ]
    let found = Monosemantic.measure options activations labels

    let moved =
        Monosemantic.measure
            options
            (activations |> Array2D.mapi (fun _ j a -> if j = 0 then -8.0 * a else 0.25 * a))
            labels

    for j in 0..1 do
        Assert.Equal((ofNeuron j found).Purity, (ofNeuron j moved).Purity)

    Assert.Equal((ofNeuron 0 found).Positive, (ofNeuron 0 moved).Negative)
    let again = Monosemantic.measure options activations labels
    Assert.Equal<NeuronPurity[]>(found.Ranked, again.Ranked)
    Assert.Equal(found.MeanPurity, again.MeanPurity)

[<Fact>]
let ``One outlier does not stretch the range`` () =
    let activations = neurons [ pure' ]

    let before =
        (Monosemantic.measure options activations labels |> ofNeuron 0).Intervals.Length

    activations[Array.IndexOf(labels, 3), 0] <- 1e6
    let after = Monosemantic.measure options activations labels |> ofNeuron 0
    Assert.InRange(after.Intervals.Length, before - 1, before)
    Expect.near 1e-12 1.0 after.Purity.Value

[<Fact>]
let ``The evidence lies in its intervals, and these do not overlap`` () =
    let activations = neurons [ illusory; (fun random _ -> noise random) ]

    for one in (Monosemantic.measure options activations labels).Ranked do
        for interval in one.Intervals do
            Assert.Equal(min options.Samples interval.Count, (Array.distinct interval.Positions).Length)
            Assert.True(interval.Count >= options.Least)

            for s in interval.Positions do
                Assert.InRange(activations[s, one.Neuron], interval.Low, interval.High)

        for below, above in Array.pairwise one.Intervals do
            Assert.True(below.High < above.Low)

[<Fact>]
let ``A silent neuron answers to nothing`` () =
    let found =
        Monosemantic.measure options (neurons [ (fun _ _ -> 0.0); pure' ]) labels

    let one = ofNeuron 0 found
    Assert.Equal((-1, 0.0, 0.0, 1.0), (one.Answer, one.Purity.Value, one.Top, one.Purity.P))
    Assert.Empty one.Intervals
    Expect.near 1e-12 1.0 found.MeanPurity.Value

/// Of so many worlds without answers, those of which the question, with its options, says something.
let private said runs seed options (something: Monosemanticity -> bool) =
    let seeds =
        let random = Random(seed: int) in Array.init runs (fun _ -> random.Next())

    seeds
    |> Array.Parallel.map (fun seed ->
        let random = Random seed
        let struct (activations, labels) = KnownAnswers.stories 0 (Random(random.Next()))

        Monosemantic.measure { options with Seed = random.Next() } activations labels
        |> something)
    |> Array.filter id
    |> Array.length

[<Fact>]
let ``Positions shuffled freely take what hangs together in a story for an answer; stories and shifts do not`` () =
    let rejected seed labelNull =
        said
            200
            seed
            { options with
                Null = labelNull
                Draws = 99
            }
            (fun found -> found.Purest.P <= 0.05)

    let _, most = Calibration.binomialInterval 0.01 0.05 200
    Assert.InRange(rejected 1 (LabelNull.Stories KnownAnswers.StoryLength), 0, most)
    Assert.InRange(rejected 2 LabelNull.Shifted, 0, most)
    Assert.True(rejected 3 (LabelNull.Stories 1) > 2 * most)

[<Fact>]
let ``Without answers hardly a world has a neuron said to answer`` () =
    let wrong =
        said
            100
            4
            { options with
                Null = LabelNull.Stories KnownAnswers.StoryLength
            }
            (fun found -> found.Ranked |> Array.exists _.Answers)

    let _, most = Calibration.binomialInterval 0.01 options.FalseShare 100
    Assert.InRange(wrong, 0, most)

[<Fact>]
let ``What does not fit is refused, all at once`` () =
    let problem =
        Assert.Throws<ArgumentException>(fun () ->
            Monosemantic.measure { options with Intervals = 1 } (array2D [ [ nan ]; [ 0.0 ]; [ 1.0 ] ]) [| 0; -1; 2 |]
            |> ignore)

    for part in
        [
            "1 intervals"
            "position 1 is -1"
            "3 positions are not two or more stories of 40"
            "not finite"
        ] do
        Assert.Contains(part, problem.Message)

    Assert.Throws<ArgumentException>(fun () ->
        Monosemantic.measure options (Array2D.zeroCreate 80 1) (Array.zeroCreate 79)
        |> ignore)
    |> ignore
