/// Features shared by several neurons: what a probe tells that no neuron does, and what is left without the neurons that tell most.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.ProbeAgainstNeuron

open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "P4.36"

[<Literal>]
let private Source = "problem 4.36; a bar of our own"

/// By how much the probe's AUC must exceed the best neuron's.
[<Literal>]
let private Margin = 0.05

/// An AUC at which a neuron by itself is said to tell of a feature.
[<Literal>]
let private Telling = 0.7

let private columns = [| "feature"; "left_out"; "auc"; "best"; "telling" |]

let private run (settings: RunSettings) =
    let recipe = BlockOfModel.recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe
    use _ = block.Model
    let neurons = Array2D.length2 block.Hidden.Activations

    let leftOut =
        [|
            0
            yield! SimpleFeatures.sizes neurons |> Array.filter (fun k -> k < neurons)
        |]

    let table = CsvTable columns

    let measured =
        [|
            for feature in SimpleFeatures.ofBlock block None do
                let ranked = feature.Probes.Ranked
                // The neuron is chosen where the probe was fitted.
                let best = feature.Auc ranked[..0]

                let telling =
                    ranked |> Array.filter (fun j -> feature.Auc [| j |] >= Telling) |> Array.length

                let curve = leftOut |> Array.map (fun k -> feature.Auc ranked[k..])

                Array.iter2
                    (fun (k: int) (auc: float) -> table.Add [| box feature.Name; k; auc; best; telling |])
                    leftOut
                    curve

                curve, best, telling
        |]

    let claims =
        [
            measured
            |> Array.map (fun (curve, best, _) -> curve[0] - best)
            |> Statistics.estimate
            |> Verdicts.atLeast
                $"{Name}.probe"
                "A probe on all neurons tells a simple feature better than the best neuron: difference of the AUCs, mean over features."
                Source
                Margin
            Statistics.share (measured |> Array.filter (fun (_, _, telling) -> telling >= 2)).Length measured.Length
            |> Verdicts.atLeast
                $"{Name}.shared"
                $"Features are shared: share of the simple features of which two neurons or more tell by themselves (AUC of {Telling} or more)."
                Source
                1.0
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteCsv("without.csv", table))

let private finding (folder: RunFolder) : Finding =
    let table = folder.Csv "without.csv"

    let rowsOf name =
        [|
            for r in 0 .. table.Count - 1 do
                if table[r, "feature"] = name then
                    r
        |]

    let features =
        table.Column "feature"
        |> Array.distinct
        |> Array.map (fun name -> name, rowsOf name)

    let mean of' =
        features |> Array.averageBy (snd >> of')

    let without k (rows: int[]) =
        rows
        |> Array.find (fun r -> table.Number(r, "left_out") = k)
        |> fun r -> table.Number(r, "auc")

    let telling =
        features |> Array.map (fun (_, rows) -> table.Number(rows[0], "telling"))

    {
        Lead =
            $"""The best neuron tells a simple feature with an AUC of {mean (fun rows -> table.Number(rows[0], "best")):F3}, the probe on all neurons with {mean (without 0.0):F3}; {Array.min telling:F0} to {Array.max telling:F0} neurons tell of each by themselves (AUC of {Telling} or more). Without the 32 that tell most the probe still has {mean (without 32.0):F3}: what they carry stands elsewhere too."""
        Figures =
            [
                [
                    for name, rows in features ->
                        Series.Of(
                            name,
                            rows |> Array.map (fun r -> table.Number(r, "left_out")),
                            rows |> Array.map (fun r -> table.Number(r, "auc"))
                        )
                ]
                |> Charts.line (Axis.Linear "neurons left out, those that tell most first") (Axis.Linear "AUC")
                |> Figure.captioned
                    "How well a probe on the neurons that are left tells each simple feature, on text it was not fitted on."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Features shared by neurons: probe against neuron"
        Part = Part.Problems
        Answers = [ "4.36" ]
        IsLong = true
        Recipe = BlockOfModel.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
