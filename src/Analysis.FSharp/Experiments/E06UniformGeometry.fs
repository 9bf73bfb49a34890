/// Uniform superposition: how many dimensions a feature gets, against how sparse the features are.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.UniformGeometry

open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "E6"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"The Geometry of Superposition\": \"Uniform Superposition\""

/// How near D* must come to a value to be there.
[<Literal>]
let private Within = 0.03

/// How many densities in a row make a plateau.
[<Literal>]
let private Plateau = 3

/// The most densities in a row at which D* is near a value.
let private longest value (dStar: float[]) =
    ((0, 0), dStar)
    ||> Array.fold (fun (most, row) D ->
        let row = if abs (D - value) <= Within then row + 1 else 0
        max most row, row)
    |> fst

/// [densities] of [instances].
let private dStar (models: (float * UniformModel[])[]) =
    models |> Array.map (snd >> Array.map (_.W >> Dimensionality.perFeature))

/// The densities lie closer together than in the first run, which had too few of them for a plateau to be counted; the bar is as it was.
let private claims (recipe: UniformRecipe) (dStar: float[][]) =
    // Instance j of each density is one sweep.
    let sweeps = dStar |> Array.map _.Length |> Array.min

    let sticky id value statement =
        Array.init sweeps (fun j -> dStar |> Array.map (fun instances -> instances[j]) |> longest value |> float)
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.{id}"
            $"{statement} (n = {recipe.Features}, d = {recipe.Dimensions}; densities in a row with |D* − {value}| ≤ {Within}, among {recipe.Densities.Length} from p = 1 to {Array.last recipe.Densities:G2}; mean over sweeps)."
            Source
            (float Plateau)

    [
        sticky "sticky-one" 1.0 "Dense features have a dimension each: D* stays at 1"
        sticky "sticky-half" 0.5 "Sparser features come in pairs: D* stays at 1/2"
    ]

let private run (settings: RunSettings) =
    let recipe = UniformModels.recipe settings.Scale
    let models = UniformModels.all recipe settings
    let table = CsvTable("density", "instance", "d_star", "represented", "loss")

    for p, instances in models do
        instances
        |> Array.iteri (fun j model ->
            table.Add(p, j, Dimensionality.perFeature model.W, (Geometry.represented model.W).Length, model.Loss))

    settings
    |> Settings.leave Name recipe (claims recipe (dStar models)) (fun folder -> folder.WriteCsv("d-star.csv", table))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<UniformRecipe> folder
    let table = folder.Csv "d-star.csv"

    let byDensity =
        Array.zip (table.Numbers "density") (table.Numbers "d_star")
        |> Array.groupBy fst
        |> Array.map (fun (p, rows) -> p, rows |> Array.map snd |> Statistics.estimate)

    let inverse, estimates =
        byDensity |> Array.map (fun (p, D) -> 1.0 / p, D) |> Array.unzip

    let near value =
        match
            Array.zip inverse estimates
            |> Array.filter (fun (_, D) -> abs (D.Mean - value) <= Within)
            |> Array.map fst
        with
        | [||] -> $"at no density near {value:G2}"
        | [| only |] -> $"near {value:G2} at 1/p = {only:F1} alone"
        | several ->
            $"near {value:G2} at {several.Length} densities, from 1/p = {several[0]:F1} to {Array.last several:F1}"

    {
        Lead =
            $"Of {recipe.Features} equal features in {recipe.Dimensions} dimensions, D* = d/‖W‖² is {near 1.0} and {near 0.5}; "
            + $"it ends at {(Array.last estimates).Mean:F2} at 1/p = {Array.last inverse:F0}."
        Figures =
            [
                Charts.dStar [ Series.OfEstimates("D*", inverse, estimates) ] [||]
                |> Figure.captioned
                    "Dimensions per feature against how sparse the features are; the band is the 95 % interval over seeds. Where the curve is flat, features keep one arrangement over a range of densities: a dimension each at the left, antipodal pairs at 1/2."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "How many dimensions a feature gets"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = UniformModels.recipe >> Settings.json
        Run = run
        Finding = finding
    }
