/// Autoencoders of every block of a real model, of the residual stream after it and of its hidden layer: what they keep.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.EveryBlock

open Deedle
open Superposition.Analysis
open Superposition.Autoencoders
open Superposition.Storage

[<Literal>]
let private Name = "blocks"

/// What is trained, as run.json holds it.
type Recipe =
    {
        /// Folder of the model in the folder of real inputs, or a path.
        Model: string
        /// Tokens that autoencoders are trained on.
        Tokens: int
        /// Tokens of another text, which everything is measured on.
        HeldOut: int
        /// Tokens read together.
        Window: int
        /// Of every autoencoder, its first seed.
        Dictionary: DictionaryRecipe
    }

/// As the questions have it.
let private recipeOf scale =
    let full =
        {
            Model = "stories260k"
            Tokens = 262_144
            HeldOut = 32_768
            Window = 256
            Dictionary =
                {
                    Latents = 1024
                    L0 = 16.0
                    Samples = 2_000_000L
                    LearningRate = 1e-3
                    Seeds = [| 1L |]
                }
        }

    match scale with
    | Quick ->
        { full with
            Tokens = 1024
            HeldOut = 512
            Dictionary =
                { full.Dictionary with
                    Latents = 64
                    Samples = 4096L
                }
        }
    | Daily
    | Full -> full

/// Of the loss, the share that an autoencoder is asked to recover.
[<Literal>]
let private Recovered = 0.9

/// Name in the table, and the hook of a block.
let private places: (string * (int -> string)) list =
    [
        "residual stream", (fun layer -> $"blocks.{layer}.hook_resid_post")
        "hidden layer", RealModel.neurons
    ]

let private columns =
    [|
        "block"
        "place"
        "d"
        "l0"
        "explained_variance"
        "dead"
        "clean"
        "reconstructed"
        "zero"
        "mean"
        "over_zero"
        "over_mean"
    |]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    use model = RealModel.load settings recipe.Model

    let struct (text, heldOut) =
        RealModel.texts settings model recipe.Tokens recipe.HeldOut recipe.Window

    let table = CsvTable columns

    let recovered =
        [|
            for layer in 0 .. model.Config.Layers - 1 do
                for place, hook in places do
                    let point = hook layer

                    let autoencoder =
                        RealModel.matrix model text point
                        |> Dictionaries.train settings recipe.Dictionary point recipe.Dictionary.Seeds[..0]
                        |> Array.head

                    let does =
                        RealModel.matrix model heldOut point
                        |> Dictionaries.evaluate settings autoencoder

                    let loss =
                        LossRecovered.Of(autoencoder, model, heldOut, point, settings.Cancellation)

                    table.Add
                        [|
                            box layer
                            place
                            autoencoder.Dimensions
                            does.L0
                            does.ExplainedVariance
                            does.Dead
                            loss.Clean
                            loss.Reconstructed
                            loss.ZeroAblated
                            loss.MeanAblated
                            loss.OverZero
                            loss.OverMean
                        |]

                    loss.OverMean
        |]

    let claims =
        [
            Statistics.share (recovered |> Array.filter (fun share -> share >= Recovered)).Length recovered.Length
            |> Verdicts.atLeast
                $"{Name}.loss-recovered"
                $"Share of the {recovered.Length} autoencoders that recover {Recovered} or more of the loss between mean ablation and the model as it is."
                "our own bar"
                1.0
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteCsv("blocks.csv", table))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let blocks = folder.Csv "blocks.csv"
    let rows = [ 0 .. blocks.Count - 1 ]
    let number column row = blocks.Number(row, column)

    let rowsOf place =
        rows |> List.filter (fun r -> blocks[r, "place"] = place)

    let range column rows =
        let values = rows |> List.map (number column)
        $"{List.min values:F3} to {List.max values:F3}"

    // What is missing: shares near 1 would all look alike.
    let missing column axis =
        [|
            for place, _ in places do
                place,
                [|
                    for r in rowsOf place -> blocks[r, "block"], Statistics.estimate [| 1.0 - number column r |]
                |]
        |]
        |> Charts.bars "block" (Axis.Linear axis)

    {
        Lead =
            $"""{recipe.Model}, {recipe.Dictionary.Latents} latents at L0 = {recipe.Dictionary.L0:G3} on each of {(rowsOf "residual stream").Length} blocks: on the residual stream the autoencoders explain {range "explained_variance" (rowsOf "residual stream")} of the variance and recover {range "over_mean" (rowsOf "residual stream")} of the loss over mean ablation, on the hidden layer {range "explained_variance" (rowsOf "hidden layer")} and {range "over_mean" (rowsOf "hidden layer")}."""
        Figures =
            [
                missing "over_mean" "loss lost, share"
                |> Figure.captioned
                    "Share of the loss between the model as it is (0) and mean ablation (1) that is lost with the reconstruction in place of the activation."
                missing "explained_variance" "variance not explained, share"
                |> Figure.captioned
                    "Share of the activation's variance that the same autoencoders do not explain, on text they were not trained on."
            ]
        Tables =
            [
                rows
                |> List.map (fun r ->
                    r,
                    series
                        [
                            "Block", box (int (number "block" r))
                            "Place", blocks[r, "place"]
                            "d", int (number "d" r)
                            "L0", $"""{number "l0" r:F1}"""
                            "Explained variance", $"""{number "explained_variance" r:F3}"""
                            "Dead", $"""{number "dead" r:P1}"""
                            "Reconstructed", $"""{number "reconstructed" r:F3}"""
                            "Mean-ablated", $"""{number "mean" r:F3}"""
                            "Zero-ablated", $"""{number "zero" r:F3}"""
                            "Loss recovered", $"""{number "over_mean" r:F3}"""
                        ])
                |> Frame.ofRows
                |> Table.ofFrame
                    $"""Autoencoders of {recipe.Dictionary.Latents} latents, measured on {recipe.HeldOut:N0} tokens they were not trained on; losses in nats a token, {number "clean" 0:F3} for the model as it is; recovered is over mean ablation."""
                    40
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "An autoencoder on every block"
        Part = Part.RealModels
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
