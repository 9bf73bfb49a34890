/// The same word vectors through three architectures at one L0: the same words, side by side.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.WordArchitectures

open System
open Deedle
open Superposition
open Superposition.Analysis
open Superposition.Autoencoders
open Superposition.Storage
open Superposition.Training

[<Literal>]
let private Name = "architectures"

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Architectures: string[]
        Latents: int
        L0: float
        Samples: int64
        LearningRate: float
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Architectures = [| "topk"; "matryoshka"; "jumprelu" |]
            Latents = 1024
            L0 = 12.0
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

let private title (name: string) = Contender.Find(name).Title

/// Trains all over one pass, and encodes every word.
let private train (settings: RunSettings) (recipe: Recipe) =
    let view, names = WordCodes.vectors settings

    let options =
        recipe.Architectures
        |> Array.map (fun name ->
            Contender
                .Find(name)
                .Options(recipe.Latents, recipe.L0, recipe.Samples, recipe.Seed, recipe.LearningRate)
                .Watched(Settings.stage "words, three architectures" settings, settings.Cancellation))

    SparseAutoencoderSet.Train(view, "Activations", options)
    |> Seq.map (fun trained ->
        let active = Array.create names.Length [||]

        let evaluation =
            SparseAutoencoderEvaluation.Of(
                trained.Autoencoder,
                view,
                "Activations",
                names.LongLength,
                observe =
                    LatentsOfRow(fun row latents values ->
                        active[int row] <- Array.map2 (fun j v -> j, float v) (latents.ToArray()) (values.ToArray()))
            )

        evaluation,
        {
            Words = names
            Active = active
            Latents = recipe.Latents
        })
    |> Array.ofSeq

let private columns =
    [|
        "architecture"
        "l0"
        "explained_variance"
        "dead"
        "shrinkage"
        yield! WordFeatures.kinds |> List.map (fun (name, _, _, _) -> name.Replace(' ', '_'))
    |]

let private claims (recipe: Recipe) (table: CsvTable) =
    [
        for r, name in Array.indexed recipe.Architectures do
            Statistics.estimate [| table.Number(r, "l0") |]
            |> Verdicts.near
                $"{Name}.l0-{name}"
                $"{title name} serves words with an L0 near the {recipe.L0:G3} it was trained for."
                "our own bar of 5 %"
                recipe.L0
                (0.05 * recipe.L0)

        for name, _, count, least in WordFeatures.kinds do
            let found = table.Numbers(name.Replace(' ', '_')) |> Array.ofSeq

            Statistics.estimate [| Array.min found |]
            |> Verdicts.atLeast
                $"{Name}.{name.Replace(' ', '-')}"
                $"""Every one of {recipe.Architectures |> Array.map title |> String.concat ", "} has a latent for {name}: of its {count} strongest words, the fewest that are {name}."""
                WordFeatures.Source
                (float least)
    ]

/// The strongest latents of each ambiguous word, each named by its own strongest words.
let private senses (codes: WordCodes) =
    let byLatent = WordCodes.byLatent codes

    WordLists.ambiguous
    |> List.map (fun word ->
        codes.Active[Array.IndexOf(codes.Words, word)]
        |> Array.sortByDescending snd
        |> Array.truncate 3
        |> Array.map (fun (latent, value) -> $"{value:F1} × ({WordFeatures.label byLatent[latent]})")
        |> String.concat " + ")

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    let trained = train settings recipe

    let table, words =
        CsvTable columns, CsvTable [| "word"; yield! recipe.Architectures |]

    for name, (evaluation, codes) in Array.zip recipe.Architectures trained do
        let byLatent = WordCodes.byLatent codes

        table.Add
            [|
                box name
                evaluation.L0
                evaluation.ExplainedVariance
                evaluation.Dead
                evaluation.Shrinkage
                for _, list, count, _ in WordFeatures.kinds do
                    box (WordFeatures.bestFor list count byLatent |> snd)
            |]

    let byArchitecture = trained |> Array.map (snd >> senses >> Array.ofList)

    for w, word in List.indexed WordLists.ambiguous do
        words.Add [| box word; yield! byArchitecture |> Array.map (fun senses -> box senses[w]) |]

    settings
    |> Settings.leave Name recipe (claims recipe table) (fun folder ->
        folder.WriteCsv("measures.csv", table)
        folder.WriteCsv("senses.csv", words))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let measures, senses = folder.Csv "measures.csv", folder.Csv "senses.csv"

    let best =
        recipe.Architectures
        |> Array.indexed
        |> Array.maxBy (fun (r, _) -> measures.Number(r, "explained_variance"))

    {
        Lead =
            $"""30,000 GloVe vectors, {recipe.Latents} latents, L0 = {recipe.L0:G3}: {title (snd best)} explains most variance ({measures.Number(fst best, "explained_variance"):P0})."""
        Figures = []
        Tables =
            [
                Frame.ofRows
                    [
                        for r, name in Array.indexed recipe.Architectures ->
                            r,
                            series
                                [
                                    "Architecture", box (title name)
                                    "L0", box (measures.Number(r, "l0"))
                                    "Explained variance", box (measures.Number(r, "explained_variance"))
                                    "Dead", box (measures.Number(r, "dead"))
                                    "‖x̂‖/‖x‖", box (measures.Number(r, "shrinkage"))
                                    for kind, _, count, _ in WordFeatures.kinds do
                                        $"{kind} of {count}", box (measures.Number(r, kind.Replace(' ', '_')))
                                ]
                    ]
                |> Table.ofFrame
                    "How each does, and how many of the strongest words of its best latent are of a kind."
                    10
                Frame.ofRows
                    [
                        for r in 0 .. senses.Count - 1 ->
                            r,
                            series
                                [
                                    "Word", box senses[r, "word"]
                                    for name in recipe.Architectures do
                                        title name, box senses[r, name]
                                ]
                    ]
                |> Table.ofFrame "The same words side by side: activation × (strongest words of the latent)." 10
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Word vectors through three architectures"
        Part = Part.Dictionaries
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
