/// How is a polysemantic neuron disambiguated? Which of its features is on, told by the neuron alone and by those that carry the feature with it.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Disambiguation

open Deedle
open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "P4.29"

[<Literal>]
let private Source = "problem 4.29; a bar of our own"

/// Features that are looked at, the most frequent; and neurons that are read together.
let private most, sizes = 12, [| 1; 2; 4; 8; 16; 32 |]

let private columns =
    [|
        "neuron"
        "features"
        "feature"
        "tokens"
        "places"
        "share"
        "neurons"
        "auc"
    |]

let private run (settings: RunSettings) =
    let recipe = BlockOfModel.recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe
    use _ = block.Model
    let found = PolysemanticNeuron.ofBlock block
    let features = found.Features |> Array.truncate most
    let names = TokenFeatures.names block.Hidden.Codes (fun row -> block.Pieces[row])
    let W = block.Hidden.Directions

    // Only where one of its features is on does the question arise.
    let places =
        features |> Array.collect (fun i -> found.On[i]) |> Array.distinct |> Array.sort

    let train, test = places |> Array.partition (fun r -> r / recipe.Window % 2 = 0)

    let rowsOf (rows: int[]) =
        Array2D.init rows.Length (Array2D.length2 W) (fun r j -> block.Hidden.Activations[rows[r], j])

    let fitted, heldOut = rowsOf train, rowsOf test
    let table = CsvTable columns

    let curves =
        [|
            for feature in features do
                let on = set found.On[feature]
                let labels (rows: int[]) = rows |> Array.map on.Contains
                let ofTrain, ofTest = labels train, labels test

                let both (labels: bool[]) =
                    Array.contains true labels && Array.contains false labels

                if both ofTrain && both ofTest then
                    let probes = SparseProbes(fitted, ofTrain)

                    // The neuron first, then those that carry the feature with it.
                    let order =
                        PolysemanticNeuron.carriersOf block feature
                        |> Array.filter ((<>) found.Neuron)
                        |> Array.append [| found.Neuron |]

                    let curve =
                        sizes
                        |> Array.map (fun k -> SparseProbe.auc ((probes.Fit order[.. k - 1]).Scores heldOut) ofTest)

                    let share =
                        W[feature, found.Neuron] ** 2.0
                        / (W[feature, *] |> Array.sumBy (fun w -> w * w))

                    Array.iter2
                        (fun (k: int) (auc: float) ->
                            table.Add
                                [|
                                    box found.Neuron
                                    found.Features.Length
                                    feature
                                    names[feature]
                                    on.Count
                                    share
                                    k
                                    auc
                                |])
                        sizes
                        curve

                    curve
        |]

    let at k =
        curves
        |> Array.map (fun curve -> curve[Array.findIndex ((=) k) sizes])
        |> Statistics.estimate

    let claims =
        [
            at 1
            |> Verdicts.atMost
                $"{Name}.alone"
                $"By itself the neuron that carries most features does not tell which of them is on: AUC of one against the others, mean over {curves.Length} features."
                Source
                0.8
            at 8
            |> Verdicts.atLeast
                $"{Name}.company"
                "With the seven other neurons that carry most of the feature it does: the same AUC of a linear probe on the eight."
                Source
                0.95
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteCsv("disambiguation.csv", table))

let private finding (folder: RunFolder) : Finding =
    let table = folder.Csv "disambiguation.csv"

    let byFeature =
        [ 0 .. table.Count - 1 ] |> List.groupBy (fun r -> table[r, "feature"])

    let aucOf rows k =
        rows
        |> List.find (fun r -> table.Number(r, "neurons") = float k)
        |> fun r -> table.Number(r, "auc")

    let aucs k =
        [| for _, rows in byFeature -> aucOf rows k |]

    let auc k = aucs k |> Array.average

    {
        Lead =
            $"""Neuron {table[0, "neuron"]} of the block is among the three that carry most of {table[0, "features"]} features. Which of the {byFeature.Length} most frequent is on it tells by itself with an AUC of {auc 1:F3}; with the other neurons that carry the feature, two tell with {auc 2:F3}, eight with {auc 8:F3}, 32 with {auc 32:F3}: its company says what it means."""
        Figures =
            [
                [
                    let over summary =
                        sizes |> Array.map (fun k -> aucs k |> summary)

                    { Series.Of("median of its features", Array.map float sizes, over (Statistics.quantile 0.5)) with
                        Low = over Array.min
                        High = over Array.max
                    }
                ]
                |> Charts.line (Axis.Log "neurons read: it, and those that carry the feature most") (Axis.Linear "AUC")
                |> Figure.captioned
                    "How well a feature of the neuron is told from the neuron's others, on text that the probes were not fitted on: the median over its features, and from the least to the greatest."
            ]
        Tables =
            [
                byFeature
                |> List.indexed
                |> List.map (fun (i, (feature, rows)) ->
                    i,
                    series
                        [
                            "Latent", box feature
                            "Commonest token, share", table[rows.Head, "tokens"]
                            "Places", int (table.Number(rows.Head, "places"))
                            "Neuron's share of it", $"""{table.Number(rows.Head, "share"):P0}"""
                            "AUC, neuron alone", $"{aucOf rows 1:F3}"
                            "AUC, eight neurons", $"{aucOf rows 8:F3}"
                        ])
                |> Frame.ofRows
                |> Table.ofFrame
                    "Features of the neuron, the most frequent first, each called by the commonest token of its twenty strongest places, with that token's share of them."
                    most
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "How a polysemantic neuron is disambiguated"
        Part = Part.Problems
        Answers = [ "4.29" ]
        IsLong = true
        Recipe = BlockOfModel.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
