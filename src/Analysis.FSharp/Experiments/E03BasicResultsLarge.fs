/// The same with eighty features in twenty dimensions, and the notebook's hundred.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.BasicResultsLarge

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage

[<Literal>]
let private Name = "E3"

[<Literal>]
let private File = "basic-results.safetensors"

/// The paper's figure, and the notebook's cell, where every density is trained once.
type Recipe =
    {
        Paper: BasicResultsSetup
        Notebook: BasicResultsSetup
    }

/// count numbers from 1 down to 1/base, log-spaced.
let private falling (ofBase: float) count =
    [| for at in 0 .. count - 1 -> ofBase ** -(float at / float (count - 1)) |]

let private recipeOf scale =
    let full =
        {
            Paper =
                {
                    Features = 80
                    Dimensions = 20
                    Importance = PerFeature.Powers 0.9
                    Densities = falling 1000.0 10
                    LinearDensities = falling 1000.0 4
                    Instances = 3
                    Steps = 10_000
                    Seed = 1L
                }
            Notebook =
                {
                    Features = 100
                    Dimensions = 20
                    Importance = PerFeature.Of(falling 100.0 100)
                    Densities = falling 20.0 20
                    LinearDensities = [||]
                    Instances = 1
                    Steps = 10_000
                    Seed = 1L
                }
        }

    match scale with
    | Quick ->
        {
            Paper =
                { full.Paper with
                    Densities = falling 1000.0 4
                    LinearDensities = [| 1.0 |]
                    Instances = 1
                    Steps = 1_000
                }
            Notebook =
                { full.Notebook with
                    Densities = falling 20.0 3
                    Steps = 1_000
                }
        }
    | Daily
    | Full -> full

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    match BasicResults.train Name settings [ recipe.Paper; recipe.Notebook ] with
    | [ paper; notebook ] ->
        let claims =
            BasicResults.linearClaims Name paper
            @ BasicResults.reluClaims Name paper
            @ [ BasicResults.biasClaim Name paper ]
            @ BasicResults.reluClaims $"{Name}.notebook" notebook

        settings
        |> Settings.leave Name recipe claims (fun folder ->
            folder.WriteSafetensors(
                File,
                dict (BasicResults.tensors "paper" paper @ BasicResults.tensors "notebook" notebook)
            ))
    | others -> invalidOp $"Two setups came back as {others.Length}."

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors File

    let paper, notebook =
        BasicResults.models "paper" tensors, BasicResults.models "notebook" tensors

    let linear = BasicResults.models "paper.linear" tensors

    let pairsFirst id =
        Claims.Read folder
        |> Seq.exists (fun claim -> claim.Id = $"{id}.first-pairs" && claim.Verdict = Verdict.Reproduced)

    // Where importances are almost equal a triangle may come before any pair, as E5 finds near r = 1.
    let beginning =
        match pairsFirst Name, pairsFirst $"{Name}.notebook" with
        | true, true -> "In both, superposition begins with antipodal pairs."
        | true, false ->
            "Superposition begins with antipodal pairs among the 80, whose importances fall by a tenth each; not among the 100, where neighbours are almost equally important."
        | false, true -> "Superposition begins with antipodal pairs among the 100, not among the 80."
        | false, false -> "In neither does superposition begin with antipodal pairs."

    {
        Lead =
            $"At four times the size: a linear model stores {BasicResults.stored linear} of 80 features in 20 dimensions; with a ReLU {BasicResults.stored [| paper[0] |]} are stored at p = 1 and {BasicResults.stored [| Array.last paper |]} at p = {fst (Array.last paper):G1}, and of the notebook's 100 features {BasicResults.stored [| notebook[0] |]} at p = 1 and {BasicResults.stored [| Array.last notebook |]} at p = {fst (Array.last notebook):G2}. {beginning}"
        Figures =
            [
                paper
                |> BasicResults.along [ 0.0; 0.34; 1.0 ]
                |> Array.map (fun (p, W) -> $"ReLU, p = {p:G2}", W)
                |> Charts.featureBars
                |> Figure.captioned
                    "WWᵀ and lengths ‖Wᵢ‖ of 80 features, the most important at the top (Iᵢ = 0.9ⁱ), best seed at each density; blue bars have a dimension of their own."
                BasicResults.storedSeries "n = 80, linear: stored" linear
                :: BasicResults.counts "n = 80, ReLU: " paper
                @ BasicResults.counts "n = 100, ReLU: " notebook
                |> Charts.line (Axis.Log "1/p") (Axis.Linear "features")
                |> Charts.withLevels [ "d = 20", 20.0; "2d", 40.0 ]
                |> Figure.captioned
                    "How many features are stored, and how many of them in superposition, of the paper's 80 features and of the notebook's 100, whose importance falls from 1 to 1/100."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Eighty and a hundred features in twenty dimensions"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
