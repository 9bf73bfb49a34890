/// A toy model that needs several layers of ReLUs: is there superposition in each? The list proposes max(|x|, |y|), which is
/// (|x + y| + |x − y|)/2 and takes one layer; max(0, x, y) takes two.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.SeveralLayers

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.14"

[<Literal>]
let private Source = "problem 4.14; a bar of our own"

type Recipe =
    {
        /// Outputs; the two features of each are on together.
        Pairs: int
        Layers: int[]
        /// Neurons of a layer where there are enough, and the density there.
        Ample: int
        AmpleDensity: float
        /// Neurons of each of two layers where there are half as many as max(0, x, y) takes.
        Scarce: int
        ScarceDensities: float[]
        Instances: int
        Steps: int
        BatchSize: int
        LearningRate: float
        Seed: int64
    }

/// A linear read-out, for an output ReLU would be a layer more. Steps and batch are half of the notebook's: several layers go
/// through autograd.
let private recipeOf scale =
    let full =
        {
            Pairs = 6
            Layers = [| 1; 2; 3 |]
            Ample = 24
            AmpleDensity = 0.2
            Scarce = 6
            ScarceDensities = [| 1.0; 0.2; 0.05; 0.02 |]
            Instances = 5
            Steps = 5_000
            BatchSize = 512
            LearningRate = 3e-3
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 2
            Steps = 150
            BatchSize = 128
        }
    | Daily
    | Full -> full

let private functions =
    [|
        "max(|x|, |y|)", TargetFunction.MaxAbsolute
        "max(0, x, y)", TargetFunction.RectifiedMax
    |]

let private world recipe p seed =
    Toys.dependentWorld
        (CorrelatedSets(Array.create recipe.Pairs 2))
        (UniformValues(-1.0f, 1.0f))
        (2 * recipe.Pairs)
        p
        seed

let private cell recipe (target: TargetFunction) layers width p =
    ToyModelOptions(
        Dimensions = width,
        Architecture =
            ToyArchitecture(
                Tied = false,
                Hidden = Activation.Relu,
                Output = Activation.Identity,
                HiddenBias = true,
                HiddenLayers = layers
            ),
        Target = Target(Function = target),
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        Optimizer = Toys.annealed recipe.LearningRate
    )
    |> Toys.cell (world recipe p recipe.Seed)

/// The loss of a model that answers its targets' means.
let private variance recipe (target: TargetFunction) p =
    let rows = world recipe p (recipe.Seed + 1L) |> Toys.rows 20_000

    let targets =
        Array.init (Array2D.length1 rows) (fun r ->
            let outputs = Array.zeroCreate<float32> recipe.Pairs
            Target(Function = target).Evaluate(System.ReadOnlySpan(Array.map float32 rows[r, *]), System.Span outputs)
            Array.map float outputs)

    Array.init recipe.Pairs (fun i ->
        let values = targets |> Array.map (Array.item i)
        let mean = Array.average values
        values |> Array.averageBy (fun x -> (x - mean) ** 2.0))
    |> Array.sum

/// [units, pairs] The greatest change of a unit that the two features of a pair, alone and on a grid, make.
let private toPairs (model: ToyModel) : float[,] =
    let n = model.Features
    let grid = [| -1.0; -0.5; 0.0; 0.5; 1.0 |]

    let rows =
        [|
            for pair in 0 .. n / 2 - 1 do
                for x in grid do
                    for y in grid ->
                        Array.init n (fun i ->
                            if i = 2 * pair then x
                            elif i = 2 * pair + 1 then y
                            else 0.0)
        |]

    let h = (model |> Responses.answers (array2D rows)).Hidden
    let silent = (model |> Responses.answers (Array2D.zeroCreate 1 n)).Hidden
    let each = grid.Length * grid.Length

    Array2D.init model.Dimensions (n / 2) (fun j pair ->
        Array.init each (fun r -> abs (h[pair * each + r, j] - silent[0, j]))
        |> Array.max)

/// Share of a layer's neurons, those that do anything, that more than one pair drives to half of their greatest response.
let private polysemantic layer (model: ToyModel) =
    let R = model |> Responses.upTo layer |> toPairs

    let counts =
        Polysemanticity.responding Polysemanticity.HalfMaximum R
        |> Array.filter (fun count -> count > 0)

    float (counts |> Array.filter (fun count -> count > 1) |> Array.length)
    / float (max 1 counts.Length)

let private claims recipe (unexplained: Map<int * int, float[]>) (scarce: float[][][]) =
    let rare = Array.last recipe.ScarceDensities

    let layer l =
        (Array.last scarce)[l - 1] |> Statistics.estimate

    let setting =
        $"{recipe.Pairs} pairs, {recipe.Ample} neurons a layer, p = {recipe.AmpleDensity}"

    [
        unexplained[0, 1]
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.one-layer"
            $"One layer computes max(|x|, |y|) = (|x + y| + |x − y|)/2: share of the variance left ({setting})."
            "arithmetic, against the example of problem 4.14"
            0.01
        Array.map2 (/) unexplained[1, 1] unexplained[1, 2]
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.two-layers"
            $"One layer leaves ten times as much of max(0, x, y) as two, or more ({setting}); no width would do, for its kinks end at 0."
            Source
            10.0
        for l in 1..2 do
            layer l
            |> Verdicts.atLeast
                $"{Name}.layer-{l}"
                $"With half of the neurons that max(0, x, y) takes, a quarter or more of layer {l}'s serve several pairs ({recipe.Pairs} pairs, {recipe.Scarce} neurons in each of two layers, p = {rare})."
                Source
                0.25
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        [|
            for _, target in functions do
                for layers in recipe.Layers -> cell recipe target layers recipe.Ample recipe.AmpleDensity
            for p in recipe.ScarceDensities -> cell recipe TargetFunction.RectifiedMax 2 recipe.Scarce p
        |]
        |> Toys.train Name None settings

    let ample, scarce = Array.splitAt (functions.Length * recipe.Layers.Length) cells

    let left (cell: ToyModelCell) variance =
        cell.Instances |> Seq.map (fun model -> model.Loss / variance) |> Seq.toArray

    let unexplained =
        Map.ofList
            [
                for f in 0 .. functions.Length - 1 do
                    let variance = variance recipe (snd functions[f]) recipe.AmpleDensity

                    for l in 0 .. recipe.Layers.Length - 1 ->
                        (f, recipe.Layers[l]), left ample[f * recipe.Layers.Length + l] variance
            ]

    /// [densities] of [layers] of [seeds]
    let byLayer =
        scarce
        |> Array.map (fun cell ->
            [| 1; 2 |]
            |> Array.map (fun layer -> cell.Instances |> Seq.toArray |> Settings.sideBySide (polysemantic layer)))

    let depth = CsvTable [| "function"; "layers"; "seed"; "left" |]

    for KeyValue((f, layers), shares) in unexplained do
        shares
        |> Array.iteri (fun seed share -> depth.Add [| box (fst functions[f]); layers; seed; share |])

    let sharing = CsvTable [| "p"; "layer"; "seed"; "polysemantic"; "left" |]

    scarce
    |> Array.iteri (fun t cell ->
        let p = recipe.ScarceDensities[t]
        let left = left cell (variance recipe TargetFunction.RectifiedMax p)

        for layer in 1..2 do
            byLayer[t][layer - 1]
            |> Array.iteri (fun seed share -> sharing.Add [| box p; layer; seed; share; left[seed] |]))

    settings
    |> Settings.leave Name recipe (claims recipe unexplained byLayer) (fun folder ->
        folder.WriteCsv("depth.csv", depth)
        folder.WriteCsv("sharing.csv", sharing))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let depth, sharing = folder.Csv "depth.csv", folder.Csv "sharing.csv"

    let left name layers =
        [|
            for row in 0 .. depth.Count - 1 do
                if depth[row, "function"] = name && depth.Number(row, "layers") = float layers then
                    depth.Number(row, "left")
        |]
        |> Statistics.estimate

    let at p layer (column: string) =
        [|
            for row in 0 .. sharing.Count - 1 do
                if sharing.Number(row, "p") = p && sharing.Number(row, "layer") = float layer then
                    sharing.Number(row, column)
        |]
        |> Statistics.estimate

    let absolute, rectified = fst functions[0], fst functions[1]
    let dense, rare = recipe.ScarceDensities[0], Array.last recipe.ScarceDensities

    {
        Lead =
            $"One layer leaves {(left absolute 1).Mean:P1} of the variance of {absolute}, which is (|x + y| + |x − y|)/2, and {(left rectified 1).Mean:P1} of {rectified}'s, where two leave {(left rectified 2).Mean:P2}. "
            + $"""With half of the neurons that {rectified} takes, {(at rare 1 "polysemantic").Mean:P0} of the first layer's and {(at rare 2 "polysemantic").Mean:P0} of the second's serve several pairs at p = {rare}, {(at dense 1 "polysemantic").Mean:P0} and {(at dense 2 "polysemantic").Mean:P0} at p = {dense}."""
        Figures =
            [
                [|
                    for name in [ absolute; rectified ] ->
                        name,
                        recipe.Layers
                        |> Array.map (fun layers ->
                            (if layers = 1 then "1 layer" else $"{layers} layers"), left name layers)
                |]
                |> Charts.bars "" (Axis.Log "share of variance left")
                |> Figure.captioned
                    $"What models of one, two and three hidden layers, {recipe.Ample} neurons each, leave of the two functions of a pair. Bars are means over seeds with 95 %% intervals."
                Charts.line
                    (Axis.Log "1/p")
                    (Axis.Linear "share of neurons that serve several pairs")
                    [
                        for layer in 1..2 ->
                            Series.OfEstimates(
                                $"layer {layer}",
                                recipe.ScarceDensities |> Array.map (fun p -> 1.0 / p),
                                recipe.ScarceDensities |> Array.map (fun p -> at p layer "polysemantic")
                            )
                    ]
                |> Figure.captioned
                    $"Two layers of {recipe.Scarce} neurons for {recipe.Pairs} pairs, half of what {rectified} takes: in which layer do pairs share neurons, as pairs get rarer? Means over seeds with 95 %% intervals."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Superposition through several layers"
        Part = Part.Problems
        Answers = [ "4.14" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
