/// All neurons that carry one feature of a polysemantic neuron: is it sparse?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.CarriersOfFeature

open Deedle
open Superposition.Analysis
open Superposition.Analysis.Questions
open Superposition.Storage

[<Literal>]
let private Name = "P4.31"

[<Literal>]
let private Source = "problem 4.31; a bar of our own"

/// Share of the neurons that may carry a sparse feature.
[<Literal>]
let private Sparse = 0.1

let private draws scale = if scale = Quick then 19 else 199

/// Neurons ablated one after another, random orders beside them, and rows that the loss is measured on.
let private ablated, orders, rows = 40, 99, 4096

let private run (settings: RunSettings) =
    let recipe = BlockOfModel.recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe
    use _ = block.Model
    let found = PolysemanticNeuron.ofBlock block
    let feature = found.Features[0]
    let W = block.Hidden.Directions
    let neurons = Array2D.length2 W
    let direction = W[feature, *]
    let names = TokenFeatures.names block.Hidden.Codes (fun row -> block.Pieces[row])

    let scales =
        Array.init neurons (fun j ->
            block.Hidden.Activations[*, j]
            |> Array.averageBy (fun a -> a * a)
            |> sqrt
            // A silent neuron has no scale, and no direction goes there.
            |> max 1e-9)

    let spread =
        (SpreadFeatures.measure 1 (draws settings.Scale) 0.05 scales (array2D [ direction ])).Features[0]

    let order = PolysemanticNeuron.carriersOf block feature |> Array.truncate ablated

    let curve =
        let some =
            block.Hidden.Activations[.. min rows (Array2D.length1 block.Hidden.Activations) - 1, *]

        SpreadFeatures.projectionLost some direction
        |> SpreadFeatures.ablate 1 orders neurons order

    let power = direction |> Array.sumBy (fun w -> w * w)

    let carriers, losses =
        CsvTable [| "neuron"; "weight"; "share" |], CsvTable [| "ablated"; "lost"; "random"; "low"; "high" |]

    for j in spread.CarriedBy do
        carriers.Add [| box j; direction[j]; box (direction[j] ** 2.0 / power) |]

    for k in 0 .. curve.Losses.Length - 1 do
        losses.Add
            [|
                box k
                curve.Losses[k]
                curve.RandomLosses[k]
                curve.RandomLow[k]
                curve.RandomHigh[k]
            |]

    let about =
        CsvTable [| "neuron"; "feature"; "tokens"; "places"; "neurons"; "participating" |]

    about.Add
        [|
            box found.Neuron
            feature
            names[feature]
            found.On[feature].Length
            neurons
            spread.Participating
        |]

    let claims =
        [
            Statistics.estimate [| float spread.CarriedBy.Length / float neurons |]
            |> Verdicts.atMost
                $"{Name}.sparse"
                "Nine tenths of the feature's Σ w² lie in a tenth of the neurons or fewer."
                Source
                Sparse
            spread.Concentration
            |> Verdicts.aboveChanceAlone
                $"{Name}.concentrated"
                "The feature is on fewer neurons than a direction at random: Σ w⁴ / (Σ w²)², beside rotations where neurons are as loud as they are."
                Source
            curve.Damage
            |> Verdicts.aboveChanceAlone
                $"{Name}.ablation"
                $"Ablating its neurons one after another takes more of it than ablating others: mean share lost over the first {ablated}, beside random orders."
                Source
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder ->
        folder.WriteCsv("feature.csv", about)
        folder.WriteCsv("carriers.csv", carriers)
        folder.WriteCsv("ablation.csv", losses))

let private finding (folder: RunFolder) : Finding =
    let about, carriers, losses =
        folder.Csv "feature.csv", folder.Csv "carriers.csv", folder.Csv "ablation.csv"

    let number (table: CsvTable) column = table.Number(0, column)
    let half = losses.Numbers "lost" |> Array.tryFindIndex (fun lost -> lost >= 0.5)

    let halved =
        match half with
        | Some k -> $"half of it is lost with the first {k}"
        | None -> $"not half of it is lost with the first {losses.Count - 1}"

    {
        Lead =
            $"""The most frequent feature of neuron {about[0, "neuron"]} (latent {about[0, "feature"]}, {about[0, "tokens"]}, {number about "places":F0} places) has nine tenths of Σ w² in {carriers.Count} of {number about "neurons":F0} neurons, effectively {number about "participating":F1}; {halved}."""
        Figures =
            [
                [
                    Series.Of("its carriers, the strongest first", losses.Numbers "ablated", losses.Numbers "lost")
                    { Series.Of("neurons at random", losses.Numbers "ablated", losses.Numbers "random") with
                        Low = losses.Numbers "low"
                        High = losses.Numbers "high"
                    }
                ]
                |> Charts.line (Axis.Linear "neurons held at their mean") (Axis.Linear "share of the feature lost")
                |> Figure.captioned
                    "Share of the variance of the feature's projection that is lost as its neurons go one after another; the band is 19 of 20 random orders. Above 1 those that are left only cancelled the others."
            ]
        Tables =
            [
                [ 0 .. carriers.Count - 1 ]
                |> List.map (fun r ->
                    r,
                    series
                        [
                            "Neuron", box (int (carriers.Number(r, "neuron")))
                            "Weight", $"""{carriers.Number(r, "weight"):F3}"""
                            "Share of Σ w²", $"""{carriers.Number(r, "share"):P1}"""
                        ])
                |> Frame.ofRows
                |> Table.ofFrame "The neurons that carry it: the fewest with nine tenths of Σ w²." 20
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "All neurons that carry one feature"
        Part = Part.Problems
        Answers = [ "4.31" ]
        IsLong = true
        Recipe = BlockOfModel.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
