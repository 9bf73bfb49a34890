namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// How the range of a neuron is read.
type MonosemanticOptions =
    {
        /// Intervals of equal width from 0 to what a neuron reaches; 10 by default, at least 2. The innermost is silence and is not read.
        Intervals: int
        /// Fewest positions an interval is read from, and how many strongest make the purity of the top; 10 by default. One with fewer joins its inner
        /// neighbour.
        Least: int
        /// A neuron of this purity is monosemantic; 0.9 by default, a bar of our own.
        Pure: float
        /// How labels are dealt anew.
        Null: LabelNull
        /// How often; 999 by default. No p lies below 1 / (1 + draws): many neurons need many draws.
        Draws: int
        /// Share of false ones allowed among the neurons said to answer to a label; 0.05 by default.
        FalseShare: float
        /// Positions kept of each interval, as evidence; 10 by default.
        Samples: int
        /// Everything random follows from it.
        Seed: int
    }

/// Question 2. activations: [N, neurons], signed; labels: [N] from 0, a token or a true feature each.
/// The strongest examples of a neuron can share what the rest of its range does not: "An Interpretability Illusion for BERT" (Bolukbasi et
/// al. 2021). So each neuron is read in intervals of its activation from the top down to its silence, and one label must hold in all.
[<RequireQualifiedAccess>]
module Monosemantic =
    /// Everything but how labels are dealt anew, which is the caller's to know.
    let defaults (labelNull: LabelNull) : MonosemanticOptions =
        {
            Intervals = 10
            Least = 10
            Pure = 0.9
            Null = labelNull
            Draws = 999
            FalseShare = 0.05
            Samples = 10
            Seed = 0
        }

    /// Each interval's positions, the outermost first. reach: what at least so many positions as an interval needs come to, so that
    /// no single outlier stretches the range.
    let private side (options: MonosemanticOptions) (reach: float) (sign: float) (a: float[]) =
        let last = options.Intervals - 1
        let places = Array.init options.Intervals (fun _ -> ResizeArray<int>())

        a
        |> Array.iteri (fun s x ->
            if sign * x > 0.0 then
                places[min last (int (sign * x / reach * float options.Intervals))].Add s)

        let gather (here: ResizeArray<int>) (whole, short) =
            let joined = List.append short (List.ofSeq here)

            if joined.Length >= options.Least then
                joined :: whole, []
            else
                whole, joined

        let whole, short = Array.foldBack gather places[1..] ([], [])

        // What is left over next to silence joins the interval outside it.
        match whole with
        | [] -> [||]
        | inner :: outer ->
            List.append inner short :: outer
            |> List.rev
            |> List.map Array.ofList
            |> Array.ofList

    /// [labels] share of all positions.
    let private frequencies kinds (labels: int[]) =
        let counts = Array.zeroCreate<int> kinds

        for label in labels do
            counts[label] <- counts[label] + 1

        counts |> Array.map (fun count -> float count / float labels.Length)

    /// The label with the greatest purity over the intervals, the first of equals, and this purity.
    let private purest (frequencies: float[]) (labels: int[]) (intervals: int[][]) =
        let shares = Array.zeroCreate frequencies.Length

        for positions in intervals do
            let weight = 1.0 / float (intervals.Length * positions.Length)

            for s in positions do
                shares[labels[s]] <- shares[labels[s]] + weight

        let mutable best, purity = -1, 0.0

        for label in 0 .. shares.Length - 1 do
            if shares[label] > 0.0 && frequencies[label] < 1.0 then
                let corrected = (shares[label] - frequencies[label]) / (1.0 - frequencies[label])

                if best < 0 || corrected > purity then
                    best <- label
                    purity <- corrected

        struct (best, purity)

    let private check (options: MonosemanticOptions) (activations: float[,]) (labels: int[]) =
        let n = Array2D.length1 activations

        let problems =
            [
                if options.Intervals < 2 then
                    $"There are {options.Intervals} intervals; expected at least 2."

                if options.Least < 1 || options.Draws < 2 then
                    $"An interval needs {options.Least} positions, and there are {options.Draws} draws; expected at least 1 and 2."

                if labels.Length <> n || n < 2 || Array2D.length2 activations = 0 then
                    $"There are activations of {n} positions and {Array2D.length2 activations} neurons, and labels of {labels.Length}; expected as many labels as positions, at least two, and a neuron."

                match labels |> Array.tryFindIndex (fun label -> label < 0) with
                | Some s -> $"The label of position {s} is {labels[s]}; labels start at 0."
                | None -> ()

                match options.Null with
                | LabelNull.Stories length when length < 1 || n % length <> 0 || n / length < 2 ->
                    $"{n} positions are not two or more stories of {length}; cut the last one off, or take Shifted."
                | _ -> ()

                if activations |> Seq.cast<float> |> Seq.exists (Double.IsFinite >> not) then
                    "Some activations are not finite; leave their positions out."
            ]

        if not problems.IsEmpty then
            invalidArg (nameof activations) (String.concat " " problems)

    let private evidence (options: MonosemanticOptions) (a: float[]) (labels: int[]) (seed: int) (positions: int[]) =
        let commonest, count =
            positions
            |> Array.countBy (fun s -> labels[s])
            |> Array.sortBy fst
            |> Array.maxBy snd

        let drawn = Array.copy positions
        Random(seed).Shuffle drawn

        {
            Low = positions |> Array.map (fun s -> a[s]) |> Array.min
            High = positions |> Array.map (fun s -> a[s]) |> Array.max
            Count = positions.Length
            Commonest = commonest
            CommonestShare = float count / float positions.Length
            Positions = drawn |> Array.truncate options.Samples |> Array.sort
        }

    /// Reads every neuron over its whole range. The time is draws · N · neurons: what lies outside silence is counted anew in every draw.
    let measure (options: MonosemanticOptions) (activations: float[,]) (labels: int[]) : Monosemanticity =
        check options activations labels
        let neurons = Array2D.length2 activations
        let purest = frequencies (1 + Array.max labels) labels |> purest
        let columns = Array.init neurons (fun j -> activations[*, j])

        let strongest =
            columns
            |> Array.Parallel.map (fun a ->
                [| 0 .. a.Length - 1 |]
                |> Array.sortByDescending (fun s -> abs a[s])
                |> Array.truncate options.Least)

        let sides =
            Array.zip strongest columns
            |> Array.Parallel.map (fun (strongest, a) ->
                let reach = abs a[Array.last strongest]

                if reach = 0.0 then
                    [||], [||]
                else
                    side options reach 1.0 a, side options reach -1.0 a)

        let intervals = sides |> Array.map (fun (above, below) -> Array.append above below)

        let speaking =
            [| 0 .. neurons - 1 |] |> Array.filter (fun j -> intervals[j].Length > 0)

        let random = Random options.Seed
        let seeds = Array.init options.Draws (fun _ -> random.Next())
        let seedsOfNeurons = Array.init neurons (fun _ -> random.Next())

        let purity labels intervals =
            let struct (_, purity) = purest labels intervals in purity

        let purities labels = intervals |> Array.map (purity labels)

        let drawn =
            seeds
            |> Array.Parallel.map (fun seed -> LabelNull.deal options.Null seed labels |> purities)

        let ofSpeaking (purities: float[]) =
            if speaking.Length = 0 then
                0.0
            else
                speaking |> Array.averageBy (fun j -> purities[j])

        let measured = purities labels

        let besides =
            measured
            |> Array.mapi (fun j purity -> drawn |> Array.map (fun draw -> draw[j]) |> NullDraws.beside purity)

        let answers = besides |> Array.map _.P |> NullDraws.discoveries options.FalseShare

        let ofSide (intervals: int[][]) =
            if intervals.Length = 0 then
                nan
            else
                purity labels intervals

        {
            Ranked =
                Array.init neurons (fun j ->
                    let struct (answer, _) = purest labels intervals[j]

                    {
                        Neuron = j
                        Answer = answer
                        Purity = besides[j]
                        Top =
                            if intervals[j].Length = 0 then
                                0.0
                            else
                                purity labels [| strongest[j] |]
                        Positive = ofSide (fst sides[j])
                        Negative = ofSide (snd sides[j])
                        Answers = answers[j]
                        Intervals =
                            intervals[j]
                            |> Array.mapi (fun b -> evidence options columns[j] labels (seedsOfNeurons[j] ^^^ b))
                            |> Array.sortBy _.Low
                    })
                |> Array.sortByDescending _.Purity.Value
            Purest = drawn |> Array.map Array.max |> NullDraws.beside (Array.max measured)
            MeanPurity = drawn |> Array.map ofSpeaking |> NullDraws.beside (ofSpeaking measured)
            PurityInterval =
                (if speaking.Length = 0 then
                     [| 0.0 |]
                 else
                     speaking |> Array.map (fun j -> measured[j]))
                |> Statistics.bootstrap options.Seed 1000 Array.average
            Pure = options.Pure
        }
