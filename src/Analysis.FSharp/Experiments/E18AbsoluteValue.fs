/// Computing without superposition: |x| of three features in six neurons.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.AbsoluteValue

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E18"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Computation in Superposition\": \"Basic Results\""

let private features, neurons = 3, 6

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Density: float
        Instances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Density = 1.0
            Instances = 50
            Steps = 10_000
            Seed = 18L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 10
            Steps = 4_000
        }
    | Daily
    | Full -> full

/// A neuron reads one feature when no other weight of its encoder has this share of the greatest.
[<Literal>]
let private Pure = 0.05

/// The features that a model computes as |x| = ReLU(x) + ReLU(−x), each side in a neuron that reads nothing else, and what
/// either side returns, |e| d: 1 where it is exact.
let private sides (model: ToyModel) =
    let encoder, decoder = Toys.weights model, Toys.decoder model

    [|
        for j in 0 .. neurons - 1 do
            let sizes = encoder[*, j] |> Array.map abs
            let i = sizes |> Array.findIndex ((=) (Array.max sizes))

            if sizes |> Array.filter (fun size -> size >= Pure * sizes[i]) |> Array.length = 1 then
                i, sign encoder[i, j], sizes[i] * decoder[i, j]
    |]

let private computed (sides: (int * int * float)[]) =
    sides
    |> Array.map (fun (feature, sign, _) -> feature, sign)
    |> Array.distinct
    |> Array.countBy fst
    |> Array.filter (fun (_, count) -> count = 2)
    |> Array.length

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let world = Toys.signedWorld features recipe.Density recipe.Seed

    let cell =
        ToyModelOptions(
            Dimensions = neurons,
            Architecture = ToyArchitecture.Computing,
            Target = Target(Function = TargetFunction.Absolute),
            Instances = recipe.Instances,
            Seed = recipe.Seed,
            Steps = recipe.Steps,
            HistoryEvery = recipe.Steps
        )
        |> Toys.cell world
        |> Array.singleton
        |> Toys.train Name None settings
        |> Array.head

    /// What is left of the variance of |x|, 1/12 of each feature at p = 1.
    let unexplained (model: ToyModel) = model.Loss / (float features / 12.0)

    // The best is exact up to the noise of training, so that "within 2 % of it" would say nothing.
    let solved =
        cell.Instances
        |> Seq.filter (fun model -> unexplained model < 0.01)
        |> Seq.toArray

    let found = solved |> Array.map (sides >> computed >> float)

    let returned =
        solved |> Array.collect (sides >> Array.map (fun (_, _, returned) -> returned))

    let over (values: float[]) =
        Statistics.estimate (if values.Length = 0 then [| 0.0 |] else values)

    let claims =
        [
            Statistics.estimate [| unexplained cell.Best |]
            |> Verdicts.atMost
                $"{Name}.solved"
                $"n = {features}, m = {neurons}, p = 1: the best of {recipe.Instances} computes |x| (share of the variance of |x| left)."
                Source
                0.001
            over found
            |> Verdicts.atLeast
                $"{Name}.sides"
                "Every feature has a neuron for ReLU(x) and one for ReLU(−x) that read nothing else (features of three, mean over seeds that leave less than 1 % of the variance)."
                Source
                (float features)
            over returned
            |> Verdicts.near
                $"{Name}.returned"
                "Either neuron returns its side whole: encoder weight times decoder weight is ±1 (mean over neurons of the same seeds)."
                Source
                1.0
                0.02
        ]

    let tensors =
        dict
            [
                "encoder", StoredArray.Of(Toys.weights cell.Best)
                "decoder", StoredArray.Of(Toys.decoder cell.Best)
                "unexplained", cell.Instances |> Seq.map unexplained |> Seq.toArray |> Toys.vector
            ]

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteSafetensors("absolute.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "absolute.safetensors"

    let encoder, decoder =
        Motifs.normalised (tensors["encoder"].ToMatrix()) (tensors["decoder"].ToMatrix())

    let unexplained = tensors["unexplained"].ToDoubles()

    /// Neurons by what they read: the first feature first, its positive side first.
    let order =
        [| 0 .. neurons - 1 |]
        |> Array.sortBy (fun j ->
            let i = [| 0 .. features - 1 |] |> Array.maxBy (fun i -> abs encoder[i, j])
            i, -encoder[i, j])

    let columns =
        [|
            for matrix in [ "W₁"; "W₂" ] do
                for j in order -> $"{matrix} of {j}"
        |]

    let cells =
        Array2D.init features columns.Length (fun i column ->
            let matrix = if column < neurons then encoder else decoder
            matrix[i, order[column % neurons]])

    let solved = unexplained |> Array.filter (fun share -> share < 0.01) |> Array.length

    {
        Lead =
            $"With two neurons a feature, {solved} of {unexplained.Length} models learn |x| to within 1 %% of its variance; the best leaves "
            + $"{Array.min unexplained:G2} of it, and the worst {Array.max unexplained:P0}."
        Figures =
            [
                cells
                |> Charts.heat "weight" ("feature", Array.init features string) ("neuron", columns)
                |> Figure.captioned
                    "Weights of the best model, neurons sorted by what they read and scaled to a greatest encoder weight of 1: one reads x, one −x, and both write |x|."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Absolute values, two neurons a feature"
        Part = Part.Paper
        Answers = []
        IsLong = false
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
