/// Whether features jump between levels of dimensionality, and the loss falls when they do.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.EnergyLevels

open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "E14"

[<Literal>]
let private Source = "Toy Models of Superposition, \"Discrete Energy Level Jumps\""

/// A feature is at a level within 0.03 of it, and jumps between levels at least 0.1 apart.
let private tolerance, gap = 0.03, 0.1

/// Of the training: what comes before is the fall from random weights, when everything moves.
[<Literal>]
let private Beginning = 0.1

/// Of all falls of the loss between two looks: the steepest.
[<Literal>]
let private Steepest = 0.1

/// Looks to either side that the slow course is taken from.
[<Literal>]
let private Reach = 10

/// Features a figure shows.
[<Literal>]
let private Shown = 40

/// One training after its beginning.
type private Measured =
    {
        /// [looks − 1] features on their way.
        UnderWay: float[]
        /// [looks − 1] by which share the loss falls, less its slow course.
        Falls: float[]
        Jumps: Jump[]
    }

let private measure (training: WatchedTraining) =
    let looks = training.Steps.Length
    let from = float looks * Beginning |> ceil |> int
    let jumps = Jumps.between tolerance gap training.Dimensionality

    let falls =
        training.Loss
        |> Array.pairwise
        |> Array.map (fun (before, after) -> log (before / after))

    {
        UnderWay = (Jumps.underWay looks jumps |> Array.map float)[from..]
        Falls = Statistics.sudden Reach falls[from..]
        Jumps = jumps |> Array.filter (fun jump -> jump.First >= from)
    }

/// Features on their way during the steepest falls, over how many there are on average.
let private concentration (measured: Measured) =
    let steepest =
        Array.zip measured.Falls measured.UnderWay
        |> Array.sortByDescending fst
        |> Array.truncate (float measured.Falls.Length * Steepest |> round |> int |> max 1)

    (steepest |> Array.averageBy snd) / Array.average measured.UnderWay

let private standing (measured: Measured) =
    Statistics.amongShifts measured.Falls (Statistics.sudden Reach measured.UnderWay)

let private claims (recipe: UniformRecipe) (trainings: Measured[]) =
    let of' =
        $"n = {recipe.Features}, d = {recipe.Dimensions}, p = {recipe.Densities[recipe.Watched]:F2}, after the first {Beginning:P0} of the training"

    let moving =
        trainings |> Array.filter (fun training -> Array.sum training.UnderWay > 0.0)

    // Where nothing moves, nothing coincides.
    let over measure =
        match moving with
        | [||] -> Statistics.estimate [| 0.0 |]
        | _ -> moving |> Array.map measure |> Statistics.estimate

    [
        trainings
        |> Array.map (fun training -> float training.Jumps.Length)
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.jumps"
            $"Features jump between levels of dimensionality at least {gap} apart ({of'}; jumps a training, mean over seeds)."
            Source
            1.0
        over concentration
        |> Verdicts.atLeast
            $"{Name}.drops"
            $"The loss falls when they do: during the steepest {Steepest:P0} of its falls more features than on average are on their way ({of'}; ratio, mean over seeds)."
            $"{Source}; the bar is our own"
            1.5
        over standing
        |> Verdicts.atLeast
            $"{Name}.coincidence"
            $"Falls of the loss and features on their way, both less their slow course, go together more than if one were shifted in time ({of'}; share of shifts with a smaller Spearman's ρ, mean over seeds)."
            $"{Source}; the bar is our own"
            0.95
    ]

/// Features that jump, evenly chosen where they are many.
let private examples (training: WatchedTraining) =
    let jumping = (measure training).Jumps |> Array.map _.Feature |> Array.distinct

    let every = max 1 ((jumping.Length + Shown - 1) / Shown)

    jumping
    |> Array.indexed
    |> Array.filter (fun (at, _) -> at % every = 0)
    |> Array.map snd

let private run (settings: RunSettings) =
    let recipe = UniformModels.recipe settings.Scale
    let trainings = UniformModels.watchedTrainings recipe settings
    let measured = trainings |> Array.map measure
    let table = CsvTable("instance", "from", "to", "jumps")

    measured
    |> Array.iteri (fun j training ->
        for (before, after), count in training.Jumps |> Array.countBy (fun jump -> jump.From.Name, jump.To.Name) do
            table.Add(j, before, after, count))

    let first = trainings[0]

    let tensors =
        dict
            [
                "step", Toys.vector first.Steps
                "loss", Toys.vector first.Loss
                "feature", examples first |> Array.map float |> Toys.vector
                // [1, T, features] One row at least: a figure without features still has its loss.
                "D",
                [|
                    Array2D.init first.Steps.Length (examples first).Length (fun look at ->
                        first.Dimensionality[look, (examples first)[at]])
                |]
                |> Toys.stack
            ]

    settings
    |> Settings.leave Name recipe (claims recipe measured) (fun folder ->
        folder.WriteCsv("jumps.csv", table)
        folder.WriteSafetensors("levels.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<UniformRecipe> folder
    let tensors = folder.Safetensors "levels.safetensors"
    let table = folder.Csv "jumps.csv"
    let D = (Toys.unstack tensors["D"])[0]
    let steps, loss = tensors["step"].ToDoubles(), tensors["loss"].ToDoubles()
    // A screen shows no more.
    let shown = [| 0..2 .. steps.Length - 1 |]

    let levels =
        Array2D.init (Array2D.length2 D) shown.Length (fun i look -> D[shown[look], i])

    let jumps = table.Numbers "jumps" |> Array.sum

    let most =
        [|
            for row in 0 .. table.Count - 1 ->
                table[row, "from"] + " to " + table[row, "to"], table.Number(row, "jumps")
        |]
        |> Array.groupBy fst
        |> Array.map (fun (way, rows) -> way, rows |> Array.sumBy snd)
        |> Array.sortByDescending snd
        |> Array.truncate 3
        |> Array.map (fun (way, count) -> $"{way} ({count:F0})")
        |> String.concat ", "

    {
        Lead =
            if jumps = 0.0 then
                $"After its beginning, no feature changes its level at p = {recipe.Densities[recipe.Watched]:F2}."
            else
                $"At p = {recipe.Densities[recipe.Watched]:F2}, {jumps / float recipe.Instances:F0} jumps a training between levels of dimensionality, most often from {most}."
        Figures =
            [
                Charts.energyLevels
                    (shown |> Array.map (fun look -> steps[look]))
                    levels
                    (Series.Of("loss", steps, loss))
                |> Figure.captioned
                    $"Dᵢ of up to {Shown} features that change their level after the first {Beginning:P0} of one training, and the loss (mean over the batches between looks). Features rest on the lines of polytopes and pass quickly between them."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Features jump between levels"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = UniformModels.recipe >> Settings.json
        Run = run
        Finding = finding
    }
