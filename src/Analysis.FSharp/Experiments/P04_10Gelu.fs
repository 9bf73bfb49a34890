/// Problem 4.10: GELU in place of ReLU. Is it just a smoother ReLU?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Gelu

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.10"

/// The ReLU output model, five features in the plane; the model of |x|, ten features and eight neurons.
let private storing, computing = (5, 2), (10, 8)

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Densities: float[]
        Instances: int
        Steps: int
        BatchSize: int
        LearningRate: float
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Densities = [| 0.5; 0.3; 0.2; 0.1; 0.05; 0.02 |]
            Instances = 8
            Steps = 6_000
            BatchSize = 512
            LearningRate = 3e-3
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Densities = [| 0.3; 0.05 |]
            Instances = 2
            Steps = 500
            BatchSize = 128
        }
    | Daily
    | Full -> full

let private cell recipe (architecture: ToyArchitecture) (target: TargetFunction) (n, d) (values: FeatureValues) p =
    let world = Toys.worldOf values n p recipe.Seed

    ToyModelOptions(
        Dimensions = d,
        Architecture = architecture,
        Target = Target(Function = target),
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        Optimizer = Toys.annealed recipe.LearningRate
    )
    |> Toys.cell world

/// The ReLU output model, or the same with GELU.
let private output recipe activation p =
    cell recipe (ToyArchitecture(Output = activation)) TargetFunction.Identity storing (UniformValues()) p

/// The model of |x|, or the same with GELU in its hidden layer.
let private hidden recipe activation p =
    cell
        recipe
        (ToyArchitecture(Tied = false, Hidden = activation))
        TargetFunction.Absolute
        computing
        (UniformValues(-1.0f, 1.0f))
        p

/// GELU's loss over ReLU's, from the same initial weights and the same rows, seed by seed.
let private ratios (relu: float[]) (gelu: float[]) =
    Array.map2 (/) gelu relu |> Statistics.estimate

let private shape (W: float[,]) = (Geometry.arrangement W).Shape

let private claims (relu: ToyModelCell[], gelu: ToyModelCell[]) (hiddenRelu: float[][], hiddenGelu: float[][]) =
    let same =
        Array.map2
            (fun (relu: ToyModelCell) (gelu: ToyModelCell) ->
                shape (Toys.weights relu.Best) = shape (Toys.weights gelu.Best))
            relu
            gelu
        |> Array.filter id

    let ofBest (pick: (float * float)[] -> float * float) =
        Array.map2 (fun (relu: ToyModelCell) (gelu: ToyModelCell) -> relu.Best.Loss, gelu.Best.Loss) relu gelu
        |> pick
        |> fun (relu, gelu) -> Statistics.estimate [| gelu / relu |]

    [
        Statistics.share same.Length relu.Length
        |> Verdicts.atLeast
            $"{Name}.same-arrangement"
            "With GELU at the output the best of the seeds arranges five features in the plane as with ReLU (share of densities)."
            "a bar of our own"
            0.8
        ofBest (Array.maxBy (fun (relu, gelu) -> gelu / relu))
        |> Verdicts.atMost
            $"{Name}.output-loss"
            "At the output GELU costs no more than a tenth (the best seed's loss over ReLU's, at the density where it is worst)."
            "a bar of our own"
            1.1
        Array.map2 ratios hiddenRelu hiddenGelu
        |> Array.maxBy _.Mean
        |> Verdicts.atMost
            $"{Name}.hidden-loss"
            "In the hidden layer of the model of |x|, n = 10, d = 8, GELU costs no more than a tenth (loss over ReLU's from the same start, at the density where it is worst)."
            "a bar of our own"
            1.1
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let trained =
        [|
            for cell in [ output; hidden ] do
                for activation in [ Activation.Relu; Activation.Gelu ] do
                    for p in recipe.Densities -> cell recipe activation p
        |]
        |> Toys.train Name None settings
        |> Array.chunkBySize recipe.Densities.Length

    let losses =
        Array.map (fun (cell: ToyModelCell) -> cell.Instances |> Seq.map _.Loss |> Seq.toArray)

    let best = Array.map (fun (cell: ToyModelCell) -> Toys.weights cell.Best)

    let table (cells: ToyModelCell[]) =
        array2D (losses cells) |> StoredArray.Of

    let tensors =
        dict
            [
                "density", Toys.vector recipe.Densities
                "output.relu.W", Toys.stack (best trained[0])
                "output.gelu.W", Toys.stack (best trained[1])
                "output.relu.loss", table trained[0]
                "output.gelu.loss", table trained[1]
                "hidden.relu.loss", table trained[2]
                "hidden.gelu.loss", table trained[3]
            ]

    settings
    |> Settings.leave
        Name
        recipe
        (claims (trained[0], trained[1]) (losses trained[2], losses trained[3]))
        (fun folder -> folder.WriteSafetensors("gelu.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "gelu.safetensors"
    let p = tensors["density"].ToDoubles()

    let rows name =
        let matrix = tensors[name].ToMatrix()
        Array.init (Array2D.length1 matrix) (fun row -> matrix[row, *])

    let ratio layer =
        Array.map2 ratios (rows $"{layer}.relu.loss") (rows $"{layer}.gelu.loss")

    let output, hidden = ratio "output", ratio "hidden"

    let worst, best =
        (fun r -> Array.maxBy (fun (e: Estimate) -> e.Mean) r), (fun r -> Array.minBy (fun (e: Estimate) -> e.Mean) r)

    let panels name =
        Array.zip p (Toys.unstack tensors[name])

    let curve name estimates =
        Series.OfEstimates(name, p |> Array.map (fun p -> 1.0 / p), estimates)

    {
        Lead =
            $"At the output, GELU's loss is {(best output).Mean:F2} to {(worst output).Mean:F2} times ReLU's, depending on the density; in the hidden layer of the model of |x|, {(best hidden).Mean:F2} to {(worst hidden).Mean:F2} times. "
            + "A hidden GELU can be scaled until it is as sharp as a ReLU; an output has to be right as it is, and GELU is not 0 just below 0."
        Figures =
            [
                [
                    curve "GELU at the output, features stored" output
                    curve "GELU in the hidden layer, |x| computed" hidden
                ]
                |> Charts.line (Axis.Log "1/p, inverse density") (Axis.Log "GELU's loss over ReLU's")
                |> Charts.withLevels [ "no difference", 1.0 ]
                |> Figure.captioned
                    "Loss with GELU over loss with ReLU from the same initial weights and the same rows, with 95 % bands over seeds."
                Charts.plane "feature" (Array.init (fst storing) float) (panels "output.relu.W")
                |> Figure.captioned
                    "Five features in the plane, ReLU at the output: the best of the seeds at each density."
                Charts.plane "feature" (Array.init (fst storing) float) (panels "output.gelu.W")
                |> Figure.captioned "The same with GELU at the output."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "GELU in place of ReLU"
        Part = Part.Problems
        Answers = [ "4.10" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
