/// Whether superposition makes a model easier to attack.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.AdversarialExamples

open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "E16"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Relationship to Adversarial Robustness\""

/// The density at which the attack on a model in superposition is told by a number.
[<Literal>]
let private Sparse = 0.05

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Models: UniformRecipe
        /// Rows attacked, new ones for every model.
        Samples: int
        /// λ over the mean norm of the rows.
        NormFraction: float
    }

let private recipeOf scale =
    {
        Models = UniformModels.recipe scale
        Samples =
            match scale with
            | Quick -> 300
            | Daily
            | Full -> 1_000
        NormFraction = Adversary.NormFraction
    }

/// Increases of the loss per λ². λ follows the norm of the rows, which falls with p: without the division, sparse models
/// would look robust because their attacks are small. A model that stores its features whole has 1.
type private Attacked =
    {
        PerDimension: float
        /// All samples meet the one attack that costs most on average.
        OneAttack: float
        /// Each sample meets the attack that costs it most.
        OwnAttack: float
    }

let private attack (recipe: Recipe) place (model: UniformModel) =
    let rows =
        Toys.world recipe.Models.Features model.P (recipe.Models.Seed + 1_000L + int64 place)
        |> Toys.rows recipe.Samples

    let importance = Array.create recipe.Models.Features 1.0

    let vulnerability =
        Adversary.vulnerability recipe.NormFraction model.W model.B importance rows

    let perSquare increase =
        increase / (vulnerability.Norm * vulnerability.Norm)

    {
        PerDimension = 1.0 / Dimensionality.perFeature model.W
        OneAttack = perSquare vulnerability.Increase
        OwnAttack = perSquare vulnerability.ChosenIncrease
    }

/// The two readings of "the worst attack".
let private readings =
    [
        "one-attack", "one attack for all inputs, the one that costs most on average", "one_attack"
        "own-attack", "each input meets the attack that costs it most", "own_attack"
    ]

/// A row a model: density, ‖W‖²/d, and both vulnerabilities over the dense models'.
let private tabulate (attacked: (float * Attacked[])[]) =
    let dense = attacked[0] |> snd

    let one, own =
        dense |> Array.averageBy _.OneAttack, dense |> Array.averageBy _.OwnAttack

    let table =
        CsvTable("density", "instance", "per_dimension", "one_attack", "own_attack")

    for p, models in attacked do
        models
        |> Array.iteri (fun j model ->
            table.Add(p, j, model.PerDimension, model.OneAttack / one, model.OwnAttack / own))

    table

let private column (name: string) (table: CsvTable) =
    Array.zip (table.Numbers "density") (table.Numbers name)
    |> Array.groupBy fst
    |> Array.map (fun (p, rows) -> p, Array.map snd rows)

let private claims (recipe: Recipe) (table: CsvTable) =
    let of' = $"n = {recipe.Models.Features}, d = {recipe.Models.Dimensions}"
    let perDimension = table |> column "per_dimension" |> Array.map snd

    [
        for id, reading, name in readings do
            let byDensity = table |> column name
            let sweeps = byDensity |> Array.map (fun (_, models) -> models.Length) |> Array.min

            let sweep j =
                byDensity |> Array.map (fun (_, models) -> models[j])

            let p, sparse = byDensity |> Array.minBy (fun (p, _) -> abs (log (p / Sparse)))

            Array.init sweeps (sweep >> Array.max)
            |> Statistics.estimate
            |> Verdicts.atLeast
                $"{Name}.{id}-peak"
                $"As superposition forms, vulnerability rises to more than 3 times the dense model's; {reading} ({of'}; the highest over the densities, mean over sweeps)."
                Source
                3.0

            Statistics.estimate sparse
            |> Verdicts.atLeast
                $"{Name}.{id}-sparse"
                $"At p = {p:G2} vulnerability is more than 3 times the dense model's; {reading} ({of'}; mean over seeds)."
                Source
                3.0

            Array.init sweeps (fun j ->
                Statistics.spearman (sweep j) (perDimension |> Array.map (fun models -> models[j])))
            |> Statistics.estimate
            |> Verdicts.atLeast
                $"{Name}.{id}-parallel"
                $"Vulnerability rises with ‖W‖²/d, the features per dimension; {reading} ({of'}; Spearman's ρ over the densities, mean over sweeps)."
                Source
                0.9
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let table =
        UniformModels.all recipe.Models settings
        |> Array.mapi (fun place (p, models) ->
            settings.Cancellation.ThrowIfCancellationRequested()

            p,
            models
            |> Array.mapi (fun j model -> attack recipe (place * models.Length + j) model))
        |> tabulate

    settings
    |> Settings.leave Name recipe (claims recipe table) (fun folder -> folder.WriteCsv("vulnerability.csv", table))

let private finding (folder: RunFolder) : Finding =
    let table = folder.Csv "vulnerability.csv"

    let estimates name =
        table
        |> column name
        |> Array.map (fun (p, models) -> 1.0 / p, Statistics.estimate models)
        |> Array.unzip

    let peak name =
        let inverse, byDensity = estimates name
        let at = byDensity |> Array.indexed |> Array.maxBy (fun (_, e) -> e.Mean) |> fst
        $"{byDensity[at].Mean:F1} times the dense model's (at 1/p = {inverse[at]:F0}, and {(Array.last byDensity).Mean:F1} at {Array.last inverse:F0})"

    let figure (_, reading, name) =
        let inverse, byDensity = estimates name

        Charts.adversarial
            (Series.OfEstimates("vulnerability", inverse, byDensity))
            (Series.OfEstimates("features per dimension", inverse, snd (estimates "per_dimension")))
        |> Figure.captioned
            $"How much an attack of a tenth of the mean input norm raises the loss, per λ² and over the dense models' value, beside ‖W‖²/d; {reading}. Where features share dimensions, small pushes on many inputs add up in one output."

    let one, own = peak "one_attack", peak "own_attack"

    {
        Lead =
            $"With one attack for all inputs, vulnerability reaches {one}; when each input meets its own worst attack, {own}."
        Figures = readings |> List.map figure
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Adversarial examples out of superposition"
        Part = Part.Paper
        Answers = [ "4.33" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
