/// Is a linear probe for a simple feature sparse on the neurons of a real model's hidden layer?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.SparseProbesOfModel

open Superposition.Analysis
open Superposition.Analysis.Questions
open Superposition.Storage

[<Literal>]
let private Name = "P4.35"

[<Literal>]
let private Source = "problem 4.35; a bar of our own"

/// Neurons that a sparse probe may read, and the share of what all of them tell that it must.
[<Literal>]
let private Few = 8

[<Literal>]
let private Share = 0.95

let private draws scale = if scale = Quick then 2 else 39

let private columns =
    [| "feature"; "frequency"; "neurons"; "auc"; "null_low"; "null_high" |]

let private run (settings: RunSettings) =
    let recipe = BlockOfModel.recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe
    use _ = block.Model
    let features = SimpleFeatures.ofBlock block None
    let sizes = SimpleFeatures.sizes (Array2D.length2 block.Hidden.Activations)

    let curve (feature: SimpleFeature) =
        let ranked = feature.Probes.Ranked
        sizes |> Array.map (fun k -> feature.Auc ranked[.. k - 1])

    let curves = features |> List.map curve

    let drawn =
        [
            for seed in 1 .. draws settings.Scale do
                settings.Cancellation.ThrowIfCancellationRequested()
                SimpleFeatures.ofBlock block (Some seed) |> List.map curve
        ]

    let table = CsvTable columns

    List.iteri2
        (fun f (feature: SimpleFeature) (auc: float[]) ->
            let frequency =
                feature.Labels |> Array.averageBy (fun label -> if label then 1.0 else 0.0)

            sizes
            |> Array.iteri (fun i k ->
                let chance =
                    [| for draw in drawn -> (List.item f draw: float[])[i] |]
                    |> NullDraws.beside auc[i]

                table.Add [| box feature.Name; frequency; k; auc[i]; chance.NullLow; chance.NullHigh |]))
        features
        curves

    // Weights of neurons in their standard deviations: what each brings.
    let weights =
        let deviations =
            Array.init (Array2D.length2 block.Hidden.Activations) (fun j ->
                let column = block.Hidden.Activations[*, j]
                let mean = Array.average column
                sqrt (column |> Array.averageBy (fun a -> (a - mean) ** 2.0)))

        array2D
            [
                for feature in features do
                    let all = feature.Probes.Fit [| 0 .. deviations.Length - 1 |]
                    Array.map2 (*) all.Weights deviations
            ]

    let spread =
        SpreadFeatures.measure 1 199 0.05 (Array.create (Array2D.length2 weights) 1.0) weights

    let shareAt k =
        curves
        |> List.map (fun auc -> (auc[Array.findIndex ((=) k) sizes] - 0.5) / (Array.last auc - 0.5))
        |> Array.ofList
        |> Statistics.estimate

    let claims =
        [
            shareAt Few
            |> Verdicts.atLeast
                $"{Name}.few"
                $"A probe on {Few} neurons tells so much of what one on all {Array.last sizes} does: (AUC − 1/2) over the same of all, mean over {features.Length} simple features."
                Source
                Share
            spread.MeanConcentration
            |> Verdicts.aboveChance
                $"{Name}.direction"
                "The direction of the probe on all neurons is sparse: mean concentration Σ w⁴ / (Σ w²)² of its weights, beside random rotations."
                Source
                spread.ConcentrationInterval
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteCsv("probes.csv", table))

let private finding (folder: RunFolder) : Finding =
    let table = folder.Csv "probes.csv"
    let names = table.Column "feature" |> Array.distinct

    let rowsOf name =
        [|
            for r in 0 .. table.Count - 1 do
                if table[r, "feature"] = name then
                    r
        |]

    let auc k =
        names
        |> Array.averageBy (fun name ->
            let rows = rowsOf name

            let r =
                match k with
                | Some k -> rows |> Array.find (fun r -> table.Number(r, "neurons") = float k)
                | None -> Array.last rows

            table.Number(r, "auc"))

    let neurons = table.Numbers "neurons" |> Array.max

    {
        Lead =
            $"Of {names.Length} simple features a probe on one neuron tells with an AUC of {auc (Some 1):F3}, on {Few} with {auc (Some Few):F3}, and on all {neurons:F0} with {auc None:F3}, on text it was not fitted on."
        Figures =
            [
                [
                    for name in names do
                        let rows = rowsOf name

                        Series.Of(
                            name,
                            rows |> Array.map (fun r -> table.Number(r, "neurons")),
                            rows |> Array.map (fun r -> table.Number(r, "auc"))
                        )
                ]
                |> Charts.line (Axis.Log "neurons that the probe reads") (Axis.Linear "AUC")
                |> Charts.withLevels [ "knows nothing", 0.5 ]
                |> Figure.captioned
                    $"""How well linear probes tell simple features, the neurons taken in the order of their mean difference (Gurnee et al. 2023). With the labels of other stories the AUC of any of them lies from {Array.min (table.Numbers "null_low"):F3} to {Array.max (table.Numbers "null_high"):F3}, 19 times in 20."""
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Sparse probes on a real hidden layer"
        Part = Part.Problems
        Answers = [ "4.35" ]
        IsLong = true
        Recipe = BlockOfModel.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
