/// Three correlated pairs in two dimensions over all densities: the denser they are, the more pairs are stored as one direction.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.CollapsingPairs

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E13"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Organization of Correlated and Anticorrelated Features\""

let private pairs, dimensions = 3, 2

/// The paper's ranges of density, and the densities that stand for each.
let private sparse = [| 0.01; 0.02; 0.03; 0.04 |]
let private one = [| 0.06; 0.08; 0.1; 0.12; 0.14 |]
let private two = [| 0.16; 0.17; 0.18; 0.19 |]
let private dense = [| 0.25; 0.3; 0.35; 0.4; 0.45; 0.5; 0.6; 0.7; 0.8; 0.9 |]

let private recipeOf =
    PairsInThePlane.recipe (Array.concat [ sparse; one; two; dense ]) 8

/// A pair is collapsed when both members are represented with a cosine above this, as near to one direction as
/// Geometry.AntipodalCosine asks opposites to be.
let private collapsedCosine = -Geometry.AntipodalCosine

/// [pairs] Whether a pair is stored as one direction.
let private collapsed (W: float[,]) =
    let represented = Geometry.represented W |> Set.ofArray

    PairsInThePlane.cosines W
    |> Array.mapi (fun s cosine ->
        cosine > collapsedCosine
        && represented.Contains(2 * s)
        && represented.Contains(2 * s + 1))

let private count (W: float[,]) =
    collapsed W |> Array.filter id |> Array.length |> float

/// What the best linear model with a bias leaves: the eigenvalues of the covariance but the d largest.
let private principalComponents (p: float) =
    let moments =
        (PairsInThePlane.world pairs (CorrelatedSets(2, 2, 2)) p 1L).Statistics()

    let covariance =
        moments.SecondMoment
        |> Array2D.mapi (fun i j moment -> moment - moments.Mean[i] * moments.Mean[j])

    (Eigen.symmetric covariance).Values |> Array.skip dimensions |> Array.sum

let private claims (best: (float * float[,])[]) (ofLinear: float[]) =
    let among (densities: float[]) =
        best |> Array.filter (fun (p, _) -> Array.contains p densities) |> Array.map snd

    let mean densities =
        among densities |> Array.map count |> Statistics.estimate

    let stored name range (expected: string) densities pairs =
        mean densities
        |> Verdicts.near
            $"{Name}.{name}"
            $"At p {range} {expected} of three correlated pairs is stored as one direction, n = 6, d = 2 (pairs with a cosine above {collapsedCosine} in the best model, mean over {Array.length densities} densities)."
            Source
            pairs
            0.25

    let lengths =
        best
        |> Array.map snd
        |> Array.collect (fun W ->
            let norms = Geometry.norms W

            collapsed W
            |> Array.indexed
            |> Array.filter snd
            |> Array.collect (fun (s, _) -> [| norms[2 * s]; norms[2 * s + 1] |]))

    let isDense = best |> Array.map (fun (p, _) -> Array.contains p dense)

    let ofDense values =
        Array.zip isDense values |> Array.filter fst |> Array.map snd

    [
        stored "none" "below 0.05" "none" sparse 0.0
        stored "one" "from 0.05 to 0.15" "one" one 1.0
        stored "two" "from 0.15 to 0.2" "two" two 2.0
        if lengths.Length > 0 then
            Statistics.estimate lengths
            |> Verdicts.near
                $"{Name}.sum"
                "A collapsed pair is stored as the single feature (a + b)/√2 of length 1: each member has length 1/√2 (mean over the collapsed pairs of the best models)."
                Source
                (sqrt 0.5)
                0.1
        Statistics.spearman (ofDense (Array.map fst best)) (ofDense ofLinear)
        |> Array.singleton
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.progressive"
            "From p = 0.25 on, the model comes ever nearer to principal components: loss over the best linear model's rises with p (Spearman's ρ)."
            Source
            0.9
        Statistics.estimate [| Array.last ofLinear |]
        |> Verdicts.atLeast
            $"{Name}.components"
            "At p = 0.9 nothing is gained over two principal components (loss over the best linear model's)."
            $"{Source}; the bar is ours"
            0.95
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        PairsInThePlane.train Name pairs (CorrelatedSets(2, 2, 2)) recipe settings

    let ofLinear =
        Array.map2 (fun (cell: ToyModelCell) p -> cell.Best.Loss / principalComponents p) cells recipe.Densities

    let best = Array.zip recipe.Densities (cells |> Array.map (_.Best >> Toys.weights))

    let overSeeds =
        cells
        |> Array.map (Toys.settled 0.01 >> Array.map (Toys.weights >> count) >> Array.average)

    let tensors =
        PairsInThePlane.tensors recipe cells
        @ [ "of_linear", Toys.vector ofLinear; "collapsed_mean", Toys.vector overSeeds ]

    settings
    |> Settings.leave Name recipe (claims best ofLinear) (fun folder ->
        folder.WriteSafetensors("pairs.safetensors", dict tensors))

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "pairs.safetensors"
    let best = PairsInThePlane.stored tensors
    let p, counts = Array.map fst best, Array.map (snd >> count) best
    let ofLinear = tensors["of_linear"].ToDoubles()

    let first =
        match Array.tryFindIndex (fun collapsed -> collapsed > 0.0) counts with
        | Some at ->
            $"the first of three pairs is stored as one direction at p = {p[at]:G2}, and at most {Array.max counts:F0} are"
        | None -> "no pair is ever stored as one direction"

    let shown =
        [| 0.03; 0.06; 0.1; 0.14; 0.16; 0.18; 0.25; 0.35; 0.5; 0.8 |]
        |> Array.choose (fun shown -> best |> Array.tryFind (fun (p, _) -> abs (p - shown) < 1e-9))

    {
        Lead =
            $"As correlated features grow denser {first}; the loss comes from {Array.head ofLinear:F2} to {Array.last ofLinear:F2} of "
            + "what two principal components leave."
        Figures =
            [
                PairsInThePlane.plane shown
                |> Figure.captioned
                    "Three pairs of features, each pair on or off as one; best of the trained seeds. A colour is a pair: where its two segments fall together, the pair is collapsed."
                [
                    Series.Of("collapsed pairs, best model", p, counts)
                    Series.Of("collapsed pairs, mean of converged seeds", p, tensors["collapsed_mean"].ToDoubles())
                    Series.Of("loss over that of principal components", p, ofLinear)
                ]
                |> Charts.line (Axis.Log "p") (Axis.Linear "pairs, and share of the loss")
                |> Figure.captioned
                    "How many of three pairs are stored as one direction, and how near the loss comes to the best linear model's (1 is no better than principal components)."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Collapsing pairs: between superposition and principal components"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
