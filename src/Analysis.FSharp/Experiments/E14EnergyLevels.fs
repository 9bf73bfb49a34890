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

/// A feature moves when Dᵢ changes by more than this between two looks.
[<Literal>]
let private Moves = 0.02

/// Of the training: the fall from random weights, before features part.
[<Literal>]
let private Beginning = 0.02

/// Of the training: from here on, jumps are between levels rather than to the first.
[<Literal>]
let private Early = 0.1

/// A feature with more of a dimension than this is stored: no level but that of features that are not lies below.
[<Literal>]
let private Stored = 0.2

/// Of all falls of the loss between two looks: the steepest.
[<Literal>]
let private Steepest = 0.1

/// Looks to either side that the slow course is taken from.
[<Literal>]
let private Reach = 10

/// Features a figure shows.
[<Literal>]
let private Shown = 40

/// One training.
type private Measured =
    {
        /// From a level to another, after a tenth of the training.
        Jumps: Jump[]
        /// Share of the features stored at the end that are then at a level.
        AtLevel: float
        /// The first look after the beginning, and the last before which a feature moves.
        First: int
        Last: int
        /// [Last − First] features that move between a look and the next.
        Moving: float[]
        /// [Last − First] by which share the loss falls.
        Falls: float[]
    }

let private measure (training: WatchedTraining) =
    let D, looks = training.Dimensionality, training.Steps.Length
    let after share = float looks * share |> ceil |> int
    let moving = Jumps.moving Moves D |> Array.map float
    let first = after Beginning

    let last =
        moving
        |> Array.tryFindIndexBack (fun count -> count > 0.0)
        |> Option.map ((+) 1)
        |> Option.defaultValue 0
        |> max (min (first + Reach) (looks - 1))

    let stored = D[looks - 1, *] |> Array.filter (fun D -> D > Stored)

    {
        Jumps =
            Jumps.between tolerance gap D
            |> Array.filter (fun jump -> jump.First >= after Early)
        AtLevel =
            stored
            |> Array.averageBy (fun D ->
                if (Dimensionality.level tolerance D).IsSome then
                    1.0
                else
                    0.0)
        First = first
        Last = last
        Moving = moving[first .. last - 1]
        Falls =
            training.Loss[first..last]
            |> Array.pairwise
            |> Array.map (fun (before, after) -> log (before / after))
    }

/// Features that move during the steepest falls, over how many do on average; 0 where none moves.
let private concentration (measured: Measured) =
    let steepest =
        Array.zip measured.Falls measured.Moving
        |> Array.sortByDescending fst
        |> Array.truncate (float measured.Falls.Length * Steepest |> round |> int |> max 1)

    match Array.average measured.Moving with
    | 0.0 -> 0.0
    | average -> (steepest |> Array.averageBy snd) / average

let private standing (measured: Measured) =
    Statistics.amongShifts (Statistics.sudden Reach measured.Falls) (Statistics.sudden Reach measured.Moving)

/// The second form of these claims: after a first run moves are counted until nothing moves, not jumps after the beginning, and the claim
/// on levels came in. The bars are as they were.
let private claims (recipe: UniformRecipe) (trainings: Measured[]) =
    let of' =
        $"n = {recipe.Features}, d = {recipe.Dimensions}, p = {recipe.Densities[recipe.Watched]:F2}"

    let over measure =
        trainings |> Array.map measure |> Statistics.estimate

    [
        over _.AtLevel
        |> Verdicts.atLeast
            $"{Name}.levels"
            $"In the end, the features that are stored lie at levels, within {tolerance} ({of'}; share, mean over seeds)."
            $"{Source}; the bar is E7's"
            0.7
        over (fun training -> float training.Jumps.Length)
        |> Verdicts.atLeast
            $"{Name}.jumps"
            $"After the first {Early:P0} of the training, features jump between levels at least {gap} apart ({of'}; jumps a training, mean over seeds)."
            Source
            1.0
        over concentration
        |> Verdicts.atLeast
            $"{Name}.drops"
            $"The loss falls when features move: during the steepest {Steepest:P0} of its falls more of them do than on average, from the first {Beginning:P0} of the training until nothing moves ({of'}; ratio, mean over seeds)."
            $"{Source}; the bar is our own"
            1.5
        over standing
        |> Verdicts.atLeast
            $"{Name}.coincidence"
            $"Sudden falls of the loss go with sudden moves of features, more than if one were shifted in time ({of'}; both less their median over {Reach} looks to either side; share of shifts with a smaller Spearman's ρ, mean over seeds)."
            $"{Source}; the bar is our own"
            0.95
    ]

/// Features that come to at least a quarter of a dimension, evenly chosen where they are many.
let private examples (training: WatchedTraining) =
    let D = training.Dimensionality

    let chosen =
        [| 0 .. Array2D.length2 D - 1 |]
        |> Array.filter (fun i -> Array.max D[*, i] >= 0.25)

    let every = max 1 ((chosen.Length + Shown - 1) / Shown)
    [| for at in 0..every .. chosen.Length - 1 -> chosen[at] |]

let private run (settings: RunSettings) =
    let recipe = UniformModels.recipe settings.Scale
    let trainings = UniformModels.watchedTrainings recipe settings
    let measured = trainings |> Array.map measure

    let table =
        CsvTable("instance", "jumps", "at_level", "still_from", "drops", "standing")

    measured
    |> Array.iteri (fun j training ->
        table.Add(
            j,
            training.Jumps.Length,
            training.AtLevel,
            trainings[j].Steps[training.Last],
            concentration training,
            standing training
        ))

    let first = trainings[0]
    let features = examples first

    let tensors =
        dict
            [
                "step", Toys.vector first.Steps
                "loss", Toys.vector first.Loss
                "D",
                [|
                    Array2D.init features.Length first.Steps.Length (fun at look ->
                        first.Dimensionality[look, features[at]])
                |]
                |> Toys.stack
            ]

    settings
    |> Settings.leave Name recipe (claims recipe measured) (fun folder ->
        folder.WriteCsv("trainings.csv", table)
        folder.WriteSafetensors("levels.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<UniformRecipe> folder
    let tensors = folder.Safetensors "levels.safetensors"
    let table = folder.Csv "trainings.csv"
    let D = (Toys.unstack tensors["D"])[0]
    let steps, loss = tensors["step"].ToDoubles(), tensors["loss"].ToDoubles()
    let still = table.Numbers "still_from"
    // What follows is still; the beginning would be a line at the left edge.
    let shown =
        [| 1 .. steps.Length - 1 |]
        |> Array.filter (fun look -> steps[look] <= 1.5 * still[0])

    let pick (values: float[]) =
        shown |> Array.map (fun look -> values[look])

    let levels =
        Array2D.init (Array2D.length1 D) shown.Length (fun i at -> D[i, shown[at]])

    let jumps, atLevel =
        Array.average (table.Numbers "jumps"), Array.average (table.Numbers "at_level")

    let lead =
        $"At p = {recipe.Densities[recipe.Watched]:F2} nothing moves any more from about step {Array.average still:F0} of {recipe.Steps} on, with {atLevel:P0} of the stored features at a level. "

    {
        Lead =
            if jumps < 1.0 then
                lead
                + "They rise to it out of the crowd, each in a few hundred steps; jumps from one level to another are rare."
            else
                lead
                + $"After the first {Early:P0} there are {jumps:F0} jumps a training from one level to another."
        Figures =
            [
                Charts.energyLevels (pick steps) levels (Series.Of("loss", pick steps, pick loss))
                |> Figure.captioned
                    $"Dᵢ of up to {Shown} features that come to a quarter of a dimension at some time of one training, and the loss (mean over the batches between two looks), until all is still. Features rise to a level and stay, or fall back out of the picture."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Do features jump between levels of dimensionality?"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = UniformModels.recipe >> Settings.json
        Run = run
        Finding = finding
    }
