/// Does a sparse autoencoder find the features that a toy model put in superposition?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.FeatureRecovery

open Microsoft.ML
open Superposition
open Superposition.Analysis
open Superposition.Autoencoders
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels
open Superposition.Training

[<Literal>]
let private Source = "MMCS as in Sharkey et al. 2022; the bar of 0.9 is our own"

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Features: int[]
        Dimensions: int
        Density: float
        K: int
        Seeds: int
        ToySteps: int
        Samples: int64
        LearningRate: float
    }

let private recipeOf scale =
    let full =
        {
            Features = [| 64; 128 |]
            Dimensions = 32
            Density = 0.02
            K = 3
            Seeds = 5
            ToySteps = 10_000
            Samples = 5_000_000L
            LearningRate = 1e-3
        }

    match scale with
    | Quick ->
        { full with
            Features = [| 64 |]
            Seeds = 2
            ToySteps = 1_000
            Samples = 300_000L
        }
    | Daily
    | Full -> full

/// A seed's outcome: the toy's D_i and how well its features were found.
type private Outcome =
    {
        Recovery: Recovery
        Dimensionality: float[]
        ExplainedVariance: float
        L0: float
    }

let private toys (settings: RunSettings) recipe n =
    let ml = MLContext()

    let world =
        SparseFeatureOptions(Features = n, Density = PerFeature.All recipe.Density, Rows = 1_000_000_000L, Seed = 1L)

    let options =
        ToyModelOptions(
            Dimensions = recipe.Dimensions,
            Instances = recipe.Seeds,
            Seed = 2L,
            Steps = recipe.ToySteps,
            Progress = Settings.stage $"recovery, toy models n = {n}" settings,
            Cancellation = settings.Cancellation
        )

    let view = ml.Data.SparseFeatures world
    view, ml.Transforms.ToyModel("Activations", "Features", options).Fit view

let private recover (settings: RunSettings) recipe (view: SparseFeatureView) (toy: ToyModel) n seed =
    let ml = MLContext()

    let options =
        TopKOptions(
            Latents = n,
            K = recipe.K,
            Seed = int64 seed,
            Samples = recipe.Samples,
            Optimizer = AdamWOptions(LearningRate = recipe.LearningRate),
            Progress = Settings.stage $"recovery, n = {n}, seed {seed}" settings,
            Cancellation = settings.Cancellation
        )

    let activations = toy.ToTransformer("Activations", "Features").Transform view

    let fitted =
        ml.Transforms.SparseAutoencoder("Latents", "Activations", options).Fit activations

    let W = Toys.weights toy
    let last = fitted.History.Metrics[fitted.History.Metrics.Count - 1]

    {
        Recovery =
            Recovery.measure
                { Recovery.defaults with
                    Seed = 100 * seed
                }
                W
                (Array2D.map float fitted.Autoencoder.Decoder)
        Dimensionality = Dimensionality.ofWeights W
        ExplainedVariance = last.ExplainedVariance
        L0 = last.L0
    }

let private claims (recipe: Recipe) (n: int) (outcomes: Outcome[]) =
    let over measure =
        outcomes |> Array.map measure |> Statistics.estimate

    [
        over _.Recovery.FeaturesFound
        |> Verdicts.atLeast
            $"recovery.mmcs-{n}"
            $"TopK (m = n = {n}, k = {recipe.K}) finds the features of a toy model with d = {recipe.Dimensions}: mean max cosine over features."
            Source
            0.9
        over _.Recovery.MeanCosine
        |> Verdicts.atLeast
            $"recovery.matched-{n}"
            $"The same with each latent used once: mean cosine under the exact assignment, n = {n}."
            Source
            0.9
    ]

let private row n seed (outcome: Outcome) : obj[] =
    let chance = outcome.Recovery.ByChance.Value

    [|
        n
        seed
        outcome.Recovery.FeaturesFound
        outcome.Recovery.LatentsExplained
        outcome.Recovery.MeanCosine
        outcome.Recovery.Recovered
        chance.FeaturesFound.Mean
        chance.MeanCosine.Mean
        Array.average outcome.Dimensionality
        outcome.ExplainedVariance
        outcome.L0
    |]

let private columns =
    [|
        "features"
        "seed"
        "features_found"
        "latents_explained"
        "matched_cosine"
        "recovered"
        "chance_features_found"
        "chance_matched_cosine"
        "dimensionality"
        "explained_variance"
        "l0"
    |]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let outcomes =
        recipe.Features
        |> Array.map (fun n ->
            let view, fitted = toys settings recipe n

            n,
            Seq.toArray fitted.Instances
            |> Array.indexed
            |> Settings.sideBySide (fun (seed, toy) -> recover settings recipe view toy n seed))

    let metrics = CsvTable columns

    for n, bySeed in outcomes do
        bySeed |> Array.iteri (fun seed outcome -> metrics.Add(row n seed outcome))

    let cosines =
        dict
            [
                for n, bySeed in outcomes ->
                    $"cosines.{n}",
                    StoredArray.Of(
                        [|
                            for outcome in bySeed do
                                for pair in outcome.Recovery.Assigned -> pair.Value.Cosine
                        |],
                        [| int64 bySeed.Length; int64 n |]
                    )
            ]

    settings
    |> Settings.leave
        "recovery"
        recipe
        (outcomes
         |> Seq.collect (fun (n, bySeed) -> claims recipe n bySeed)
         |> List.ofSeq)
        (fun folder ->
            folder.WriteCsv("metrics.csv", metrics)
            folder.WriteSafetensors("recovery.safetensors", cosines))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let metrics = folder.Csv "metrics.csv"
    let sizes = metrics.Numbers "features"
    let distinct = Array.distinct sizes

    let over (column: string) n =
        Array.zip sizes (metrics.Numbers column)
        |> Array.filter (fun (size, _) -> size = n)
        |> Array.map snd
        |> Statistics.estimate

    let group name column =
        name, distinct |> Array.map (fun n -> $"n = {n}", over column n)

    let tensors = folder.Safetensors "recovery.safetensors"

    let found =
        distinct
        |> Array.map (fun n ->
            let mmcs = over "features_found" n
            $"{mmcs.Mean:F3} for {n:F0} features")

    {
        Lead =
            $"Trained on nothing but the {recipe.Dimensions} activations of a toy model, a TopK autoencoder finds the directions of its features: "
            + $"""mean max cosine {String.concat ", " found}; a random dictionary reaches {(over "chance_features_found" distinct[0]).Mean:F2}."""
        Figures =
            [
                Charts.bars
                    $"features in {recipe.Dimensions} dimensions"
                    (Axis.Linear "cosine to the true directions")
                    [|
                        group "MMCS" "features_found"
                        group "exact assignment" "matched_cosine"
                        group "random dictionary (MMCS)" "chance_features_found"
                        group "random dictionary (assigned)" "chance_matched_cosine"
                    |]
                |> Figure.captioned
                    "How close the dictionary comes to the toy model's own feature directions; bars are 95 % intervals over seeds."
                Charts.histogram
                    "cosine of a feature to its assigned latent"
                    40
                    (distinct |> Array.map (fun n -> $"n = {n}", tensors[$"cosines.{n}"].ToDoubles()))
                |> Figure.captioned "The same feature by feature, all seeds together."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = "recovery"
        Title = "How well a TopK autoencoder finds a toy model's features"
        Part = Part.Dictionaries
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
