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
    "the toy asked beside it; questions of Nanda's list of 200 open problems"

/// What the questions follow from, as run.json holds it.
type Recipe =
    {
        Model: RealModelRecipe
        Toy: ToySubjectRecipe
        Nulls: NullRecipe
        /// Held-out tokens that the browser of the latents shows.
        Shown: int
    }

let private full: Recipe =
    let ofModel =
        {
            Latents = 1024
            L0 = 16.0
            Samples = 2_000_000L
            LearningRate = 1e-3
            Seeds = [| 1L; 2L |]
        }

    {
        Model =
            {
                Model = "stories260k"
                Hook = "blocks.2.hook_resid_post"
                Tokens = 262_144
                HeldOut = 32_768
                Window = 256
                Dictionary = ofModel
            }
        Toy =
            {
                Features = 256
                Dimensions = 64
                Neurons = 128
                Importance = 0.98
                Density = 0.05
                Steps = 10_000
                Seed = 1L
                Rows = 65_536
                HeldOut = 32_768
                // Room for every feature and for what is planted, and as many active as features are.
                Dictionary =
                    { ofModel with
                        Latents = 320
                        L0 = 256.0 * 0.05
                    }
            }
        Nulls =
            {
                Draws = 199
                Dictionaries = 19
                Planted = 16
            }
        Shown = 8192
    }

let private recipeOf scale =
    match scale with
    | Quick ->
        let quickly (dictionary: DictionaryRecipe) = { dictionary with Samples = 60_000L }

        { full with
            Model =
                { full.Model with
                    Tokens = 8192
                    HeldOut = 4096
                    Dictionary =
                        quickly
                            { full.Model.Dictionary with
                                Latents = 128
                            }
                }
            Toy =
                { full.Toy with
                    Steps = 500
                    Rows = 8192
                    HeldOut = 4096
                    Dictionary = quickly full.Toy.Dictionary
                }
            Nulls =
                {
                    Draws = 19
                    Dictionaries = 2
                    Planted = 4
                }
            Shown = 1024
        }
    | Daily
    | Full -> full

/// The recipe of a scale, asked of another model or at another point where one is named.
let recipeFor (scale: Scale) (model: string | null) (hook: string | null) : Recipe =
    let recipe = recipeOf scale

    { recipe with
        Recipe.Model.Model = model |> Option.ofObj |> Option.defaultValue recipe.Model.Model
        Recipe.Model.Hook = hook |> Option.ofObj |> Option.defaultValue recipe.Model.Hook
    }

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

let private claims (real: RealModel) (answers: Answer list) =
    [
        Statistics.estimate [| real.Loss.OverMean |]
        |> Verdicts.atLeast
            $"{Name}.loss-recovered"
            "Of the loss between mean ablation and the model as it is, the autoencoder of the residual stream recovers this share."
            "our own bar"
            0.9
        yield! answers |> List.map (Answer.claim Name Source)
    ]

/// Asks all questions of a recipe, of the model and of the toy, and leaves a run folder.
let ask (settings: RunSettings) (recipe: Recipe) : IReadOnlyList<Answer> =
    let real = RealModel.measure settings recipe.Model
    use _ = real.Model
    let subject = RealModel.subject settings recipe.Model real
    let toy = ToySubject.measure settings recipe.Toy

    let asked =
        [
            for question in AskedQuestions.all recipe.Nulls -> question, question.Ask subject, question.Ask toy.Subject
        ]

    let answers =
        [
            for question, model, ofToy in asked ->
                {
                    Name = question.Name
                    Question = question.Words
                    Model = model.Measurement
                    Toy = ofToy.Measurement
                    Truth = question.Truth toy
                }
        ]

    let pictures =
        [
            for question, model, ofToy in asked ->
                question.Name,
                QuestionPictures.ofSubject "the model" model.Picture
                @ QuestionPictures.ofSubject "the toy" ofToy.Picture
        ]

    settings
    |> Settings.leave Name recipe (claims real answers) (fun folder ->
        folder.WriteCsv("questions.csv", Answer.write answers)
        folder.WriteCsv("pictures.csv", QuestionPictures.write pictures)
        folder.WriteCsv("autoencoder.csv", codesTable real)
        folder.WriteCsv("features.csv", RealModel.latents recipe.Model real real.Text.Count |> TokenFeatures.ofLatents)

        RealModel.latents recipe.Model real recipe.Shown
        |> TextLatentsFiles.write folder real.Model.Weights)
    |> ignore

    answers :> IReadOnlyList<Answer>

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    ask settings recipe |> ignore
    Claims.Read(RunFolder.Open(settings.Folder, RunKind.Experiment))

let private table (answers: Answer list) =
    let measured (m: Measurement) =
        let interval =
            if Double.IsNaN m.Low then
                ""
            else
                $" [{m.Low:G3}, {m.High:G3}]"

        $"{m.Measured:G3}{interval}; chance {m.NullLow:G3} to {m.NullHigh:G3}, p = {m.P:G2}"

    answers
    |> List.map (fun answer ->
        series
            [
                "Question", box answer.Question
                "The toy predicts", box $"{answer.Toy.Verdict}: {measured answer.Toy}"
                "What is true of the toy", box answer.Truth
                "The model shows", box $"{answer.Model.Verdict}: {measured answer.Model}"
                "Measured", box answer.Model.Measure
                "Agree", box answer.Agrees
            ])
    |> List.indexed
    |> Frame.ofRows

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let answers = Answer.read (folder.Csv "questions.csv")
    let pictures = QuestionPictures.read (folder.Csv "pictures.csv") |> Map.ofList
    let code, features = folder.Csv "autoencoder.csv", folder.Csv "features.csv"
    let number column = code.Number(0, column)

    let beyond =
        answers
        |> List.filter (fun answer -> answer.Model.Verdict <> "chance")
        |> List.length

    let agree = answers |> List.filter _.Agrees |> List.length

    {
        Lead =
            $"""{recipe.Model.Model}, {recipe.Model.Hook}, {recipe.Model.Dictionary.Latents} latents at L0 = {number "l0":F1}: explained variance {number "explained_variance":F3}, loss recovered {number "over_mean":P1} over mean ablation ({number "clean":F3} nats, {number "reconstructed":F3} with the reconstruction, {number "mean":F3} with the mean). Of {answers.Length} questions {beyond} are answered beyond chance; on {agree} a toy that is asked the same shows the same."""
        Figures =
            QuestionPictures.distances answers
            :: (answers
                |> List.choose (fun answer ->
                    pictures.TryFind answer.Name |> Option.bind (QuestionPictures.figure answer)))
        Tables =
            [
                table answers
                |> Table.ofFrame
                    $"The loop: what a toy predicts that is asked the same, and what the model shows, each beside its chance. The toy: {recipe.Toy.Features} features of density {recipe.Toy.Density} in {recipe.Toy.Dimensions} dimensions, and in {recipe.Toy.Neurons} neurons, through a dictionary of {recipe.Toy.Dictionary.Latents} latents."
                    20
                TokenFeatures.table features
            ]
    }

/// The browser of the residual stream's latents, out of the run folder alone.
let browser (folder: RunFolder) : BrowserPage =
    let recipe = Settings.recipe<Recipe> folder
    let latents = TextLatentsFiles.read folder recipe.Model.Window

    latents
    |> TextBrowser.page
        $"Latents of {recipe.Model.Hook} of {recipe.Model.Model}"
        [
            $"A BatchTopK autoencoder of {latents.Codes.Width:N0} latents, {recipe.Model.Dictionary.L0:G3} of them active a token on average; what they do on {latents.Codes.Rows:N0} tokens that it was not trained on."
        ]
        EvidenceOptions.Default

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
