/// Two bounds on what fits into few dimensions: nonlinear compression, which noise undoes, and compressed sensing, which the
/// ReLU output model may or may not reach.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Compression

open System
open Superposition.Analysis
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E22"

[<Literal>]
let private Nonlinear =
    "Toy Models of Superposition, appendix \"Nonlinear Compression\""

[<Literal>]
let private Sensing =
    "Toy Models of Superposition, appendix \"Connection between Compressed Sensing and Superposition\""

/// Features a dimension.
[<Literal>]
let private PerDimension = 32

/// A model that represents this share of its features or more may have room for others: it says nothing about the bound.
[<Literal>]
let private Capped = 0.9

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        /// σ, standard deviations of the noise on t.
        Noise: float[]
        /// Z, the levels of t.
        Levels: int[]
        Samples: int
        Dimensions: int[]
        Densities: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Noise = [| 0.0; 0.001; 0.01; 0.05 |]
            Levels = [| 2; 3; 4; 6; 8; 12; 16; 24; 32; 48; 64 |]
            Samples = 100_000
            Dimensions = [| 4; 6; 9 |]
            Densities = [| 0.3; 0.1; 0.05; 0.02; 0.01 |]
            Instances = 2
            Steps = 10_000
            Seed = 22L
        }

    match scale with
    | Quick ->
        { full with
            Samples = 20_000
            Dimensions = [| 4; 6 |]
            Instances = 1
            Steps = 600
        }
    | Daily
    | Full -> full

/// Two numbers of [0, 1] in one, t = (⌊Zx⌋ + y)/Z, read back from t + σε as x̂ = (⌊Zt⌋ + 1/2)/Z and ŷ = Zt − ⌊Zt⌋.
[<RequireQualifiedAccess>]
module internal TwoInOne =
    /// E(x − x̂)² + E(y − ŷ)² for x, y uniform on [0, 1]. Noise is magnified to δ = Zσε and carries y over the edge of its
    /// level with probability |δ|, when ŷ is off by 1 − |δ| and x̂ by one level: 1/(12Z²) + E|δ|/Z² + E|δ| − Eδ² in all.
    /// Exact while |δ| ≤ 1, which Zσ ≤ 1/4 makes nearly certain.
    let expected (Z: float) (sigma: float) : float =
        let delta = Z * sigma
        let mean = delta * sqrt (2.0 / Math.PI)
        (1.0 / 12.0 + mean) / (Z * Z) + mean - delta * delta

    /// The same from samples.
    let measured (seed: int) (samples: int) (Z: float) (sigma: float) : float =
        let random = Random seed
        let mutable sum = 0.0

        for _ in 1..samples do
            let x, y = random.NextDouble(), random.NextDouble()
            let t = (floor (Z * x) + y) / Z + sigma * Statistics.normal random
            let level = floor (Z * t)
            let readX, readY = (level + 0.5) / Z, Z * t - level
            sum <- sum + (x - readX) ** 2.0 + (y - readY) ** 2.0

        sum / float samples

/// What x alone costs, stored as it is in t + σε, when y is dropped.
let private oneAlone (sigma: float) = sigma * sigma + 1.0 / 12.0

/// 1/(−p log p): what compressed sensing allows a dimension to hold of features of density p, but for a constant.
let private bound (p: float) = 1.0 / (-p * log p)

let private cell recipe d p =
    ToyModelOptions(
        Dimensions = d,
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        HistoryEvery = recipe.Steps
    )
    |> Toys.cell (Toys.world (PerDimension * d) p recipe.Seed)

/// [noise, levels]
let private errors recipe =
    Array2D.init recipe.Noise.Length recipe.Levels.Length (fun i j ->
        TwoInOne.measured (int recipe.Seed) recipe.Samples (float recipe.Levels[j]) recipe.Noise[i])

let private hasRoom (d: int) (represented: float) =
    represented < Capped * float (PerDimension * d)

/// Slope of log (features a dimension) in log 1/(−p log p), all dimensions together.
let private inSparsity (recipe: Recipe) (represented: float[,]) =
    [|
        for i in 0 .. recipe.Dimensions.Length - 1 do
            for j in 0 .. recipe.Densities.Length - 1 do
                if hasRoom recipe.Dimensions[i] represented[i, j] then
                    bound recipe.Densities[j], represented[i, j] / float recipe.Dimensions[i]
    |]
    |> Array.unzip
    ||> LeastSquares.powerLaw

/// Slopes of log (features) in log d, of each density at which there is room in all dimensions.
let private inDimensions (recipe: Recipe) (represented: float[,]) =
    [|
        for j in 0 .. recipe.Densities.Length - 1 do
            if Array.forall2 hasRoom recipe.Dimensions represented[*, j] then
                (LeastSquares.powerLaw (Array.map float recipe.Dimensions) represented[*, j]).Slope
    |]

/// Sizes were cut to what a minute trains, and models that hold nearly all their features left out, after first runs; the bars are as they were.
let private claims recipe (errors: float[,]) (represented: float[,]) =
    let noiseless = Array.findIndex ((=) 0.0) recipe.Noise
    let loud = recipe.Noise.Length - 1

    let off =
        [|
            for i in 0 .. recipe.Noise.Length - 1 do
                for j in 0 .. recipe.Levels.Length - 1 do
                    let Z, sigma = float recipe.Levels[j], recipe.Noise[i]

                    if Z * sigma <= 0.25 then
                        abs (errors[i, j] / TwoInOne.expected Z sigma - 1.0)
        |]

    let growth = inSparsity recipe represented

    let slope =
        {
            Mean = growth.Slope
            Low = growth.Low
            High = growth.High
            Sd = growth.StandardError
            Count = represented.Length * recipe.Instances
        }

    let setting =
        $"n = {PerDimension}d, d from {recipe.Dimensions[0]} to {Array.last recipe.Dimensions}, p from {recipe.Densities[0]} to {Array.last recipe.Densities}, equal importance, models that represent less than {Capped:P0} of their features"

    [
        Statistics.estimate [| Array.max off |]
        |> Verdicts.atMost
            $"{Name}.two-in-one"
            "Two numbers in one are read back with the error that theory says, 1/(12Z²) without noise (greatest deviation over Z and σ with Zσ ≤ 1/4, as a share)."
            "derived from the code t = (⌊Zx⌋ + y)/Z"
            0.1
        Statistics.estimate [| Array.min errors[noiseless, *] / oneAlone 0.0 |]
        |> Verdicts.atMost
            $"{Name}.noiseless"
            $"Without noise, two numbers in one cost next to nothing beside dropping one of them (ratio of the errors at the best Z up to {Array.last recipe.Levels})."
            Nonlinear
            0.01
        Statistics.estimate [| Array.min errors[loud, *] / oneAlone recipe.Noise[loud] |]
        |> Verdicts.atLeast
            $"{Name}.fragile"
            $"Noise of σ = {recipe.Noise[loud]} of the range makes two numbers in one worse than dropping one of them, at any Z (ratio of the errors at the best Z; the bar is our own)."
            Nonlinear
            1.0
        inDimensions recipe represented
        |> Statistics.estimate
        |> Verdicts.near
            $"{Name}.per-dimension"
            $"A ReLU output model represents features in proportion to its dimensions (slope of log features in log d, mean over densities; {setting})."
            Sensing
            1.0
            0.1
        slope
        |> Verdicts.atMost
            $"{Name}.within-bound"
            $"Features a dimension grow no faster than compressed sensing allows, 1/(−p log p) (slope of their logarithms; features with ‖Wᵢ‖ > 1/2; {setting})."
            Sensing
            1.0
        slope
        |> Verdicts.atLeast
            $"{Name}.reaches-bound"
            $"Features a dimension grow as fast as compressed sensing allows (the same slope; the bar is our own; {setting})."
            Sensing
            0.9
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        [|
            for d in recipe.Dimensions do
                for p in recipe.Densities -> cell recipe d p
        |]
        |> Toys.train Name None settings

    let counts =
        Array2D.init recipe.Dimensions.Length recipe.Densities.Length (fun i j ->
            cells[i * recipe.Densities.Length + j].Instances
            |> Seq.map (Toys.weights >> Geometry.represented >> Array.length >> float)
            |> Seq.toArray)

    let represented = counts |> Array2D.map Array.average
    let errors = errors recipe

    let tensors =
        dict
            [
                "errors", StoredArray.Of errors
                "represented", StoredArray.Of represented
                for i in 0 .. recipe.Dimensions.Length - 1 do
                    for j in 0 .. recipe.Densities.Length - 1 do
                        $"represented-{recipe.Dimensions[i]}-{recipe.Densities[j]}", Toys.vector counts[i, j]
            ]

    settings
    |> Settings.leave Name recipe (claims recipe errors represented) (fun folder ->
        folder.WriteSafetensors("bounds.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let tensors = folder.Safetensors "bounds.safetensors"
    let errors = tensors["errors"].ToMatrix()
    let represented = tensors["represented"].ToMatrix()
    let growth = inSparsity recipe represented
    let noiseless = Array.findIndex ((=) 0.0) recipe.Noise
    let loud = recipe.Noise.Length - 1
    let bounds = recipe.Densities |> Array.map bound

    let perDimension i =
        recipe.Densities
        |> Array.map (fun p ->
            let d = recipe.Dimensions[i]

            tensors[$"represented-{d}-{p}"].ToDoubles()
            |> Array.map (fun count -> count / float d)
            |> Statistics.estimate)

    {
        Lead =
            $"A nonlinear code holds two numbers in one dimension with {Array.min errors[noiseless, *] / oneAlone 0.0:P2} of the error of dropping one, "
            + $"but with noise of σ = {recipe.Noise[loud]} with {Array.min errors[loud, *] / oneAlone recipe.Noise[loud]:P0} of it. The ReLU output model "
            + $"gains features with sparsity as (1/(−p log p))^{growth.Slope:F2} (95 %% interval of the power {growth.Low:F2} to {growth.High:F2}); compressed sensing allows the power 1."
        Figures =
            [
                [
                    for i in 0 .. recipe.Noise.Length - 1 do
                        Series.Of($"σ = {recipe.Noise[i]}", Array.map float recipe.Levels, errors[i, *])
                    Series.Of(
                        "one dropped, no noise",
                        Array.map float recipe.Levels,
                        recipe.Levels |> Array.map (fun _ -> oneAlone 0.0)
                    )
                ]
                |> Charts.line (Axis.Log "Z, levels") (Axis.Log "mean squared error, x and y together")
                |> Figure.captioned
                    "Error of x and y read back from one number, by the fineness Z of the code, at several strengths of noise: what a fine code gains without noise it loses at once with some."
                [
                    for i in 0 .. recipe.Dimensions.Length - 1 do
                        Series.OfEstimates($"d = {recipe.Dimensions[i]}", bounds, perDimension i)
                    Series.Of("1/(−p log p)", bounds, bounds)
                ]
                |> Charts.line (Axis.Log "1/(−p log p)") (Axis.Log "represented features a dimension")
                |> Figure.captioned
                    $"Features with ‖Wᵢ‖ > 1/2 that a trained ReLU output model holds a dimension, of {PerDimension} there are, against what compressed sensing allows up to a constant factor: parallel to the last line would be as good in order. Mean over seeds with its 95 %% interval."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "What compression could do, and what a ReLU does"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
