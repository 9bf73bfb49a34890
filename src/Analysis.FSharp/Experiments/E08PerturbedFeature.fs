/// A pentagon whose fifth feature grows sparser than the rest: it deforms, then gives way to two digons at once.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.PerturbedFeature

open System
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E8"

[<Literal>]
let private Source = "Toy Models of Superposition, \"Perturbing a Single Feature\""

let private features, dimensions, density = 5, 2, 0.05

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        /// p₅/p.
        Relative: float[]
        /// Seeds from which one is the best; the others are repetitions.
        BestOf: int
        Groups: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Relative =
                [|
                    yield! [ 0.1; 0.15; 0.2; 0.22; 0.24; 0.26; 0.28; 0.3; 0.32; 0.35 ]
                    yield! [ 0.4; 0.45; 0.5; 0.6; 0.7; 0.8; 1.0; 1.5; 2.0 ]
                |]
            BestOf = 8
            Groups = 4
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Relative = [| 0.1; 0.2; 0.3; 0.5; 1.0; 2.0 |]
            BestOf = 4
            Groups = 2
            Steps = 2_000
        }
    | Daily
    | Full -> full

let private densities (relative: float) =
    Array.init features (fun i -> if i = 4 then relative * density else density)

let private perturbed (relative: float) : IndependentFeatures =
    {
        Density = densities relative
        Importance = Array.create features 1.0
    }

let private cell recipe relative =
    let world =
        SparseFeatureOptions(
            Features = features,
            Density = PerFeature.Of(ReadOnlySpan(densities relative)),
            Rows = Toys.Rows,
            Seed = recipe.Seed
        )

    ToyModelOptions(
        Dimensions = dimensions,
        Instances = recipe.BestOf * recipe.Groups,
        Seed = recipe.Seed,
        Steps = recipe.Steps
    )
    |> Toys.cell world

/// Whether the fifth feature is represented.
let private holds (W: float[,]) =
    (Gram.norms W)[4] > Geometry.RepresentedNorm

/// How many times sparser than the others the fifth feature is where it is dropped: going down from p₅ = p, the middle of the
/// last value that keeps it and the first that does not. NaN where it is kept, or dropped, throughout.
let private factor (relative: float[]) (keeps: bool[]) =
    let sparser =
        Array.zip relative keeps
        |> Array.filter (fun (relative, _) -> relative <= 1.0)
        |> Array.rev

    match Array.tryFindIndex (snd >> not) sparser with
    | Some first when first > 0 -> 1.0 / sqrt (fst sparser[first] * fst sparser[first - 1])
    | _ -> nan

/// The pentagon's local optimum, followed from p₅ = p both ways; None from where it has let go of a feature.
let private branch (relative: float[]) : Solution option[] =
    let follow (path: float[]) =
        path
        |> Array.scan
            (fun (before: Solution option) relative ->
                before
                |> Option.map (fun solution -> Optimum.from (perturbed relative) (solution.W, solution.b))
                |> Option.filter (fun solution -> (Geometry.represented solution.W).Length = features))
            (Crossing.pentagon (perturbed 1.0))
        |> Array.tail

    let below, above = relative |> Array.partition (fun relative -> relative < 1.0)
    Array.append (follow (Array.rev below) |> Array.rev) (follow above)

/// The angle between the two neighbours of the fifth feature across it, 144° in a regular pentagon.
let private gap (W: float[,]) =
    let circle = Geometry.circle W
    let at = Array.IndexOf(circle, 4)
    let left, right = circle[(at + 4) % 5], circle[(at + 1) % 5]

    let angle i = Math.Atan2(W[i, 1], W[i, 0])

    let turn = (angle right - angle left) * 180.0 / Math.PI
    if turn < 0.0 then turn + 360.0 else turn

let private lossOr (solution: Solution option) =
    match solution with
    | Some solution -> solution.Loss
    | None -> nan

/// Since the first run a single run's switch is counted over all starts: within a group the share of starts is coarse.
let private claims recipe (seeds: PentagonOrDigons.Seed[][]) (crossing: float) (atCrossing: Solution) =
    let groups = seeds |> Array.map (Array.chunkBySize recipe.BestOf)

    let overGroups keeps =
        Array.init recipe.Groups (fun g -> groups |> Array.map (fun cell -> keeps cell[g]) |> factor recipe.Relative)
        |> PentagonOrDigons.overGroups

    let ofBest =
        overGroups (Array.minBy (fun (seed: PentagonOrDigons.Seed) -> seed.Loss) >> _.W >> holds)

    let ofHalf =
        [| 0 .. recipe.BestOf * recipe.Groups - 1 |]
        |> Statistics.bootstrap (int recipe.Seed) 1000 (fun drawn ->
            seeds
            |> Array.map (fun cell -> drawn |> Array.averageBy (fun j -> if holds cell[j].W then 1.0 else 0.0))
            |> Array.map (fun share -> share >= 0.5)
            |> factor recipe.Relative)

    let near id statement estimate =
        Verdicts.near $"{Name}.{id}" statement Source 2.5 0.25 estimate

    [
        Statistics.estimate [| 1.0 / crossing |]
        |> near
            "paper-factor-exact"
            "n = 5, d = 2, p = 0.05: two digons become the better arrangement once the fifth feature is about 2.5 times sparser than the others (where the exact losses cross)."
        ofBest
        |> near
            "paper-factor-best"
            $"The same for trained models (where the best of {recipe.BestOf} random starts drops the fifth feature, mean over {recipe.Groups} groups of seeds)."
        {
            Mean = ofHalf.Value
            Low = ofHalf.Low
            High = ofHalf.High
            Sd = nan
            Count = recipe.BestOf * recipe.Groups
        }
        |> near
            "paper-factor-typical"
            "The same for a single run (where half of all random starts drop the fifth feature, and the bootstrap's interval over starts)."
        { ofBest with
            Mean = ofBest.Mean * crossing
            Low = ofBest.Low * crossing
            High = ofBest.High * crossing
        }
        |> Verdicts.near
            $"{Name}.best-at-crossing"
            $"The best of {recipe.BestOf} random starts switches where the exact losses cross (ratio of the two factors)."
            "a bar of our own, about the spacing of the densities"
            1.0
            0.1
        Statistics.estimate [| gap atCrossing.W - 144.0 |> abs |]
        |> Verdicts.atLeast
            $"{Name}.deforms"
            "Before it gives way the pentagon deforms: at the crossing the angle between the neighbours of the fifth feature has left 144° (exact optimum, degrees)."
            $"{Source}; the bar is ours"
            5.0
        Statistics.estimate [| (Gram.norms atCrossing.W)[4] |]
        |> Verdicts.atLeast
            $"{Name}.first-order"
            "It gives way at once: at the crossing the fifth feature still has a length of its own in the pentagon, and none in the two digons (exact optimum)."
            $"{Source}; the bar is ours"
            0.5
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let seeds =
        recipe.Relative
        |> Array.map (cell recipe)
        |> Toys.train Name None settings
        |> Array.map2 (fun relative -> PentagonOrDigons.seeds (perturbed relative)) recipe.Relative

    let crossing = Crossing.find perturbed 0.2 0.4

    let atCrossing =
        match Crossing.pentagon (perturbed crossing) with
        | Some solution -> solution
        | None -> invalidOp $"At the crossing, p₅/p = {crossing}, the pentagon is no local optimum."

    let best = seeds |> Array.map (Array.minBy (fun seed -> seed.Loss))

    let tensors =
        dict
            [
                "relative", Toys.vector recipe.Relative
                "W", best |> Array.map _.W |> Toys.stack
                "best", best |> Array.map _.Loss |> Toys.vector
                "pentagon", branch recipe.Relative |> Array.map lossOr |> Toys.vector
                "digons",
                recipe.Relative
                |> Array.map (perturbed >> Crossing.twoDigons >> lossOr)
                |> Toys.vector
                "kept",
                seeds
                |> Array.map (Array.averageBy (fun seed -> if holds seed.W then 1.0 else 0.0))
                |> Toys.vector
                "crossing", Toys.vector [| crossing |]
            ]

    settings
    |> Settings.leave Name recipe (claims recipe seeds crossing atCrossing) (fun folder ->
        folder.WriteSafetensors("perturbed.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "perturbed.safetensors"
    let values (name: string) = tensors[name].ToDoubles()
    let relative, crossing = values "relative", (values "crossing")[0]
    let W = Toys.unstack tensors["W"]

    let overDigons name =
        Array.map2 (/) (values name) (values "digons")

    let trained = factor relative (W |> Array.map holds)

    let switch =
        if Double.IsNaN trained then
            "training from random starts does not switch in the range"
        else
            $"the best of the random starts switches at {trained:F1} times"

    let shown =
        Array.zip relative W
        |> Array.filter (fun (relative, _) ->
            Array.contains relative [| 0.1; 0.2; 0.24; 0.28; 0.3; 0.4; 0.6; 1.0; 1.5; 2.0 |])
        |> Array.map (fun (relative, W) -> relative * density, W)

    {
        Lead =
            $"A pentagon gives way to two digons once its fifth feature is {1.0 / crossing:F1} times sparser than the others: there the exact losses cross, "
            + $"and {switch}. The paper's text has about 2.5 times."
        Figures =
            [
                Charts.plane "feature" [| 1.0; 1.0; 1.0; 1.0; 5.0 |] shown
                |> Figure.captioned
                    "Five features of equal importance in the plane, best of all seeds. The density p of the fifth, which has a colour of its own, goes from a tenth to twice that of the others, 0.05."
                [
                    Series.Of("pentagon, exact", relative, overDigons "pentagon")
                    Series.Of("best trained", relative, overDigons "best")
                ]
                |> Charts.line
                    (Axis.Log "density of the fifth feature over that of the others")
                    (Axis.Linear "loss over that of two digons")
                |> Charts.withLevels [ "two digons", 1.0 ]
                |> Figure.captioned
                    "Losses over the exact one of two digons: the pentagon's exact optimum, which goes on smoothly beyond the crossing until it ceases to exist, and the best trained weights, which follow the better of the two. A transition of the first order."
                [ Series.Of("share", relative, values "kept") ]
                |> Charts.line
                    (Axis.Log "density of the fifth feature over that of the others")
                    (Axis.Linear "share of seeds")
                |> Figure.captioned "How many of the seeds end with the fifth feature represented."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "One feature sparser than the others"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
