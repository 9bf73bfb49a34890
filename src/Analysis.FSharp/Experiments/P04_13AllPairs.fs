/// Problem 4.13: many more features to compute than neurons. Of n bits a hidden layer is asked for the AND of every pair, U-AND.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.AllPairs

open System
open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.13"

/// What follows from the scale, as run.json holds it; the widths must hold 32.
type Recipe =
    {
        Bits: int
        Density: float
        Neurons: int[]
        Instances: int
        Steps: int
        BatchSize: int
        LearningRate: float
        /// Inputs with more bits on are rare, and are left out where neurons are measured on all inputs.
        MostActive: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Bits = 16
            Density = 0.1
            Neurons = [| 4; 8; 16; 32; 64 |]
            Instances = 5
            Steps = 5_000
            BatchSize = 256
            LearningRate = 3e-3
            MostActive = 4
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Neurons = [| 8; 32 |]
            Instances = 2
            Steps = 100
            BatchSize = 64
            MostActive = 2
        }
    | Daily
    | Full -> full

let private cell recipe neurons =
    let world = Toys.worldOf (BinaryValues()) recipe.Bits recipe.Density recipe.Seed

    ToyModelOptions(
        Dimensions = neurons,
        Architecture =
            ToyArchitecture(Tied = false, Hidden = Activation.Relu, Output = Activation.Identity, HiddenBias = true),
        Target = Target(Function = TargetFunction.And, AllPairs = true),
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        Optimizer = Toys.annealed recipe.LearningRate
    )
    |> Toys.cell world

/// The inputs with at most so many bits on, as the bits that are, each with its probability among them.
let private inputs recipe : (int[] * float)[] =
    let n, p = recipe.Bits, recipe.Density

    let rec choose count from =
        if count = 0 then
            [ [] ]
        else
            [
                for first in from .. n - count do
                    for rest in choose (count - 1) (first + 1) -> first :: rest
            ]

    let all =
        [|
            for k in 0 .. recipe.MostActive do
                for bits in choose k 0 -> Array.ofList bits, p ** float k * (1.0 - p) ** float (n - k)
        |]

    let whole = Array.sumBy snd all
    all |> Array.map (fun (bits, probability) -> bits, probability / whole)

/// [d] ReLU(Wᵀx + c) for an input. W: [n, d].
let private neurons (W: float[,]) (c: float[]) (bits: int[]) =
    Array.init c.Length (fun j -> max 0.0 (c[j] + Array.sumBy (fun i -> W[i, j]) bits))

/// [n(n − 1)/2] in the order of the targets.
let private pairs n =
    [|
        for i in 0 .. n - 1 do
            for j in i + 1 .. n - 1 -> i, j
    |]

/// The share of the ANDs' variance that the best affine readout of the neurons misses, over all pairs: with g = (1, h),
/// A = E g gᵀ and a = E t g of each AND t, what it explains of E t² is aᵀ A⁺ a.
let private unread recipe (inputs: (int[] * float)[]) (W: float[,]) (c: float[]) =
    let all =
        inputs
        |> Array.map (fun (bits, probability) -> bits, probability, Array.append [| 1.0 |] (neurons W c bits))

    let size = c.Length + 1

    let A =
        let sums = Array2D.zeroCreate size size

        for _, probability, g in all do
            for r in 0 .. size - 1 do
                if g[r] <> 0.0 then
                    for s in 0 .. size - 1 do
                        sums[r, s] <- sums[r, s] + probability * g[r] * g[s]

        sums

    let eigen = Eigen.symmetric A
    let isMore value = value > 1e-10 * eigen.Values[0]

    let left =
        pairs recipe.Bits
        |> Array.map (fun (i, j) ->
            let on =
                all
                |> Array.filter (fun (bits, _, _) -> Array.contains i bits && Array.contains j bits)

            let often = on |> Array.sumBy (fun (_, probability, _) -> probability)

            let along s =
                on
                |> Array.sumBy (fun (_, probability, g) ->
                    let mutable product = 0.0

                    for r in 0 .. size - 1 do
                        product <- product + eigen.Vectors[s, r] * g[r]

                    probability * product)

            let explained =
                Array.init size id
                |> Array.filter (fun s -> isMore eigen.Values[s])
                |> Array.sumBy (fun s -> along s ** 2.0 / eigen.Values[s])

            often - explained, often - often * often)

    Array.sumBy fst left / Array.sumBy snd left

/// Neurons that each read a random half of the bits, ReLU(Σ x_i − 1): they are 0 unless two of their bits are on, which is how
/// U-AND is constructed (Hänni et al. 2024, arXiv 2408.05451).
let private subsets recipe count seed =
    let random = Random(int recipe.Seed * 1000 + seed)
    Array2D.init recipe.Bits count (fun _ _ -> if random.NextDouble() < 0.5 then 1.0 else 0.0), Array.create count -1.0

/// How many outputs are on the right side of a half for every input with up to three bits on.
let private computed recipe (inputs: (int[] * float)[]) (model: ToyModel) =
    let W, U = Toys.weights model, Toys.decoder model
    let c = model.HiddenBiases[0] |> Array.map float

    let few =
        inputs
        |> Array.filter (fun (bits, _) -> bits.Length <= 3)
        |> Array.map (fun (bits, _) -> bits, neurons W c bits)

    pairs recipe.Bits
    |> Array.indexed
    |> Array.filter (fun (output, (i, j)) ->
        few
        |> Array.forall (fun (bits, h) ->
            let mutable y = float model.B[output]

            for at in 0 .. h.Length - 1 do
                y <- y + U[output, at] * h[at]

            (y > 0.5) = (Array.contains i bits && Array.contains j bits)))
    |> Array.length
    |> float

/// What is measured of a number of neurons, over seeds.
type private Outcome =
    {
        Neurons: int
        /// Of the trained neurons and of the constructed ones.
        Unread: Estimate
        Constructed: Estimate
        Computed: Estimate
        /// The participation ratio of the bits a neuron reads, mean over neurons: 1 to n.
        Reads: Estimate
    }

let private outcome recipe inputs (cell: ToyModelCell) =
    let width = cell.Recipe.Model.Dimensions

    let over measure =
        cell.Instances
        |> Seq.toArray
        |> Array.Parallel.map measure
        |> Statistics.estimate

    {
        Neurons = width
        Unread =
            over (fun model -> unread recipe inputs (Toys.weights model) (model.HiddenBiases[0] |> Array.map float))
        Constructed =
            Array.init cell.Instances.Count id
            |> Array.Parallel.map (subsets recipe width >> fun (W, c) -> unread recipe inputs W c)
            |> Statistics.estimate
        Computed = over (computed recipe inputs)
        Reads =
            over (fun model ->
                let W = Toys.weights model

                Array2D.init width recipe.Bits (fun j i -> abs W[i, j])
                |> Polysemanticity.participationRatio
                |> Array.average)
    }

/// An estimate of a multiple.
let private times (factor: float) (e: Estimate) =
    { e with
        Mean = factor * e.Mean
        Low = factor * e.Low
        High = factor * e.High
        Sd = factor * e.Sd
    }

let private perNeuron (outcome: Outcome) =
    times (1.0 / float outcome.Neurons) outcome.Computed

let private claims recipe (outcomes: Outcome[]) =
    let at = outcomes |> Array.find (fun outcome -> outcome.Neurons = 32)

    [
        outcomes
        |> Array.map perNeuron
        |> Array.maxBy _.Mean
        |> Verdicts.atLeast
            $"{Name}.superposed"
            $"More ANDs are computed than there are neurons: outputs right for every input with up to three of {recipe.Bits} bits on, per neuron, at the width with the most."
            "a bar of our own"
            1.0
        at.Unread
        |> times (1.0 / at.Constructed.Mean)
        |> Verdicts.atMost
            $"{Name}.beyond-subsets"
            "From 32 trained neurons the best affine readout misses at most half of what it misses from 32 that read random halves of the bits (share of the ANDs' variance, one over the other)."
            "a bar of our own; the construction follows Hänni et al. 2024 (arXiv 2408.05451)"
            0.5
        at.Reads
        |> Verdicts.atLeast
            $"{Name}.dense"
            $"The trained solution is dense: each of 32 neurons reads at least half of the {recipe.Bits} bits (participation ratio of its weights, mean over neurons)."
            "Newgas 2025 (arXiv 2507.09816) finds dense solutions; the bar is our own"
            (float recipe.Bits / 2.0)
    ]

let private columns: (string * (Outcome -> Estimate)) list =
    [
        "unread", _.Unread
        "constructed", _.Constructed
        "computed", _.Computed
        "reads", _.Reads
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    let inputs = inputs recipe

    let cells =
        recipe.Neurons |> Array.map (cell recipe) |> Toys.train Name None settings

    let outcomes = cells |> Array.map (outcome recipe inputs)
    let widest = cells |> Array.find (fun cell -> cell.Recipe.Model.Dimensions = 32)

    let tensors =
        dict
            [
                "neurons", recipe.Neurons |> Array.map float |> Toys.vector
                "W", StoredArray.Of(Toys.weights widest.Best)
                for name, estimate in columns do
                    let rows = outcomes |> Array.map (estimate >> fun e -> [| e.Mean; e.Low; e.High |])
                    name, StoredArray.Of(array2D rows)
            ]

    settings
    |> Settings.leave Name recipe (claims recipe outcomes) (fun folder ->
        folder.WriteSafetensors("pairs.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let tensors = folder.Safetensors "pairs.safetensors"
    let neurons = tensors["neurons"].ToDoubles()

    let series name called =
        let matrix = tensors[name].ToMatrix()

        {
            Name = called
            X = neurons
            Y = matrix[*, 0]
            Low = matrix[*, 1]
            High = matrix[*, 2]
        }

    let unread, constructed =
        series "unread" "trained", series "constructed" "random halves of the bits"

    let computed = series "computed" "trained"
    let reads = series "reads" "trained"
    let last = neurons.Length - 1
    let all = (pairs recipe.Bits).Length
    let W = tensors["W"].ToMatrix()
    let at = Array.findIndex ((=) 32.0) neurons

    {
        Lead =
            $"Of the {all} ANDs of {recipe.Bits} bits, {neurons[last]:F0} neurons get {computed.Y[last]:F0} right for every input with few bits on, 32 get {computed.Y[at]:F0}. "
            + $"A linear readout of 32 trained neurons misses {100.0 * unread.Y[at]:F1} %% of the variance, of 32 that read random halves {100.0 * constructed.Y[at]:F1} %%; a trained neuron reads {reads.Y[at]:F1} of the bits."
        Figures =
            [
                [ unread; constructed ]
                |> Charts.line (Axis.Log "neurons") (Axis.Log "share of the variance missed")
                |> Figure.captioned
                    $"What the best affine readout of the neurons misses of all {all} ANDs, with 95 %% bands over seeds: trained neurons, and neurons that are on when two bits of a random half are."
                [ computed; Series.Of("one a neuron", neurons, neurons) ]
                |> Charts.line (Axis.Log "neurons") (Axis.Linear "ANDs right on every input")
                |> Figure.captioned
                    $"How many of the {all} outputs are on the right side of a half for every input with up to three bits on. Above the second curve, more are computed than there are neurons."
                W
                |> Charts.heat
                    "weight"
                    ("bit", Array.init recipe.Bits string)
                    ("neuron", Array.init (Array2D.length2 W) string)
                |> Figure.captioned
                    "What each of 32 trained neurons reads from each bit, the best of the seeds: a dense solution has few cells without colour."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "More ANDs than neurons"
        Part = Part.Problems
        Answers = [ "4.13" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
