/// Every architecture against a world with known features: does what reconstructs best also find the features best?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.SyntheticBenchmark

open System
open System.Collections.Generic
open Deedle
open Microsoft.ML
open Superposition
open Superposition.Activations
open Superposition.Analysis
open Superposition.Autoencoders
open Superposition.Storage

[<Literal>]
let private Name = "benchmark"

[<Literal>]
let private Source =
    "SynthSAEBench, arXiv 2602.14687; there of 16,384 features in 768 dimensions"

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        World: SyntheticActivationOptions
        Architectures: string[]
        Latents: int
        L0s: float[]
        Seeds: int
        Samples: int64
        LearningRate: float
        EvaluationRows: int64
    }

let private recipeOf scale =
    let full =
        {
            World = SyntheticActivationOptions.Small
            Architectures = Contender.All |> Seq.map _.Name |> Array.ofSeq
            Latents = 256
            L0s = [| 3.0; 5.0; 8.0 |]
            Seeds = 5
            Samples = 4_000_000L
            LearningRate = 1e-3
            EvaluationRows = 200_000L
        }

    let published =
        Contender.All |> Seq.filter _.IsPublished |> Seq.map _.Name |> Array.ofSeq

    match scale with
    | Quick ->
        { full with
            Architectures = published
            L0s = [| 5.0 |]
            Seeds = 1
            Samples = 300_000L
            EvaluationRows = 10_000L
        }
    | Daily ->
        { full with
            Architectures = published
            L0s = [| 5.0 |]
            Seeds = 2
            Samples = 1_000_000L
            EvaluationRows = 50_000L
        }
    | Full -> full

let private columns =
    [|
        "architecture"
        "target_l0"
        "seed"
        "l0"
        "f1"
        "mcc"
        "uniqueness"
        "explained_variance"
        "dead"
        "shrinkage"
    |]

/// One training, scored.
type internal Row =
    {
        Architecture: string
        Target: float
        Seed: int
        Score: SyntheticScore
    }

/// All architectures at all L0s over one pass of a world of a seed's own.
let private trainAll (settings: RunSettings) (recipe: Recipe) (seed: int) : Row[] =
    let world =
        MLContext().Data.SyntheticActivations(recipe.World.WithSeed(recipe.World.Seed + int64 seed))

    let tasks =
        [|
            for architecture in recipe.Architectures do
                for l0 in recipe.L0s -> architecture, l0
        |]

    let options =
        tasks
        |> Array.map (fun (architecture, l0) ->
            Contender.Find(architecture).Options(recipe.Latents, l0, recipe.Samples, int64 seed, recipe.LearningRate))

    let trained =
        SparseAutoencoderSet.Train(
            world,
            "Activations",
            Array.append
                [|
                    options[0].Watched(Settings.stage $"benchmark, seed {seed}" settings, settings.Cancellation)
                |]
                options[1..]
        )

    let truth = world.Dictionary

    Seq.zip3 tasks options trained
    |> Seq.map (fun ((architecture, l0), options, trained) ->
        {
            Architecture = architecture
            Target = l0
            Seed = seed
            Score = Scoring.measure world truth options recipe.EvaluationRows settings.Cancellation trained.Autoencoder
        })
    |> Array.ofSeq

let private write (rows: Row[]) =
    let table = CsvTable columns

    for row in rows do
        table.Add
            [|
                box row.Architecture
                row.Target
                row.Seed
                row.Score.L0
                row.Score.F1
                row.Score.Mcc
                row.Score.Uniqueness
                row.Score.Ev
                row.Score.Dead
                row.Score.Shrinkage
            |]

    table

let internal read (table: CsvTable) : Row[] =
    Array.init table.Count (fun r ->
        let number column = table.Number(r, column)

        {
            Architecture = table[r, "architecture"]
            Target = number "target_l0"
            Seed = int (number "seed")
            Score =
                {
                    L0 = number "l0"
                    F1 = number "f1"
                    Mcc = number "mcc"
                    Uniqueness = number "uniqueness"
                    Ev = number "explained_variance"
                    Dead = number "dead"
                    Shrinkage = number "shrinkage"
                    Rows = 0L
                }
        })

/// The L0 that the claims are made at: the middle one, nearest to what the features themselves have.
let private middle (recipe: Recipe) = recipe.L0s[recipe.L0s.Length / 2]

let private claims (recipe: Recipe) (rows: Row[]) =
    let bySeed =
        rows
        |> Array.filter (fun row -> row.Target = middle recipe)
        |> Array.groupBy _.Seed
        |> Array.map snd

    let f1Rank (of': Row) (among: Row[]) =
        among
        |> Array.filter (fun row -> row.Score.F1 < of'.Score.F1)
        |> Array.length
        |> float

    let over measure =
        bySeed |> Array.map measure |> Statistics.estimate

    [
        over (fun rows -> f1Rank (rows |> Array.maxBy _.Score.Ev) rows)
        |> Verdicts.atMost
            "benchmark.best-ev-worst-f1"
            $"What explains most variance detects features worst (L0 = {middle recipe:G3}): architectures with a lower F1 than the one with the highest explained variance."
            Source
            0.0
        over (fun rows ->
            let matryoshka, others =
                rows |> Array.partition (fun row -> row.Architecture = "matryoshka")

            matryoshka[0].Score.F1 - (others |> Array.map _.Score.F1 |> Array.max))
        |> Verdicts.atLeast
            "benchmark.matryoshka-leads"
            $"Matryoshka detects features best (L0 = {middle recipe:G3}): its F1 less the best other's."
            Source
            0.0
        rows
        |> Array.map (fun row -> if Scoring.missesL0 row.Target row.Score then 0.0 else 1.0)
        |> Statistics.estimate
        |> Verdicts.atLeast
            "benchmark.l0-reached"
            "Share of trainings whose realised L0 lies within 5 % of the target; the others are marked in the table."
            "our own bar"
            1.0
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let rows =
        [| 0 .. recipe.Seeds - 1 |]
        |> Settings.sideBySide (trainAll settings recipe)
        |> Array.concat

    settings
    |> Settings.leave Name recipe (claims recipe rows) (fun folder -> folder.WriteCsv("scores.csv", write rows))

/// 0.732 ± 0.001, or the number alone.
let private spread (values: float[]) =
    let estimate = Statistics.estimate values

    if estimate.Count = 1 then
        $"{estimate.Mean:F3}"
    else
        $"{estimate.Mean:F3} ± {estimate.Sd:F3}"

let private table (rows: Row[]) =
    let title name = Contender.Find(name).Title

    rows
    |> Array.groupBy (fun row -> row.Target, row.Architecture)
    |> Array.sortBy (fun ((target, _), group) -> target, -(group |> Array.averageBy _.Score.F1))
    |> Array.map (fun ((target, architecture), group) ->
        let over measure =
            group |> Array.map (fun row -> measure row.Score)

        let missed =
            group
            |> Array.filter (fun row -> Scoring.missesL0 target row.Score)
            |> Array.length

        let l0 =
            (over _.L0 |> spread)
            + (if missed > 0 then
                   $" ({missed} of {group.Length} off)"
               else
                   "")

        series
            [
                "Target L0", box target
                "Architecture", box (title architecture)
                "L0", box l0
                "F1", box (over _.F1 |> spread)
                "MCC", box (over _.Mcc |> spread)
                "Uniqueness", box (over _.Uniqueness |> spread)
                "Explained variance", box (over _.Ev |> spread)
                "Dead", box (over _.Dead |> spread)
            ])
    |> Array.indexed
    |> Frame.ofRows

/// A point a training: the published architectures each in a colour, the others in one.
let private figure (rows: Row[]) : Figure =
    let group (row: Row) =
        let contender = Contender.Find row.Architecture

        if contender.IsPublished then
            contender.Title
        else
            "the others"

    rows
    |> Array.groupBy group
    |> Array.sortBy (fun (name, _) -> name = "the others")
    |> Array.map (fun (name, rows) -> Series.Of(name, rows |> Array.map _.Score.Ev, rows |> Array.map _.Score.F1))
    |> List.ofArray
    |> Charts.scatter (Axis.Linear "explained variance") (Axis.Linear "F1")
    |> Figure.captioned
        "Each point a training. To the right what reconstructs better, above what finds the features better; the L0 differs along each cloud."

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let rows = read (folder.Csv "scores.csv")
    let atMiddle = rows |> Array.filter (fun row -> row.Target = middle recipe)

    let mean measure =
        atMiddle
        |> Array.groupBy _.Architecture
        |> Array.map (fun (name, group) ->
            Contender.Find(name).Title, group |> Array.averageBy (fun row -> measure row.Score))

    let bestEv, bestF1 = mean _.Ev |> Array.maxBy snd, mean _.F1 |> Array.maxBy snd
    let f1OfBestEv = mean _.F1 |> Array.find (fun (name, _) -> name = fst bestEv) |> snd

    {
        Lead =
            $"{recipe.World.Features} features in {recipe.World.Dimensions} dimensions, in trees and correlated, {recipe.Latents} latents, L0 = {middle recipe:G3}: "
            + $"{fst bestEv} explains most variance ({snd bestEv:F3}) with an F1 of {f1OfBestEv:F3}; {fst bestF1} detects features best ({snd bestF1:F3})."
        Figures = [ figure rows ]
        Tables =
            [
                table rows
                |> Table.ofFrame "Mean ± standard deviation over seeds, best F1 first." 40
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Every architecture on a world with known features"
        Part = Part.Dictionaries
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
