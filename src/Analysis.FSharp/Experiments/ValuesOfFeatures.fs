/// What an active feature is worth, changed: problems 4.7, 4.8 and 4.9 ask of three distributions what becomes of the geometry that
/// values uniform in [0, 1] lead to.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.ValuesOfFeatures

open System.Collections.Generic
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

/// Five features in the plane, and as many for a dimension as the paper's geometry has room for in a small model.
let private small, large = (5, 2), (60, 12)

/// What follows from the scale, as run.json holds it: densities and instances of the plane, then of the larger model.
type Recipe =
    {
        Values: FeatureValues
        Densities: float[]
        Instances: int
        LargeDensities: float[]
        LargeInstances: int
        Steps: int
        Seed: int64
    }

/// [count] From the first to the last in equal ratios.
let private between (first: float) (last: float) count =
    Array.init count (fun t -> first * (last / first) ** (float t / float (count - 1)))

let private recipeOf (values: FeatureValues) scale =
    let full =
        {
            Values = values
            Densities = between 0.7 0.03 24
            Instances = 10
            LargeDensities = between 0.5 0.01 8
            LargeInstances = 3
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Densities = between 0.7 0.03 6
            Instances = 3
            LargeDensities = between 0.5 0.01 3
            LargeInstances = 1
            Steps = 1_500
        }
    | Daily
    | Full -> full

/// What one kind of values led to; losses are shares of the loss of a model that stores nothing, so that kinds compare.
type private Sweep =
    {
        /// Descending.
        Densities: float[]
        /// [densities] of [5, 2] The best instance's.
        Best: float[,][]
        BestLoss: float[]
        LargeDensities: float[]
        /// [densities] of [instances] of [60, 12]
        Large: float[,][][]
        /// [densities] of [instances]
        LargeLoss: float[][]
    }

let private cell (recipe: Recipe) (n, d) instances (p: float) =
    let world = Toys.worldOf recipe.Values n p recipe.Seed

    ToyModelOptions(Dimensions = d, Instances = instances, Seed = recipe.Seed, Steps = recipe.Steps)
    |> Toys.cell world

/// The loss of a cell's instances, each as a share of Σ_i Var x_i, which storing nothing costs.
let private shares (cell: ToyModelCell) =
    let world = cell.Recipe.World
    let p, values = (world.Density.Expand 1)[0], world.Values

    let nothing =
        float world.Features
        * (p * values.MeanSquare - p * p * values.Mean * values.Mean)

    cell.Instances |> Seq.map (fun model -> model.Loss / nothing) |> Seq.toArray

let private train (settings: RunSettings) name (recipe: Recipe) =
    let cells =
        [|
            for p in recipe.Densities -> cell recipe small recipe.Instances p
            for p in recipe.LargeDensities -> cell recipe large recipe.LargeInstances p
        |]
        |> Toys.train name None settings

    let inPlane, larger = Array.splitAt recipe.Densities.Length cells

    dict
        [
            "density", Toys.vector recipe.Densities
            "W", inPlane |> Array.map (_.Best >> Toys.weights) |> Toys.stack
            "loss", inPlane |> Array.map (shares >> Array.min) |> Toys.vector
            "large.density", Toys.vector recipe.LargeDensities
            "large.W",
            larger
            |> Array.collect (_.Instances >> Seq.map Toys.weights >> Seq.toArray)
            |> Toys.stack
            "large.loss", larger |> Array.collect shares |> Toys.vector
        ]

let private sweep (tensors: IReadOnlyDictionary<string, StoredArray>) : Sweep =
    let densities = tensors["large.density"].ToDoubles()

    {
        Densities = tensors["density"].ToDoubles()
        Best = Toys.unstack tensors["W"]
        BestLoss = tensors["loss"].ToDoubles()
        LargeDensities = densities
        Large = Toys.unstack tensors["large.W"] |> Array.splitInto densities.Length
        LargeLoss = tensors["large.loss"].ToDoubles() |> Array.splitInto densities.Length
    }

/// Where, from dense to sparse, the best model first is of a kind: the middle of the step between two densities, with its ends as
/// the interval; 0 where it never is.
let private since (isIt: float[,] -> bool) (sweep: Sweep) : Estimate =
    let p = sweep.Densities

    let low, high =
        match Array.tryFindIndex isIt sweep.Best with
        | Some 0 -> p[0], 1.0
        | Some t -> p[t], p[t - 1]
        | None -> 0.0, Array.last p

    {
        Mean = sqrt (low * high)
        Low = low
        High = high
        Sd = nan
        Count = 1
    }

let private shape (W: float[,]) = (Geometry.arrangement W).Shape

let private inPairs = since (shape >> (=) (AntipodalPairs 2))

let private allStored = since (fun W -> (Geometry.represented W).Length = fst small)

/// Of two such steps, the first over the second, with what their ends allow.
let private over (reference: Estimate) (step: Estimate) : Estimate =
    { step with
        Mean = step.Mean / reference.Mean
        Low = step.Low / reference.High
        High = step.High / reference.Low
    }

/// The share of a larger model's stored features that have half a dimension, within 0.02, as members of a digon do.
let private inDigons (W: float[,]) =
    let D = Dimensionality.ofWeights W
    let stored = Geometry.represented W

    let digons =
        stored |> Array.filter (fun i -> abs (D[i] - 0.5) <= 0.02) |> Array.length

    float digons / float (max 1 stored.Length)

/// At the density where it is largest, over instances; a share stays in [0, 1].
let private digons (sweep: Sweep) : Estimate =
    let most =
        sweep.Large
        |> Array.map (Array.map inDigons >> Statistics.estimate)
        |> Array.maxBy _.Mean

    { most with
        Low = max 0.0 most.Low
        High = min 1.0 most.High
    }

/// What the sparsest large models lose, over what those of the reference lose, seed by seed.
let private sparseCost (reference: Sweep) (sweep: Sweep) =
    Array.map2 (/) (Array.last sweep.LargeLoss) (Array.last reference.LargeLoss)
    |> Statistics.estimate

let private claims name called (values: FeatureValues) (reference: Sweep) (found: Sweep) =
    let predicted, usual = Ansatz.pairing values, Ansatz.pairing (UniformValues())

    let own =
        "a bar of our own; values uniform in [0, 1] are trained with the same seeds"

    [
        inPairs found
        |> over
            {
                Mean = predicted
                Low = predicted
                High = predicted
                Sd = nan
                Count = 1
            }
        |> Verdicts.within
            $"{name}.pairs"
            $"Five {called} in the plane form two antipodal pairs below p = {predicted:F3}, where opposites with biases of 0 begin to pay (the measured density over it; free biases begin about a tenth earlier; the interval is a step of the sweep)."
            "p = E v²/(2 E min(v, v')² + (E v)²), derived; Toy Models of Superposition has 4/7 for values in [0, 1]"
            0.9
            1.3
        inPairs found
        |> over (inPairs reference)
        |> Verdicts.near
            $"{name}.pairs-sparser"
            $"They do so at a lower density than values in [0, 1], by the factor that the closed forms give, {predicted:F3} to {usual:F3} (density over density)."
            own
            (predicted / usual)
            (0.15 * predicted / usual)
        allStored found
        |> over (allStored reference)
        |> Verdicts.atMost
            $"{name}.all-sparser"
            "All five are stored only at a lower density, too (density over that of values in [0, 1])."
            own
            0.9
        sparseCost reference found
        |> Verdicts.atMost
            $"{name}.cheaper"
            $"Once sparse, superposition costs them less: share of the variance lost at p = {Array.last found.LargeDensities:G2}, n = 60, d = 12, over that of values in [0, 1]."
            own
            1.0
        digons found
        |> Verdicts.atLeast
            $"{name}.digons"
            "The larger model still pairs features off: at some density at least half of those stored have half a dimension each, within 0.02 (the largest share over the sweep)."
            own
            0.5
    ]

let private run name called (values: FeatureValues) (settings: RunSettings) =
    let recipe = recipeOf values settings.Scale
    let usual = recipeOf (UniformValues()) settings.Scale

    let reference =
        settings
        |> Settings.shared "uniform-values" usual (fun folder ->
            folder.WriteSafetensors("uniform.safetensors", train settings $"{name}, values in [0, 1]" usual))

    let reference = reference.Safetensors "uniform.safetensors"
    let tensors = train settings name recipe

    settings
    |> Settings.leave
        name
        recipe
        (claims name called values (sweep reference) (sweep (Dictionary tensors)))
        (fun folder ->
            folder.WriteSafetensors("values.safetensors", tensors)
            folder.WriteSafetensors("uniform.safetensors", reference))

let private describe (shape: Shape) =
    match shape with
    | Empty -> "nothing stored"
    | Orthogonal k -> $"{k} at right angles"
    | AntipodalPairs k -> $"{k} antipodal pairs"
    | Polygon 3 -> "a triangle"
    | Polygon 5 -> "a pentagon"
    | Polygon k -> $"a polygon of {k}"
    | Mixed -> "no regular shape"

let private percent (share: float) = $"{100.0 * share:F1} %%"

let private finding called (folder: RunFolder) : Finding =
    let found, reference =
        sweep (folder.Safetensors "values.safetensors"), sweep (folder.Safetensors "uniform.safetensors")

    let against (step: Sweep -> Estimate) =
        let own, usual = step found, step reference
        $"p = {own.Mean:G2} (values in [0, 1]: {usual.Mean:G2})"

    // Each shape once, where it first comes.
    let shapes =
        found.Best
        |> Array.map (shape >> describe)
        |> Array.distinct
        |> String.concat ", "

    let sparsest (sweep: Sweep) =
        Array.average (Array.last sweep.LargeLoss)

    let n, d = large

    let inUnits (sweep: Sweep) name =
        Series.OfEstimates(
            name,
            sweep.LargeDensities |> Array.map (fun p -> 1.0 / p),
            sweep.Large
            |> Array.map (Array.map Dimensionality.perFeature >> Statistics.estimate)
        )

    let lost (sweep: Sweep) name =
        Series.Of(name, sweep.Densities |> Array.map (fun p -> 1.0 / p), sweep.BestLoss)

    let panels =
        Array.zip found.Densities found.Best
        |> Array.indexed
        |> Array.filter (fun (t, _) -> t * 9 / found.Densities.Length <> (t - 1) * 9 / found.Densities.Length || t = 0)
        |> Array.map snd

    {
        Lead =
            $"Five {called} in the plane, from dense to sparse: {shapes}. Two antipodal pairs come below {against inPairs}, all five are stored below {against allStored}. "
            + $"At p = {Array.last found.LargeDensities:G2}, {n} features in {d} dimensions lose {percent (sparsest found)} of their variance (values in [0, 1]: {percent (sparsest reference)})."
        Figures =
            [
                Charts.plane "feature" (Array.init (fst small) float) panels
                |> Figure.captioned
                    $"Five {called} in the plane, best of the trained seeds, from dense to sparse: the same arrangements as for values in [0, 1], or others?"
                [ lost found called; lost reference "values in [0, 1]" ]
                |> Charts.line (Axis.Log "1/p, inverse density") (Axis.Log "share of the variance lost")
                |> Figure.captioned
                    $"What the best model of five features in the plane loses, as a share of the loss of storing nothing. At a right angle two features of five are stored and 3/5 is lost; where the curve bends, more are stored."
                Array.map2
                    (fun p models -> p, Dimensionality.ofWeights (Array.head models))
                    found.LargeDensities
                    found.Large
                |> Charts.dStar [ inUnits found called; inUnits reference "values in [0, 1]" ]
                |> Figure.captioned
                    $"D* = d/‖W‖² of {n} features in {d} dimensions with 95 %% bands over seeds, and the Dᵢ of {called} (first seed). Rows of points on a line are features of one kind of geometry."
            ]
        Tables = []
    }

/// A problem of this kind; called is how a sentence names such features.
let internal experiment (name: string) (title: string) (called: string) (values: FeatureValues) : Experiment =
    {
        Name = name
        Title = title
        Part = Part.Problems
        Answers = [ name.Substring 1 ]
        IsLong = true
        Recipe = recipeOf values >> Settings.json
        Run = run name called values
        Finding = finding called
    }
