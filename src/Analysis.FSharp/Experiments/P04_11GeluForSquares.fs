/// Problem 4.11: a toy model in which GELU is really different. Near 0 it is a/2 + a²/√(2π), so two opposite GELUs make a square, which
/// ReLUs can only piece together; for |x| it is the other way round.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.GeluForSquares

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.11"

[<Literal>]
let private Source = "a bar of our own, from GELU(a) + GELU(−a) ≈ √(2/π) a² near 0"

let private features = 6

let private activations = [ "ReLU", Activation.Relu; "GELU", Activation.Gelu ]

let private targets =
    [ "x²", TargetFunction.Square; "|x|", TargetFunction.Absolute ]

/// What follows from the scale, as run.json holds it; the neurons must hold twice and half the features.
type Recipe =
    {
        Neurons: int[]
        Density: float
        Instances: int
        Steps: int
        BatchSize: int
        LearningRate: float
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Neurons = [| 3; 6; 12; 24 |]
            Density = 0.3
            Instances = 6
            Steps = 6_000
            BatchSize = 256
            LearningRate = 3e-3
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 2
            Steps = 300
            BatchSize = 64
        }
    | Daily
    | Full -> full

let private cell recipe target activation neurons =
    let world = Toys.signedWorld features recipe.Density recipe.Seed

    ToyModelOptions(
        Dimensions = neurons,
        Architecture =
            ToyArchitecture(Tied = false, Hidden = activation, Output = Activation.Identity, HiddenBias = true),
        Target = Target(Function = target),
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        Optimizer = Toys.annealed recipe.LearningRate
    )
    |> Toys.cell world

/// Σ_i Var t_i, what a constant output costs: E x⁴ = 1/5 and E x² = 1/3 of an active feature.
let private variance (p: float) target =
    float features
    * match target with
      | TargetFunction.Square -> p / 5.0 - p * p / 9.0
      | _ -> p / 3.0 - p * p / 4.0

/// GELU's loss over ReLU's, from the same initial weights and the same rows: the median over seeds, for a seed may leave a feature out,
/// with its bootstrap interval; losses are [neurons][seeds].
let private ratios (relu: float[][]) (gelu: float[][]) : Estimate[] =
    let median seed ratios =
        let interval = Statistics.bootstrap seed 1_000 (Statistics.quantile 0.5) ratios

        {
            Mean = interval.Value
            Low = interval.Low
            High = interval.High
            Sd = nan
            Count = ratios.Length
        }

    Array.map2 (Array.map2 (/)) gelu relu |> Array.mapi median

/// Medians since a first run, in which one seed that left a feature out outweighed the rest; the bars are as they were.
let private claims (neurons: int[]) (squares: Estimate[]) (absolutes: Estimate[]) =
    let at count = Array.findIndex ((=) count) neurons
    let two = at (2 * features)

    [
        squares[two]
        |> Verdicts.atMost
            $"{Name}.squares"
            "Asked for x² with two neurons a feature (n = 6, d = 12, p = 0.3), GELU has at most a tenth of ReLU's loss (median over seeds)."
            Source
            0.1
        absolutes[two]
        |> Verdicts.atLeast
            $"{Name}.absolutes"
            "Asked for |x| with two neurons a feature, GELU has at least twice ReLU's loss (median over seeds)."
            Source
            2.0
        squares[at (features / 2)]
        |> Verdicts.atMost
            $"{Name}.crowded"
            "Asked for x² with half a neuron a feature (d = 3), GELU still has at most 0.9 of ReLU's loss (median over seeds)."
            Source
            0.9
    ]

let private fileOf target activation = $"{target}.{activation}"

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let kinds =
        [|
            for target in targets do
                for activation in activations -> target, activation
        |]

    /// [kinds][neurons][seeds] shares of the targets' variance.
    let losses =
        [|
            for (_, target), (_, activation) in kinds do
                for neurons in recipe.Neurons -> cell recipe target activation neurons
        |]
        |> Toys.train Name None settings
        |> Array.map (fun cell ->
            let whole = variance recipe.Density cell.Recipe.Model.Target.Function
            cell.Instances |> Seq.map (fun model -> model.Loss / whole) |> Seq.toArray)
        |> Array.chunkBySize recipe.Neurons.Length

    let tensors =
        dict
            [
                "neurons", recipe.Neurons |> Array.map float |> Toys.vector
                for ((target, _), (activation, _)), losses in Array.zip kinds losses do
                    fileOf target activation, StoredArray.Of(array2D losses)
            ]

    settings
    |> Settings.leave
        Name
        recipe
        (claims recipe.Neurons (ratios losses[0] losses[1]) (ratios losses[2] losses[3]))
        (fun folder -> folder.WriteSafetensors("squares.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "squares.safetensors"
    let neurons = tensors["neurons"].ToDoubles()

    let rows target activation =
        let matrix = tensors[fileOf target activation].ToMatrix()
        Array.init (Array2D.length1 matrix) (fun row -> matrix[row, *])

    let ratio target =
        ratios (rows target "ReLU") (rows target "GELU")

    let squares, absolutes = ratio "x²", ratio "|x|"
    let two = neurons |> Array.findIndex ((=) (2.0 * float features))

    // Of GELU and of ReLU.
    let missed target =
        let percent activation =
            $"{100.0 * Statistics.quantile 0.5 (Array.item two (rows target activation)):F2} %%"

        percent "GELU", percent "ReLU"

    let ofSquares, ofAbsolutes = missed "x²", missed "|x|"

    {
        Lead =
            $"With two neurons a feature, GELU misses {fst ofSquares} of the variance of x² where ReLU misses {snd ofSquares}, and {fst ofAbsolutes} of that of |x| where ReLU misses {snd ofAbsolutes}: what an activation is good for lies in its shape near 0."
        Figures =
            [
                [
                    for target, _ in targets do
                        for activation, _ in activations do
                            Series.Of(
                                $"{target} with {activation}",
                                neurons,
                                rows target activation |> Array.map (Statistics.quantile 0.5)
                            )
                ]
                |> Charts.line (Axis.Log "neurons") (Axis.Log "share of the variance lost")
                |> Figure.captioned
                    $"What {features} functions of one feature each cost against the number of hidden neurons, the median over seeds; a constant output has 1. Two neurons a feature are {2 * features}."
                [
                    Series.OfEstimates("x²", neurons, squares)
                    Series.OfEstimates("|x|", neurons, absolutes)
                ]
                |> Charts.line (Axis.Log "neurons") (Axis.Log "GELU's loss over ReLU's")
                |> Charts.withLevels [ "no difference", 1.0 ]
                |> Figure.captioned
                    "The same as ratios from the same initial weights and the same rows, medians over seeds with 95 % bands: below the line GELU is the better activation, above it ReLU."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "A model in which GELU is no ReLU: squares"
        Part = Part.Problems
        Answers = [ "4.11" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
