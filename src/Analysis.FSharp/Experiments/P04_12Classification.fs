/// Problem 4.12: classification with cross-entropy. Exactly one of n features is active, and the model says which through two
/// dimensions; the same model with squared error says it by reconstructing the feature.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Classification

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.12"

let private dimensions = 2

let private objectives =
    [
        "cross-entropy", Objective.CrossEntropy, Activation.Identity
        "squared error", Objective.SquaredError, Activation.Relu
    ]

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Classes: int[]
        Instances: int
        Steps: int
        BatchSize: int
        LearningRate: float
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Classes = [| 3; 4; 5; 6; 8; 12; 16; 24 |]
            Instances = 8
            Steps = 5_000
            BatchSize = 512
            LearningRate = 1e-2
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Classes = [| 4; 8; 24 |]
            Instances = 2
            Steps = 400
            BatchSize = 128
        }
    | Daily
    | Full -> full

let private cell recipe (objective: Objective, output: Activation) (n: int) =
    let world =
        Toys.dependentWorld (AnticorrelatedSets n) (UniformValues()) n (1.0 / float n) recipe.Seed

    ToyModelOptions(
        Dimensions = dimensions,
        Architecture = ToyArchitecture(Output = output),
        Objective = objective,
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        Optimizer = Toys.annealed recipe.LearningRate
    )
    |> Toys.cell world

/// [n] The share of the strengths v in (0, 1] at which W Wᵀ(v e_i) + b is greatest at i; ReLU keeps the order, and where all outputs
/// are below 0 there is no class to be read from it.
let private accuracy (model: ToyModel) =
    let gram = Gram.ofRows (Toys.weights model)
    let b = Array.map float model.B
    let strengths = [| for step in 1..100 -> float step / 100.0 |]

    Array.init gram.Size (fun i ->
        strengths
        |> Array.averageBy (fun v ->
            let outputs = Array.init gram.Size (fun j -> v * gram[i, j] + b[j])
            let others = outputs |> Array.indexed |> Array.filter (fun (j, _) -> j <> i)
            let isClear = others |> Array.forall (fun (_, other) -> other < outputs[i])

            if isClear && (model.Architecture.Output = Activation.Identity || outputs[i] > 0.0) then
                1.0
            else
                0.0))

/// How many classes are told from all others at more than half of the strengths.
let private told (model: ToyModel) =
    accuracy model
    |> Array.filter (fun share -> share > 0.5)
    |> Array.length
    |> float

/// Whether all classes lie around the circle at equal angles.
let private isPolygon (model: ToyModel) =
    let n = model.Features

    match (Geometry.arrangement (Toys.weights model)).Shape with
    | Polygon k -> k = n
    | AntipodalPairs 2 -> n = 4
    | _ -> false

/// What is measured of the seeds of a number of classes.
type private Outcome =
    {
        Classes: int
        Told: Estimate
        Accuracy: Estimate
        Polygons: Estimate
    }

let private outcome (cell: ToyModelCell) =
    let over measure =
        cell.Instances |> Seq.map measure |> Seq.toArray

    {
        Classes = cell.Recipe.World.Features
        Told = over told |> Statistics.estimate
        Accuracy = over (accuracy >> Array.average) |> Statistics.estimate
        Polygons =
            let polygons = over isPolygon
            Statistics.share (polygons |> Array.filter id |> Array.length) polygons.Length
    }

let private claims (entropy: Outcome[]) (squares: Outcome[]) =
    let own = "a bar of our own"

    let at n =
        Array.find (fun outcome -> outcome.Classes = n)

    let most = Array.last entropy

    [
        (at 8 entropy).Polygons
        |> Verdicts.atLeast
            $"{Name}.polygon"
            "Under cross-entropy eight classes form a regular octagon in the plane (share of seeds)."
            own
            0.5
        most.Accuracy
        |> Verdicts.atLeast
            $"{Name}.accuracy"
            $"Under cross-entropy {most.Classes} classes are told apart through two dimensions: mean accuracy over classes and strengths."
            own
            0.95
        { most.Told with
            Mean = most.Told.Mean - (Array.last squares).Told.Mean
            Low = most.Told.Low - (Array.last squares).Told.High
            High = most.Told.High - (Array.last squares).Told.Low
        }
        |> Verdicts.atLeast
            $"{Name}.more-than-squares"
            $"Of {most.Classes} classes cross-entropy tells at least a quarter, {most.Classes / 4}, more apart than squared error does (difference of the mean numbers)."
            own
            (float most.Classes / 4.0)
    ]

let private column (estimate: Outcome -> Estimate) (outcomes: Outcome[]) =
    outcomes
    |> Array.map (estimate >> fun e -> [| e.Mean; e.Low; e.High |])
    |> array2D
    |> StoredArray.Of

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        [|
            for _, objective, output in objectives do
                for n in recipe.Classes -> cell recipe (objective, output) n
        |]
        |> Toys.train Name None settings
        |> Array.chunkBySize recipe.Classes.Length

    let outcomes = cells |> Array.map (Array.map outcome)

    let tensors =
        dict
            [
                "classes", recipe.Classes |> Array.map float |> Toys.vector
                for (name, _, _), cells, outcomes in Seq.zip3 objectives cells outcomes do
                    $"{name}.told", column _.Told outcomes
                    $"{name}.accuracy", column _.Accuracy outcomes
                    $"{name}.polygons", column _.Polygons outcomes

                    for cell in cells do
                        $"{name}.W.{cell.Recipe.World.Features}", StoredArray.Of(Toys.weights cell.Best)
            ]

    settings
    |> Settings.leave Name recipe (claims outcomes[0] outcomes[1]) (fun folder ->
        folder.WriteSafetensors("classification.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "classification.safetensors"
    let classes = tensors["classes"].ToDoubles()

    let series what name =
        let matrix = tensors[$"{name}.{what}"].ToMatrix()

        {
            Name = name
            X = classes
            Y = matrix[*, 0]
            Low = matrix[*, 1]
            High = matrix[*, 2]
        }

    let names = objectives |> List.map (fun (name, _, _) -> name)
    let told = names |> List.map (series "told")
    let polygons = series "polygons" names[0]

    let regular =
        Array.zip classes polygons.Y
        |> Array.filter (fun (_, share) -> share > 0.5)
        |> Array.map (fst >> int >> string)

    let inWords =
        if regular.Length = 0 then
            "No number of classes forms a regular polygon in most seeds"
        else
            let listed = String.concat ", " regular
            $"Most seeds form a regular polygon with {listed} classes"

    let drawn =
        tensors.Keys
        |> Seq.filter _.StartsWith($"{names[0]}.W.")
        |> Seq.map (fun key -> tensors[key].ToMatrix())
        |> Seq.sortBy Array2D.length1
        |> Seq.toArray

    // A longer W is a more certain answer: only directions and relative lengths are compared, around the circle.
    let around (W: float[,]) =
        let longest = Geometry.norms W |> Array.max

        let order =
            Array.init (Array2D.length1 W) id
            |> Array.sortBy (fun i -> atan2 W[i, 1] W[i, 0])

        Array2D.init order.Length dimensions (fun at c -> W[order[at], c] / longest)

    {
        Lead =
            $"Through two dimensions cross-entropy tells {Array.last told[0].Y:F1} of {Array.last classes} classes apart, squared error {Array.last told[1].Y:F1}. {inWords}."
        Figures =
            [
                told
                |> Charts.line (Axis.Log "classes") (Axis.Log "classes told apart")
                |> Figure.captioned
                    "How many of n classes, one active at a time, are told from all others at more than half of the strengths; means over seeds with 95 % bands. On the diagonal all of them are."
                [| for W in drawn -> $"n = {Array2D.length1 W}", around W |]
                |> Charts.gram
                |> Figure.captioned
                    "WWᵀ under cross-entropy, the best of the seeds for each number of classes, lengths relative to the longest and classes in the order of their angles. Of a polygon every row is the one above it, moved on by one."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Classes through two dimensions"
        Part = Part.Problems
        Answers = [ "4.12" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
