/// Two pairs of features that are active together: a dimension each, members at a right angle.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.CorrelatedPairs

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage

[<Literal>]
let private Name = "E9"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Organization of Correlated and Anticorrelated Features\""

/// ARENA's densities: 400^−linspace(½, 1), five of them.
let private recipeOf =
    PairsInThePlane.recipe [| for t in 0..4 -> 400.0 ** -(0.5 + float t / 8.0) |] 8

let private largest (W: float[,]) =
    PairsInThePlane.cosines W |> Array.map abs |> Array.max

/// Whether four features are two antipodal pairs, and no feature is opposite its own partner.
let private opposesOthers (W: float[,]) =
    let arrangement = Geometry.arrangement W

    arrangement.Shape = AntipodalPairs 2
    && arrangement.Pairs |> Array.forall (fun (i, j) -> i / 2 <> j / 2)

let private claims converged =
    [
        Array.map largest converged
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.orthogonal"
            "Two correlated pairs, n = 4, d = 2: members of a pair stand at a right angle (the larger |cos| of the two pairs, mean over converged seeds of five densities)."
            Source
            0.1
        Statistics.share (converged |> Array.filter opposesOthers |> Array.length) converged.Length
        |> Verdicts.atLeast
            $"{Name}.opposites"
            "Every feature has its opposite in the other pair (share of converged seeds)."
            $"{Source}; the bar is ours"
            0.9
    ]

let private finding (folder: RunFolder) : Finding =
    let panels = folder.Safetensors "pairs.safetensors" |> PairsInThePlane.stored
    let worst = panels |> Array.map (snd >> largest) |> Array.max
    let straight = panels |> Array.filter (snd >> opposesOthers) |> Array.length

    {
        Lead =
            $"Features that are active together are kept apart: in the best models |cos| within a pair is at most {worst:F2}, "
            + $"and at {straight} of {panels.Length} densities each feature has its opposite in the other pair, where it disturbs least."
        Figures =
            [
                PairsInThePlane.plane panels
                |> Figure.captioned
                    "Two pairs of features, each pair on or off as one with values of their own; best of the trained seeds at each density. A colour is a pair."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Correlated pairs"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = PairsInThePlane.run Name 2 (CorrelatedSets(2, 2)) recipeOf claims
        Finding = finding
    }
