/// What a sparse autoencoder finds in word vectors: features one can read, and words that carry several.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.WordFeatures

open Deedle
open Microsoft.ML
open Microsoft.ML.Data
open Superposition
open Superposition.Analysis
open Superposition.Autoencoders
open Superposition.Storage
open Superposition.Training

[<Literal>]
let internal Source = "a bar of our own, by word lists anyone can check"

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Latents: int
        K: int
        Samples: int64
        LearningRate: float
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Latents = 1024
            K = 12
            Samples = 3_000_000L
            LearningRate = 1e-3
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Latents = 256
            Samples = 200_000L
        }
    | Daily
    | Full -> full

let internal top count (words: (string * float)[]) =
    words |> Array.truncate count |> Array.map fst

/// The latent with most words of a list among its strongest, and how many they are.
let internal bestFor (list: Set<string>) count (byLatent: (string * float)[][]) =
    byLatent
    |> Array.map (fun words -> top count words |> Array.filter list.Contains |> Array.length)
    |> Array.indexed
    |> Array.maxBy snd

let internal kinds =
    [
        "months", WordLists.months, 12, 10
        "countries", WordLists.countries, 20, 15
        "verbs of speech", WordLists.speech, 20, 15
    ]

let private claims (byLatent: (string * float)[][]) =
    [
        for name, list, count, least in kinds do
            let _, found = bestFor list count byLatent

            Statistics.estimate [| float found |]
            |> Verdicts.atLeast
                ("words." + name.Replace(' ', '-'))
                $"One latent gathers {name}: of its {count} strongest words, so many are {name}."
                Source
                (float least)
    ]

let private train (settings: RunSettings) (recipe: Recipe) =
    let view, words = WordCodes.vectors settings

    let options =
        TopKOptions(
            Latents = recipe.Latents,
            K = recipe.K,
            Seed = recipe.Seed,
            Samples = recipe.Samples,
            Optimizer = AdamWOptions(LearningRate = recipe.LearningRate),
            Progress = Settings.stage "words" settings,
            Cancellation = settings.Cancellation
        )

    let fitted =
        MLContext().Transforms.SparseAutoencoder("Latents", "Activations", options).Fit view

    let latents = (fitted.Transform view).GetColumn<VBuffer<float32>> "Latents"

    let codes =
        {
            Words = words
            Active =
                [|
                    for row in latents -> [| for item in row.Items() -> item.Key, float item.Value |]
                |]
            Latents = recipe.Latents
        }

    fitted, codes

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    let fitted, codes = train settings recipe
    let history = fitted.History
    let metrics = CsvTable [| "step"; "explained_variance"; "l0"; "dead" |]

    for step, at in Seq.zip history.Steps history.Metrics do
        metrics.Add [| box step; at.ExplainedVariance; at.L0; at.DeadFraction |]

    settings
    |> Settings.leave "words" recipe (claims (WordCodes.byLatent codes)) (fun folder ->
        WordCodes.write folder codes
        WordCodes.writeDecoder folder fitted.Autoencoder
        folder.WriteCsv("metrics.csv", metrics))

let internal label (words: (string * float)[]) = top 4 words |> String.concat ", "

/// A row per latent: what it is named by its words, how often it is active, and how strongly.
let private latentTable (codes: WordCodes) (byLatent: (string * float)[][]) (chosen: int[]) =
    Frame.ofRows
        [
            for latent in chosen ->
                latent,
                series
                    [
                        "Latent", box latent
                        "Strongest words", box (top 12 byLatent.[latent] |> String.concat ", ")
                        "Words", box (Array.length byLatent.[latent])
                        "Greatest activation", box (byLatent.[latent] |> Array.head |> snd)
                    ]
        ]

/// A row per ambiguous word: its strongest latents, each named by the words it is strongest on.
let private senses (codes: WordCodes) (byLatent: (string * float)[][]) =
    Frame.ofRows
        [
            for word in WordLists.ambiguous ->
                let active =
                    codes.Active[System.Array.IndexOf(codes.Words, word)]
                    |> Array.sortByDescending snd

                word,
                series
                    [
                        "Word", box word
                        "Features",
                        box (
                            active
                            |> Array.truncate 4
                            |> Array.map (fun (latent, value) -> $"{value:F1} × ({label byLatent.[latent]})")
                            |> String.concat " + "
                        )
                    ]
        ]
    |> Frame.indexRowsOrdinally

/// Latents whose activation is spread over few words, ten words or more: those easiest to read.
let private easiest count (byLatent: (string * float)[][]) =
    let concentration (words: (string * float)[]) =
        let squares = words |> Array.map (fun (_, value) -> value * value)
        (squares |> Array.truncate 12 |> Array.sum) / Array.sum squares

    byLatent
    |> Array.indexed
    |> Array.filter (fun (_, words) -> words.Length >= 30)
    |> Array.sortByDescending (snd >> concentration)
    |> Array.truncate count
    |> Array.map fst

let private finding (folder: RunFolder) : Finding =
    let metrics = folder.Csv "metrics.csv"
    let recipe = Settings.recipe<Recipe> folder
    let codes = WordCodes.read folder recipe.Latents
    let byLatent = WordCodes.byLatent codes

    let known =
        kinds
        |> List.map (fun (name, list, count, _) -> name, fst (bestFor list count byLatent))

    let last = metrics.Count - 1
    let claims = Claims.Read folder |> List.ofSeq

    let clean =
        List.zip kinds claims
        |> List.filter (fun (_, claim) -> claim.Verdict = Verdict.Reproduced)
        |> List.map (fun ((name, _, _, _), _) -> name)

    let readable =
        if clean.IsEmpty then
            "No latent holds months, countries or verbs of speech alone."
        else
            $"""Some hold one kind of word: {String.concat ", " clean}; the tables show them all, the mixed ones too."""

    let density =
        byLatent
        |> Array.map (fun words -> float words.Length / float codes.Words.Length)
        |> Array.filter (fun p -> p > 0.0)

    {
        Lead =
            $"""{recipe.Latents} latents, {recipe.K} active a word, explain {metrics.Number(last, "explained_variance"):P0} of the variance of 30,000 GloVe vectors; """
            + $"{recipe.Latents - density.Length} latents never fire. {readable}"
        Figures =
            [
                Charts.histogram
                    "log₁₀ of the share of words a latent is active on"
                    40
                    [| "latents", density |> Array.map log10 |]
                |> Figure.captioned "How often latents fire. Most speak for one word in a hundred or fewer."
            ]
        Tables =
            [
                latentTable codes byLatent (known |> List.map snd |> Array.ofList)
                |> Table.ofFrame "The latents that the claims above are about." 10
                latentTable codes byLatent (easiest 20 byLatent)
                |> Table.ofFrame
                    "The twenty latents whose activation is most concentrated on their strongest words, chosen by rule."
                    20
                senses codes byLatent
                |> Table.ofFrame
                    "Words with several senses carry several features; activation × (strongest words of the feature)."
                    10
            ]
    }

/// The browser of its latents, out of the run folder alone.
let browser (folder: RunFolder) : BrowserPage =
    let recipe = Settings.recipe<Recipe> folder
    let codes = WordCodes.read folder recipe.Latents

    RowBrowser.page
        "Latents of GloVe word vectors"
        [
            $"A TopK autoencoder of {recipe.Latents} latents, {recipe.K} of them active a word, on {codes.Words.Length:N0} words."
        ]
        BrowserTerms.Words
        { EvidenceOptions.Default with
            Strongest = 20
        }
        codes.Words
        (SparseCodes.ofPairs codes.Latents codes.Active)
        (WordCodes.readDecoder folder)
        None

let experiment: Experiment =
    {
        Name = "words"
        Title = "What a TopK autoencoder finds in GloVe word vectors"
        Part = Part.Dictionaries
        Answers = []
        IsLong = false
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
