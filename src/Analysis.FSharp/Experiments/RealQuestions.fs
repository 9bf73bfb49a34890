/// The questions of the list, asked of a real language model, each with a null; and beside them what a toy says whose answer is known.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.RealQuestions

open System
open System.Collections.Generic
open Deedle
open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "questions"

[<Literal>]
let private Source =
    "the toy models; questions of Nanda's list of 200 open problems"

let private full: RealQuestionsRecipe =
    {
        Model =
            {
                Model = "stories260k"
                Hook = "blocks.2.hook_resid_post"
                Tokens = 262_144
                HeldOut = 32_768
                Window = 256
                Latents = 1024
                L0 = 16.0
                Samples = 2_000_000L
                LearningRate = 1e-3
                Seeds = [| 1L; 2L |]
            }
        Draws = 199
        Dictionaries = 19
        Planted = 16
    }

let private recipeOf scale =
    match scale with
    | Quick ->
        { full with
            Model =
                { full.Model with
                    Tokens = 8192
                    HeldOut = 4096
                    Latents = 128
                    Samples = 60_000L
                }
            Draws = 19
            Dictionaries = 2
            Planted = 4
        }
    | Daily
    | Full -> full

/// The recipe of a scale, asked of another model or at another point where one is named.
let recipeFor (scale: Scale) (model: string | null) (hook: string | null) : RealQuestionsRecipe =
    let recipe = recipeOf scale

    { recipe with
        Model =
            { recipe.Model with
                Model = model |> Option.ofObj |> Option.defaultValue recipe.Model.Model
                Hook = hook |> Option.ofObj |> Option.defaultValue recipe.Model.Hook
            }
    }

/// The strongest tokens of a latent, by rule: the commonest among its twenty strongest places, with how often it stands there.
let private labels (real: RealModel) =
    let codes = RealModel.codes real
    let byLatent = codes.Transposed()

    Array.init codes.Width (fun latent ->
        let first, last = byLatent.Starts[latent], byLatent.Starts[latent + 1]

        let strongest =
            Array.init (last - first) (fun e -> byLatent.Columns[first + e], byLatent.Values[first + e])
            |> Array.sortByDescending snd
            |> Array.truncate 20
            |> Array.map (fun (row, _) -> real.Model.Tokenizer.Piece real.Text[row])
            |> Array.countBy id
            |> Array.sortByDescending snd

        latent, float (last - first) / float codes.Rows, strongest)
    |> Array.filter (fun (_, _, strongest) -> (strongest |> Array.sumBy snd) = 20)
    |> Array.sortByDescending (fun (_, density, strongest) -> snd strongest[0], density)
    |> Array.distinctBy (fun (_, _, strongest) -> fst strongest[0])
    |> Array.truncate 20

let private features (real: RealModel) =
    let table = CsvTable [| "latent"; "density"; "token"; "share"; "others" |]

    for latent, density, strongest in labels real do
        table.Add
            [|
                box latent
                density
                box (fst strongest[0])
                box (float (snd strongest[0]) / 20.0)
                box (strongest |> Seq.skip 1 |> Seq.truncate 3 |> Seq.map fst |> String.concat ",")
            |]

    table

let private codesTable (real: RealModel) =
    let table =
        CsvTable
            [|
                "clean"
                "reconstructed"
                "zero"
                "mean"
                "over_zero"
                "over_mean"
                "l0"
                "explained_variance"
                "dead"
                "hidden_explained_variance"
            |]

    let loss = real.Loss

    table.Add
        [|
            box loss.Clean
            loss.Reconstructed
            loss.ZeroAblated
            loss.MeanAblated
            loss.OverZero
            loss.OverMean
            real.Evaluation.L0
            real.Evaluation.ExplainedVariance
            real.Evaluation.Dead
            real.HiddenEvaluation.ExplainedVariance
        |]

    table

let private claims (recipe: RealQuestionsRecipe) (real: RealModel) (answers: Answer list) =
    [
        Statistics.estimate [| real.Loss.OverMean |]
        |> Verdicts.atLeast
            $"{Name}.loss-recovered"
            "Of the loss between mean ablation and the model as it is, the autoencoder of the residual stream recovers this share."
            "our own bar"
            0.9

        for answer in answers do
            Claim(
                $"{Name}.{answer.Name}",
                $"{answer.Question} {answer.Toy}",
                answer.Measured,
                answer.Low,
                answer.High,
                1,
                $"{answer.Expected} ({answer.NullLow:G3} to {answer.NullHigh:G3})",
                Nullable(),
                (if answer.Agrees then
                     Verdict.Reproduced
                 else
                     Verdict.NotReproduced),
                Source
            )
    ]

/// Asks all questions of a recipe, and leaves a run folder.
let ask (settings: RunSettings) (recipe: RealQuestionsRecipe) : IReadOnlyList<Answer> =
    let real = RealModel.measure settings recipe.Model
    use _ = real.Model
    let answers = AskedQuestions.answers settings recipe real

    settings
    |> Settings.leave Name recipe (claims recipe real answers) (fun folder ->
        folder.WriteCsv("questions.csv", Answer.write answers)
        folder.WriteCsv("autoencoder.csv", codesTable real)
        folder.WriteCsv("features.csv", features real))
    |> ignore

    answers :> IReadOnlyList<Answer>

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    ask settings recipe |> ignore
    Claims.Read(RunFolder.Open(settings.Folder, RunKind.Experiment))

let private table (answers: Answer list) =
    answers
    |> List.map (fun answer ->
        series
            [
                "Question", box answer.Question
                "Measured", box $"{answer.Measured:G3} ({answer.Measure})"
                "Interval", box $"{answer.Low:G3} to {answer.High:G3}"
                "Chance", box $"{answer.NullLow:G3} to {answer.NullHigh:G3}"
                "p", box answer.P
                "The toy", box answer.Toy
                "Agree", box answer.Agrees
            ])
    |> List.indexed
    |> Frame.ofRows

/// How far each measure lies from the middle of its null, in half widths of it: below 1 is what chance gives 19 times in 20.
let private figure (answers: Answer list) : Figure =
    let distance (answer: Answer) =
        let middle, half =
            (answer.NullLow + answer.NullHigh) / 2.0, (answer.NullHigh - answer.NullLow) / 2.0

        // A tenth is the least that is drawn.
        max 0.1 (abs (answer.Measured - middle) / half)

    [|
        "",
        [|
            for answer in answers ->
                answer.Name,
                {
                    Mean = distance answer
                    Low = nan
                    High = nan
                    Sd = nan
                    Count = 1
                }
        |]
    |]
    |> Charts.bars
        ""
        {
            Title = "distance from chance"
            IsLog = true
        }
    |> Charts.withLevels [ "the edge of chance", 1.0 ]
    |> Figure.captioned
        "How far each answer lies from the middle of its own null, in units of the null's half width: below 1 lies what chance gives 19 times in 20."

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<RealQuestionsRecipe> folder
    let answers = Answer.read (folder.Csv "questions.csv")
    let code, features = folder.Csv "autoencoder.csv", folder.Csv "features.csv"
    let number column = code.Number(0, column)
    let beyond = answers |> List.filter _.IsBeyond |> List.length
    let agree = answers |> List.filter _.Agrees |> List.length

    {
        Lead =
            $"""{recipe.Model.Model}, {recipe.Model.Hook}, {recipe.Model.Latents} latents at L0 = {number "l0":F1}: explained variance {number "explained_variance":F3}, loss recovered {number "over_mean":P1} over mean ablation ({number "clean":F3} nats, {number "reconstructed":F3} with the reconstruction, {number "mean":F3} with the mean). Of {answers.Length} questions {beyond} are answered beyond chance; on {agree} the toy says the same."""
        Figures = [ figure answers ]
        Tables =
            [
                table answers
                |> Table.ofFrame "What the model shows, what chance gives, what the toy says." 20
                List.init features.Count (fun r ->
                    series
                        [
                            "Latent", box (int (features.Number(r, "latent")))
                            "Density", box (features.Number(r, "density"))
                            "Token", box ("“" + features[r, "token"] + "”")
                            "Share of its 20 strongest places", box (features.Number(r, "share"))
                            "Others there", box features[r, "others"]
                        ])
                |> List.indexed
                |> Frame.ofRows
                |> Table.ofFrame
                    "Twenty features by rule: the commonest token among a latent's twenty strongest places on held-out text, the purest first, each token once."
                    20
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Six questions asked of a real language model"
        Part = Part.RealModels
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
