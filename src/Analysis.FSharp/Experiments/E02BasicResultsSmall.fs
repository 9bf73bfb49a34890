/// Twenty features in five dimensions, with and without a ReLU.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.BasicResultsSmall

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage

[<Literal>]
let private Name = "E2"

[<Literal>]
let private File = "basic-results.safetensors"

/// p = 1 … 0.001, four a decade; the linear model at every second.
let private recipeOf scale : BasicResultsSetup =
    let full: BasicResultsSetup =
        {
            Features = 20
            Dimensions = 5
            Importance = PerFeature.Powers 0.7
            Densities = [| for k in 0..12 -> 10.0 ** -(float k / 4.0) |]
            LinearDensities = [| for k in 0..6 -> 10.0 ** -(float k / 2.0) |]
            Instances = 10
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            LinearDensities = [| 1.0; 0.1 |]
            Instances = 2
            Steps = 2_000
        }
    | Daily
    | Full -> full

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    let trained = BasicResults.train Name settings [ recipe ] |> List.exactlyOne

    let claims =
        BasicResults.linearClaims Name trained
        @ BasicResults.reluClaims Name trained
        @ [ BasicResults.biasClaim Name trained ]

    settings
    |> Settings.leave Name recipe claims (fun folder ->
        folder.WriteSafetensors(File, dict (BasicResults.tensors "relu" trained)))

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors File
    let relu = BasicResults.models "relu" tensors
    let linear = BasicResults.models "relu.linear" tensors

    {
        Lead =
            $"A linear model stores {BasicResults.stored linear} of 20 features in 5 dimensions whatever their density; with a ReLU {BasicResults.stored [| relu[0] |]} are stored at p = 1 and {BasicResults.stored [| Array.last relu |]} at p = {fst (Array.last relu):G1}."
        Figures =
            [
                Array.append
                    (linear
                     |> BasicResults.along [ 1.0 ]
                     |> Array.map (fun (p, W) -> $"linear, p = {p:G2}", W))
                    (relu
                     |> BasicResults.along [ 0.0; 0.17; 0.34; 0.5; 1.0 ]
                     |> Array.map (fun (p, W) -> $"ReLU, p = {p:G2}", W))
                |> Charts.featureBars
                |> Figure.captioned
                    "WWᵀ and lengths ‖Wᵢ‖ of 20 features, the most important at the top (Iᵢ = 0.7ⁱ), best seed at each density. A bar to the line at 1 is a feature stored whole, in blue with a dimension of its own; an antipodal pair is a blue square off the diagonal."
                BasicResults.storedSeries "linear: stored" linear
                :: BasicResults.counts "ReLU: " relu
                |> Charts.line (Axis.Log "1/p") (Axis.Linear "features")
                |> Charts.withLevels [ "d = 5", 5.0; "2d", 10.0; "n", 20.0 ]
                |> Figure.captioned
                    "How many features are stored, and how many of them in superposition: others hold their direction half as strongly as they do, or more."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Twenty features in five dimensions, with and without a ReLU"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
