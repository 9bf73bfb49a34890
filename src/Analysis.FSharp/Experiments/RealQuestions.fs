/// The questions of the list, asked of a real language model, each with a null; and beside them what a toy says whose answer is known.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.RealQuestions

open System
open System.Collections.Generic
open Deedle
open Superposition.Analysis
open Superposition.Analysis.Questions
open Superposition.Models
open Superposition.Storage

[<Literal>]
let private Name = "questions"

[<Literal>]
let private Source =
    "the toy models; questions of Nanda's list of 200 open problems"

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Model: RealModelRecipe
        /// Draws of each null.
        Draws: int
        /// Draws of whole dictionaries, which are searched for polytopes.
        Dictionaries: int
        /// Directions that are planted.
        Planted: int
    }

let private full =
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
let recipeFor (scale: Scale) (model: string | null) (hook: string | null) : Recipe =
    let recipe = recipeOf scale

    { recipe with
        Model =
            { recipe.Model with
                Model = model |> Option.ofObj |> Option.defaultValue recipe.Model.Model
                Hook = hook |> Option.ofObj |> Option.defaultValue recipe.Model.Hook
            }
    }

/// Every question's random numbers.
[<Literal>]
let private Seed = 1

/// Rows that are enough for a covariance, and few enough to plant in and train on again.
let private few (rows: float[,]) =
    rows[.. min 16_384 (Array2D.length1 rows) - 1, *]

let private ofEstimate (e: Estimate) : Interval =
    {
        Value = e.Mean
        Low = e.Low
        High = e.High
    }

let private howMuch (recipe: Recipe) (real: RealModel) (dictionary: float[,]) =
    let found = HowMuch.ask Seed recipe.Draws dictionary (few real.Residual)

    let isBelow = found.Arrangement.Value < found.Arrangement.NullLow

    Answer.expecting
        "below chance"
        isBelow
        found.P
        "how-much"
        "How much superposition is there?"
        $"{found.Directions} directions in {found.EffectiveDimensions:F1} effective dimensions (of {found.Dimensions}); mean of the greatest cosine with another"
        found.Nearest
        found.Arrangement
        "More features than dimensions, and their directions keep out of each other's way: closeness to the nearest is not that of random directions."

let private monosemantic (recipe: Recipe) (real: RealModel) name what (activations: float[,]) =
    let labels = Array.init (Array2D.length1 activations) (fun r -> real.Text[r])

    let found =
        Monosemantic.measure
            { Monosemantic.defaults (LabelNull.Stories recipe.Model.Window) with
                Draws = recipe.Draws
                Seed = Seed
            }
            activations
            labels

    let pure', illusions = found.Monosemantic.Length, found.Illusions.Length

    Answer.beyond
        name
        $"Are there truly monosemantic neurons ({what})?"
        $"mean purity over the whole range; {pure'} of {Array2D.length2 activations} reach {found.Pure:G2}, {illusions} seem to by their strongest positions alone; the purest {found.Purest.Value:F2}"
        found.PurityInterval
        found.MeanPurity
        "Neurons of a toy with a hidden layer answer to few features, the more of them to one the less sparse the features are."

let private polytopes (recipe: Recipe) (dictionary: float[,]) =
    let found =
        PolytopesInside.ask Seed recipe.Draws recipe.Dictionaries Polytopes.ShapeCosine dictionary

    let named =
        [ "digons"; "triangles"; "tetrahedra"; "pentagons"; "antiprisms" ]
        |> Seq.zip found.Shapes
        |> Seq.map (fun (shape, name) -> $"{shape.Found.Length} {name} ({shape.Expected:F0} by chance)")
        |> String.concat ", "

    Answer.beyond
        "polytopes"
        "Is there a pentagon of features in here?"
        $"surprise of all polytopes, bits; {named}"
        {
            Value = found.Whole.Value
            Low = nan
            High = nan
        }
        found.Whole
        "Sparse features of equal importance settle in digons, triangles and pentagons (E6, E7)."

let private spread (recipe: Recipe) (real: RealModel) (dictionary: float[,]) =
    let scales =
        Array.init (Array2D.length2 real.Hidden) (fun j ->
            real.Hidden[*, j] |> Array.averageBy (fun a -> a * a) |> sqrt)

    let found = SpreadFeatures.measure Seed recipe.Draws 0.05 scales dictionary

    let participating =
        found.Features |> Array.map _.Participating |> Statistics.quantile 0.5

    Answer.beyond
        "spread"
        "Are features carried by several neurons?"
        $"mean concentration on neurons; half the features are carried by at most {participating:F1} of {scales.Length} neurons"
        found.ConcentrationInterval
        found.MeanConcentration
        "A toy with a hidden layer carries a feature on few neurons, not on all (E17, P4.31)."

let private agreement (recipe: Recipe) (real: RealModel) (first: float[,]) (second: float[,]) =
    let found =
        AllDirections.agreement Seed (min recipe.Draws 99) (few real.Residual) first second

    Answer.beyond
        "agreement"
        "Can all directions be found: does another seed find the same?"
        $"mean cosine of each direction with its nearest of another seed (MMCS); paired one to one {found.Paired.Value:F3}"
        found.FoundInterval
        found.FoundAgain
        "Dictionaries of a world with known features find the same features from every seed (recovery)."

let private planted (settings: RunSettings) (recipe: Recipe) (real: RealModel) =
    let found =
        AllDirections.recover
            { AllDirections.defaults with
                Directions = recipe.Planted
                Draws = recipe.Draws
                Seed = Seed
            }
            (few real.Residual)
            (fun activations ->
                activations
                |> Array2D.map float32
                |> RealModel.train settings recipe.Model "planted directions" recipe.Model.Seeds[..0]
                |> Array.head
                |> fun trained -> trained.Decoder |> Array2D.map float)

    Answer.expecting
        "at least 0.9; chance"
        (found.CameBack.Mean >= 0.9)
        found.MeanReturned.P
        "planted"
        "Can all directions be found: do known ones come back?"
        $"share of {recipe.Planted} planted directions that come back with a cosine of at least 0.9; the mean of their cosines is {found.MeanReturned.Value:F2}, by chance {found.MeanReturned.NullMean:F2}"
        (ofEstimate found.CameBack)
        { found.MeanReturned with
            NullLow = found.Decoys.Low
            NullHigh = found.Decoys.High
        }
        "Of a world with known features nearly all come back (recovery)."

let private aligned (recipe: Recipe) answer name what toy (dictionary: float[,]) =
    let found =
        NeuronAligned.ask Seed (max 1000 (recipe.Draws * 100)) recipe.Draws 0.05 dictionary

    answer
        name
        $"Is a feature neuron-aligned or an arbitrary direction ({what})?"
        $"mean greatest cosine with an axis; {found.ByCosine.Share.Mean:P0} of the directions are aligned (false discoveries 5 %%)"
        found.MeanCosine
        found.Whole
        toy

let private smuggling (recipe: Recipe) (real: RealModel) =
    let weights = real.Model.Weights
    let out = weights.Blocks[real.Layer].Down |> Array2D.map float |> Gram.transposed

    let perUnit =
        Smuggling.perUnit out (weights.FinalNorm |> Array.map float) (weights.Head |> Array2D.map float)

    let activation =
        Array.init (Array2D.length2 real.Hidden) (fun j -> real.Hidden[*, j] |> Array.averageBy abs)

    let found =
        Smuggling.measure Seed recipe.Draws activation (Array.map2 (*) activation perUnit)

    Answer.chance
        "smuggling"
        "Do some neurons smuggle: low activation, high effect on the logits?"
        $"share of the direct effect that the weakest quarter of neurons has; {found.Smugglers.Length} of them are in the strongest quarter by effect"
        found.WeakInterval
        found.BeyondTrend
        "In a toy with a LayerNorm neurons hardly smuggle (P4.39)."

let private answers (settings: RunSettings) (recipe: Recipe) (real: RealModel) =
    let residual = RealModel.dictionary real.Autoencoders[0] real.Evaluation.Firing

    let hidden =
        RealModel.dictionary real.HiddenAutoencoder real.HiddenEvaluation.Firing

    let gate, value = RealModel.parts real

    [
        howMuch recipe real residual
        monosemantic recipe real "monosemantic-gate" "the gate, silu of its pre-activation" gate
        monosemantic recipe real "monosemantic-value" "what the gate multiplies" value
        monosemantic recipe real "monosemantic-product" "what is written" real.Hidden
        polytopes recipe residual
        spread recipe real hidden
        agreement recipe real residual (real.Autoencoders[1].Decoder |> Array2D.map float)
        planted settings recipe real
        aligned
            recipe
            Answer.beyond
            "aligned-neurons"
            "hidden layer"
            "Behind a nonlinearity directions prefer the neurons (E17)."
            hidden
        aligned
            recipe
            Answer.chance
            "aligned-residual"
            "residual stream"
            "Without one no basis is preferred: the model is the same however it is turned (E6)."
            residual
        smuggling recipe real
    ]

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

let private claims (recipe: Recipe) (real: RealModel) (answers: Answer list) =
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
let ask (settings: RunSettings) (recipe: Recipe) : IReadOnlyList<Answer> =
    let real = RealModel.measure settings recipe.Model
    use _ = real.Model
    let answers = answers settings recipe real

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
    let recipe = Settings.recipe<Recipe> folder
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
