/// Two large sets of correlated features in superposition with each other: each set by itself is nearly an orthonormal basis.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.LocalBases

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E12"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Local Almost-Orthogonal Bases\""

/// Sets of as many features as there are dimensions, the most that can each have a right angle to the rest of their set.
let private ofSet, dimensions = 10, 10

let private features = 2 * ofSet

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Densities: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Densities = [| 0.1; 0.05; 0.02 |]
            Instances = 8
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 2
            Steps = 1_000
        }
    | Daily
    | Full -> full

/// A cell in which the sets are active as one, and one in which all features are independent.
let private cells recipe (p: float) =
    let model =
        ToyModelOptions(Dimensions = dimensions, Instances = recipe.Instances, Seed = recipe.Seed, Steps = recipe.Steps)

    let independent = Toys.world features p recipe.Seed

    let correlated =
        Toys.dependentWorld (CorrelatedSets(ofSet, ofSet)) (UniformValues()) features p recipe.Seed

    [| Toys.cell correlated model; Toys.cell independent model |]

/// How far each set is from an orthonormal basis: the root mean square of G − 1 over the two blocks of WWᵀ.
let private departure (W: float[,]) =
    let gram = Gram.ofRows W

    [|
        for i in 0 .. features - 1 do
            for j in 0 .. features - 1 do
                if i / ofSet = j / ofSet then
                    (gram[i, j] - (if i = j then 1.0 else 0.0)) ** 2.0
    |]
    |> Array.average
    |> sqrt

/// [pairs] |cos| of all pairs of represented features of one set, or of two.
let private cosines (isOfOne: bool) (W: float[,]) =
    let cosines = Geometry.cosines W
    let represented = Geometry.represented W

    [|
        for i in represented do
            for j in represented do
                if i < j && (i / ofSet = j / ofSet) = isOfOne then
                    abs cosines[i, j]
    |]

let private within = cosines true
let private across = cosines false

let private mean (values: float[]) =
    if values.Length = 0 then nan else Array.average values

/// Which seeds count is told by Toys.settled since the first run, in which the best alone lay within 2 % of the best; bars are as they were.
let private claims (correlated: float[,][]) (independent: float[,][]) =
    [
        correlated
        |> Array.map (within >> mean)
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.local-basis"
            "Two sets of ten features active as one, n = 20, d = 10: within a set features are nearly orthogonal (mean |cos|, then mean over converged seeds of three densities)."
            $"{Source}; the bar is that of two correlated pairs"
            0.1
        correlated
        |> Array.map departure
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.identity"
            "Each set's block of WWᵀ is nearly the identity (root mean square of the difference, mean over converged seeds)."
            $"{Source}; the bar is ours"
            0.1
        correlated
        |> Array.map (fun W -> float (Geometry.represented W).Length)
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.superposition"
            "The sets are in superposition with each other: more features are represented than there are dimensions (mean over converged seeds)."
            Source
            (float dimensions + 1.0)
        Statistics.estimate
            [|
                (independent |> Array.map (within >> mean) |> Array.average)
                / (correlated |> Array.map (within >> mean) |> Array.average)
            |]
        |> Verdicts.atLeast
            $"{Name}.because-correlated"
            "It is the correlation that does it: of independent features, those that would be a set have a mean |cos| several times as large (ratio of the means over converged seeds)."
            $"{Source}; the bar is ours"
            2.0
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let trained =
        recipe.Densities
        |> Array.collect (cells recipe)
        |> Toys.train Name None settings
        |> Array.chunkBySize 2

    let ofKind kind = trained |> Array.map (Array.item kind)

    let converged kind =
        ofKind kind |> Array.collect (Toys.settled 0.01 >> Array.map Toys.weights)

    let best kind =
        ofKind kind |> Array.map (_.Best >> Toys.weights) |> Toys.stack

    let tensors =
        dict
            [
                "density", Toys.vector recipe.Densities
                "correlated", best 0
                "independent", best 1
            ]

    settings
    |> Settings.leave Name recipe (claims (converged 0) (converged 1)) (fun folder ->
        folder.WriteSafetensors("sets.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "sets.safetensors"
    let p = tensors["density"].ToDoubles()

    let correlated, independent =
        Toys.unstack tensors["correlated"], Toys.unstack tensors["independent"]

    let average measure (models: float[,][]) =
        models |> Array.averageBy (measure >> mean)

    {
        Lead =
            $"Within a set of features that are active together the mean |cos| is {average within correlated:F3}, between features of different sets "
            + $"{average across correlated:F3}; were all features independent, the same pairs within a set have {average within independent:F3}."
        Figures =
            [
                [|
                    for i in 0 .. p.Length - 1 do
                        $"in sets, p = {p[i]:G2}", correlated[i]

                    for i in [ 0; p.Length - 1 ] do
                        $"single, p = {p[i]:G2}", independent[i]
                |]
                |> Charts.gram
                |> Figure.captioned
                    "WWᵀ of twenty features in ten dimensions, best of the trained seeds. Features 0 to 9 are one set and 10 to 19 the other: each set's block is close to the identity, and what the sets share stands between them. The last two are of single features, independent of each other, where there are no blocks."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Local almost-orthogonal bases"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
