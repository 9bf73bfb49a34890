/// Computation in superposition: |x| of a hundred features in forty neurons, from dense to sparse.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.ComputingInSuperposition

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E19"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Computation in Superposition\": \"Basic Results\""

let private features, neurons = 100, 40

/// Those of ARENA's exercise on the figure.
let private densities = [| 1.0; 0.3; 0.1; 0.03; 0.01; 0.003; 0.001 |]

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
            Densities = densities
            Instances = 3
            Steps = 10_000
            Seed = 19L
        }

    match scale with
    | Quick -> { full with Instances = 1; Steps = 500 }
    | Daily
    | Full -> full

let private cell recipe =
    Toys.absoluteCell (features, neurons) recipe.Instances recipe.Steps recipe.Seed

/// What is measured of a model.
type private Outcome =
    {
        /// Of the neurons that carry something, how many carry one feature, in shares.
        Monosemantic: float
        /// Mean number of the features that polysemantic neurons carry, less that of monosemantic ones; features are numbered from the
        /// most important. None where one kind is missing.
        LessImportant: float option
        /// Of each polysemantic neuron, its second largest |encoder weight| as a share of the largest.
        Secondary: float[]
    }

let private measure (encoder: float[,]) (decoder: float[,]) =
    let code = NeuronCode.ofWeights encoder decoder
    let working = code.Monosemantic + code.Polysemantic

    let carried isWanted =
        code.Carried
        |> Array.filter (fun features -> isWanted features.Length)
        |> Array.concat
        |> Array.map float

    let alone, together = carried ((=) 1), carried (fun count -> count > 1)

    {
        Monosemantic = float code.Monosemantic / float (max 1 working)
        LessImportant =
            if alone.Length = 0 || together.Length = 0 then
                None
            else
                Some(Array.average together - Array.average alone)
        Secondary =
            [|
                for j in 0 .. code.Carried.Length - 1 do
                    if code.Carried[j].Length > 1 then
                        let sizes = encoder[*, j] |> Array.map abs |> Array.sortDescending
                        sizes[1] / sizes[0]
            |]
    }

let private claims (outcomes: Outcome[][]) =
    let share (outcomes: Outcome[]) =
        outcomes |> Array.map _.Monosemantic |> Statistics.estimate

    let all = Array.concat outcomes

    /// What some models do not have; 0, which no claim below is met by, where none has it.
    let over (values: float[]) =
        Statistics.estimate (if values.Length = 0 then [| 0.0 |] else values)

    let at = $"n = {features}, m = {neurons}, I = 0.8ⁱ"

    [
        share outcomes[0]
        |> Verdicts.atLeast
            $"{Name}.dense-monosemantic"
            $"At p = 1 neurons are monosemantic ({at}; share of the neurons that carry something)."
            Source
            0.9
        share (Array.last outcomes)
        |> Verdicts.atMost
            $"{Name}.sparse-polysemantic"
            $"At p = {Array.last densities} most neurons are polysemantic ({at}; share of monosemantic neurons)."
            Source
            0.5
        Statistics.estimate
            [|
                Statistics.spearman
                    (Array.map (fun p -> 1.0 / p) densities)
                    (outcomes |> Array.map (fun outcomes -> -(share outcomes).Mean))
            |]
        |> Verdicts.atLeast
            $"{Name}.growing"
            $"The sparser the features, the fewer neurons are monosemantic ({at}; Spearman's ρ of 1/p and the share that is not, over the densities)."
            Source
            0.9
        all
        |> Array.choose _.LessImportant
        |> over
        |> Verdicts.atLeast
            $"{Name}.important-alone"
            $"Where there are neurons of both kinds, the important features have monosemantic ones ({at}; by how many places the features of polysemantic neurons come later, over densities and seeds; a bar of our own)."
            Source
            5.0
        all
        |> Array.filter (fun outcome -> outcome.LessImportant.IsSome)
        |> Array.collect _.Secondary
        |> fun secondary -> if secondary.Length = 0 then [| 1.0 |] else secondary
        |> Statistics.bootstrap 1 2000 (Statistics.quantile 0.5)
        |> fun median ->
            { Statistics.estimate [| median.Value |] with
                Low = median.Low
                High = median.High
                Count = all.Length
            }
        |> Verdicts.atMost
            $"{Name}.secondary-small"
            $"There a polysemantic neuron has one primary feature and small weights for others ({at}; median over such neurons of the second largest encoder weight as a share of the largest; a bar of our own)."
            Source
            0.5
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        recipe.Densities |> Array.map (cell recipe) |> Toys.train Name None settings

    let outcomes =
        cells
        |> Array.map (fun cell ->
            cell.Instances
            |> Seq.map (fun model -> measure (Toys.weights model) (Toys.decoder model))
            |> Seq.toArray)

    let tensors =
        dict
            [
                "density", Toys.vector recipe.Densities
                "encoder", cells |> Array.map (_.Best >> Toys.weights) |> Toys.stack
                "decoder", cells |> Array.map (_.Best >> Toys.decoder) |> Toys.stack
                for p, outcomes in Array.zip recipe.Densities outcomes do
                    $"monosemantic-{p}", outcomes |> Array.map _.Monosemantic |> Toys.vector
            ]

    settings
    |> Settings.leave Name recipe (claims outcomes) (fun folder ->
        folder.WriteSafetensors("absolute.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "absolute.safetensors"
    let p = tensors["density"].ToDoubles()

    let models =
        Array.zip (Toys.unstack tensors["encoder"]) (Toys.unstack tensors["decoder"])

    /// With their range for an interval: of two or three seeds one by t would leave the axis.
    let shares =
        p
        |> Array.map (fun p ->
            let shares = tensors[$"monosemantic-{p}"].ToDoubles()

            { Statistics.estimate shares with
                Low = Array.min shares
                High = Array.max shares
            })

    /// Where the neurons change: a panel has a box for each of forty neurons' largest weights, and seven would be heavy.
    let shown = [| 0; 2; 4 |]

    {
        Lead =
            $"Of the neurons that compute |x| of something, {shares[0].Mean:P0} speak for one feature when every feature is always on, "
            + $"{shares[shown[1]].Mean:P0} at p = {p[shown[1]]} and {(Array.last shares).Mean:P0} at p = {Array.last p}."
        Figures =
            [
                shown
                |> Array.map (fun at ->
                    let encoder, decoder = models[at]
                    let scaled, _ = Motifs.normalised encoder decoder
                    Toys.neuronPanel $"p = {p[at]}" scaled (NeuronCode.ofWeights encoder decoder))
                |> Charts.neuronBars
                |> Figure.captioned
                    "Encoder weights |W₁| of the best model at three densities, each neuron scaled to a greatest weight of 1. A neuron is monosemantic when it returns no second feature a quarter as strongly as its first."
                [
                    Series.OfEstimates("monosemantic neurons", Array.map (fun p -> 1.0 / p) p, shares)
                ]
                |> Charts.line (Axis.Log "1/p, inverse density") (Axis.Linear "share of working neurons")
                |> Figure.captioned
                    "Share of monosemantic neurons among those that carry a feature, against how sparse the features are; mean over seeds and their range."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Absolute values of more features than neurons"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
