/// Two pairs of features of which never both are active: members opposite to each other.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.AnticorrelatedPairs

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage

[<Literal>]
let private Name = "E10"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Organization of Correlated and Anticorrelated Features\""

/// ARENA's densities of a feature: 10^−linspace(½, 1), five of them.
let private recipeOf =
    PairsInThePlane.recipe [| for t in 0..4 -> 10.0 ** -(0.5 + float t / 8.0) |] 8

let private leastOpposite (W: float[,]) = PairsInThePlane.cosines W |> Array.max

let private claims converged =
    [
        Array.map leastOpposite converged
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.antipodal"
            "Two anticorrelated pairs, n = 4, d = 2: members of a pair are opposite (the larger cosine of the two pairs, mean over converged seeds of five densities)."
            Source
            -0.95
    ]

let private finding (folder: RunFolder) : Finding =
    let panels = folder.Safetensors "pairs.safetensors" |> PairsInThePlane.stored
    let worst = panels |> Array.map (snd >> leastOpposite) |> Array.max

    {
        Lead =
            "Features that are never active together share a dimension at no cost, one at either end: in the best models the cosine "
            + $"within a pair is {PairsInThePlane.inWords 2 worst} at most."
        Figures =
            [
                PairsInThePlane.plane panels
                |> Figure.captioned
                    "Two pairs of features, at most one member of a pair active at a time, each with probability p; best of the trained seeds at each density. A colour is a pair."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Anticorrelated pairs"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = PairsInThePlane.run Name 2 (AnticorrelatedSets(2, 2)) recipeOf claims
        Finding = finding
    }
