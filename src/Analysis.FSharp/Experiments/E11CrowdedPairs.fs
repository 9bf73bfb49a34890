/// Three correlated pairs in two dimensions, where not every pair can have its right angle: members stand side by side.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.CrowdedPairs

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage

[<Literal>]
let private Name = "E11"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Organization of Correlated and Anticorrelated Features\""

/// ARENA's densities: 100^−linspace(½, 1), five of them.
let private recipeOf =
    PairsInThePlane.recipe [| for t in 0..4 -> 100.0 ** -(0.5 + float t / 8.0) |] 8

/// [pairs] Whether both members are represented and no other feature stands between them on the circle.
let private sideBySide (W: float[,]) =
    let circle = Geometry.circle W

    Array.init (Array2D.length1 W / 2) (fun pair ->
        Array.append circle circle[..0]
        |> Array.pairwise
        |> Array.exists (fun (i, j) -> i / 2 = pair && j / 2 = pair))

let private claims (converged: float[,][]) =
    let beside = Array.collect sideBySide converged

    [
        Statistics.share (beside |> Array.filter id |> Array.length) beside.Length
        |> Verdicts.atLeast
            $"{Name}.side-by-side"
            "Three correlated pairs, n = 6, d = 2: members of a pair are neighbours on the circle (share of the pairs of converged seeds of five densities)."
            $"{Source}; the bar is ours"
            0.9
        converged
        |> Array.map (PairsInThePlane.cosines >> Array.average)
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.positive"
            "They rather help each other than hinder: the cosine within pairs is above 0 (mean over the pairs, then over converged seeds)."
            Source
            0.0
    ]

let private finding (folder: RunFolder) : Finding =
    let panels = folder.Safetensors "pairs.safetensors" |> PairsInThePlane.stored
    let beside = panels |> Array.collect (snd >> sideBySide)

    let cosine =
        panels |> Array.averageBy (snd >> PairsInThePlane.cosines >> Array.average)

    {
        Lead =
            $"Without room for a right angle each, {beside |> Array.filter id |> Array.length} of the {beside.Length} correlated pairs of the best models "
            + $"stand side by side on the circle; the cosine within a pair is {PairsInThePlane.inWords 2 cosine} on average."
        Figures =
            [
                PairsInThePlane.plane panels
                |> Figure.captioned
                    "Three pairs of features, each pair on or off as one with values of their own; best of the trained seeds at each density. A colour is a pair."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Correlated pairs without room"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = PairsInThePlane.run Name 3 (CorrelatedSets(2, 2, 2)) recipeOf claims
        Finding = finding
    }
