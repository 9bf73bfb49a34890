/// The introductory figure of Toy Models of Superposition: five features, two dimensions, ten densities.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Introduction

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E1"

[<Literal>]
let private Source = "Toy Models of Superposition, introduction and notebook"

let private features, dimensions = 5, 2

/// The notebook's: p = 20^−linspace(0, 1), ten of them.
let private densities = [| for t in 0..9 -> 20.0 ** -(float t / 9.0) |]

/// What follows from the scale, as run.json holds it: instances a density, and steps.
type Recipe =
    {
        Densities: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Densities = densities
            Instances = 10
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 3
            Steps = 1_500
        }
    | Daily
    | Full -> full

let private cell recipe (importance: PerFeature) (p: float) =
    ToyModelOptions(
        Dimensions = dimensions,
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Importance = importance,
        Steps = recipe.Steps
    )
    |> Toys.cell (Toys.world features p recipe.Seed)

/// Share of the seeds that ended within 2 % of the best with an arrangement.
let private shareWith (fits: Shape -> bool) (cell: ToyModelCell) =
    Toys.converged 0.02 cell
    |> Array.map (fun instance ->
        if fits (Geometry.arrangement (Toys.weights instance)).Shape then
            1.0
        else
            0.0)
    |> Statistics.estimate

let private claims (byDensity: ToyModelCell[]) (pentagon: ToyModelCell) =
    let dimensionalities =
        Toys.converged 0.02 pentagon
        |> Array.collect (Toys.weights >> Dimensionality.ofWeights)

    let pairs =
        byDensity
        |> Array.filter (fun cell -> (Geometry.arrangement (Toys.weights cell.Best)).Shape = AntipodalPairs 2)

    [
        shareWith ((=) (Orthogonal 2)) byDensity[0]
        |> Verdicts.atLeast
            $"{Name}.dense-orthogonal"
            "At p = 1 two features are stored at a right angle and three are dropped (share of converged seeds)."
            Source
            1.0
        Statistics.estimate [| float pairs.Length |]
        |> Verdicts.atLeast
            $"{Name}.middle-pairs"
            "In between, four features form two antipodal pairs (number of densities where the best instance does)."
            Source
            1.0
        shareWith ((=) (Polygon 5)) byDensity[9]
        |> Verdicts.atLeast
            $"{Name}.sparse-pentagon"
            "At p = 1/20 all five features form a pentagon (share of converged seeds)."
            Source
            1.0
        { Statistics.estimate dimensionalities with
            Low = Array.min dimensionalities
            High = Array.max dimensionalities
        }
        |> Verdicts.near
            $"{Name}.pentagon-dimensionality"
            "At p = 1/20 and equal importance every feature has two fifths of a dimension (mean and range over features of converged seeds)."
            "Toy Models of Superposition, \"Feature Dimensionality\""
            0.4
            0.01
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        [|
            for p in densities do
                cell recipe (PerFeature.Powers 0.9) p
            cell recipe (PerFeature.All 1.0) 0.05
        |]
        |> Toys.train Name None settings

    let byDensity, pentagon = Array.take densities.Length cells, Array.last cells

    let tensors =
        dict
            [
                "density", Toys.vector densities
                "W", byDensity |> Array.map (_.Best >> Toys.weights) |> Toys.stack
                "loss", byDensity |> Array.map _.Best.Loss |> Toys.vector
                "pentagon", StoredArray.Of(Toys.weights pentagon.Best)
            ]

    settings
    |> Settings.leave Name recipe (claims byDensity pentagon) (fun folder ->
        folder.WriteSafetensors("introduction.safetensors", tensors))

let private describe (shape: Shape) =
    match shape with
    | Empty -> "nothing"
    | Orthogonal 2 -> "two at a right angle"
    | Orthogonal k -> $"{k} at right angles"
    | AntipodalPairs 2 -> "two antipodal pairs"
    | AntipodalPairs k -> $"{k} antipodal pairs"
    | Polygon 5 -> "a pentagon"
    | Polygon k -> $"a polygon of {k}"
    | Mixed -> "no regular shape"

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "introduction.safetensors"
    let p = tensors["density"].ToDoubles()
    let models = Toys.unstack tensors["W"]

    let shapes = models |> Array.map (Geometry.arrangement >> _.Shape >> describe)
    let importance = Array.init features (fun i -> 0.9 ** float i)

    {
        Lead =
            $"The sparser the features, the more of them two dimensions hold: {shapes[0]} when every feature is always on, "
            + $"{shapes[5]} at p = {p[5]:F2}, {shapes[9]} at p = {p[9]:F2}."
        Figures =
            [
                Charts.plane "importance" importance (Array.zip p models)
                |> Figure.captioned
                    "Directions of five features of importance 0.9ⁱ in the plane, best of the trained seeds at each of ten densities. A segment of length 1 is a feature stored whole."
                Charts.gram (Array.map2 (fun p W -> $"p = {p:F2}", W) p models)
                |> Figure.captioned
                    "WWᵀ at the same densities: the diagonal says how much of a feature is stored, the rest which features disturb each other."
                Array.map2 (fun p W -> p, Dimensionality.ofWeights W) p models
                |> Charts.dimensionality
                |> Figure.captioned
                    "Feature dimensionality Dᵢ against 1/p: a dimension of its own, half of one in an antipodal pair, two fifths in a pentagon."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Five features in two dimensions, as the paper begins"
        Part = Part.Paper
        Answers = []
        IsLong = false
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
