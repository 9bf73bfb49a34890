/// Problem 4.3: neuron superposition on x², which takes several neurons a feature, beside |x|, which takes two.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Squares

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.3"

[<Literal>]
let private OwnBar = "a bar of our own"

[<Literal>]
let private features = 8

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Densities: float[]
        /// Hidden neurons.
        Neurons: int[]
        Instances: int
        Steps: int
        BatchSize: int
        LearningRate: float
        /// Rows that the computed features are counted on.
        Rows: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Densities = [| 1.0; 0.3; 0.1; 0.03 |]
            Neurons = [| 4; 8; 16; 32 |]
            Instances = 5
            Steps = 4_000
            BatchSize = 512
            LearningRate = 3e-3
            Rows = 4_096
            // Bars were set before any run; seeds 1 and 2 trained the pilots that had output ReLUs.
            Seed = 3L
        }

    match scale with
    | Quick ->
        { full with
            Densities = [| 1.0; 0.03 |]
            Instances = 2
            Steps = 100
        }
    | Daily
    | Full -> full

let private functions =
    [| "x²", TargetFunction.Square; "|x|", TargetFunction.Absolute |]

/// What it costs to know no more than the mean: p E x⁴ − (p E x²)² for x², p E x² − (p E |x|)² for |x|.
let private variance (of': TargetFunction) p =
    match of' with
    | TargetFunction.Square -> p / 5.0 - p * p / 9.0
    | _ -> p / 3.0 - p * p / 4.0

/// The share of the variance of x², x uniform on [−1, 1], that k kinks leave: k + 1 chords of equal width h = 2/(k + 1)
/// each miss by h⁴/180, of 4/45.
let private kinks (k: float) = (k + 1.0) ** -4.0

let private world p seed = Toys.signedWorld features p seed

let private target (of': TargetFunction) = Target(Function = of')

/// The outputs are linear: in pilot runs half of the output ReLUs died at p = 0.03, pushed below 0 for every input, where there
/// is no gradient to bring them back.
let private cell recipe of' p neurons =
    ToyModelOptions(
        Dimensions = neurons,
        Architecture =
            ToyArchitecture(Tied = false, Hidden = Activation.Relu, HiddenBias = true, Output = Activation.Identity),
        Target = target of',
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        Optimizer = Toys.annealed recipe.LearningRate
    )
    |> Toys.cell (world p recipe.Seed)

/// What is measured of a seed, in the order in which it is kept.
type private Measure =
    /// Loss as a share of what knowing only the means costs.
    | Loss = 0
    /// Features of which more than half of the variance is explained.
    | Computed = 1
    /// Neurons that carry a computed feature, |e_ij d_ij| at a quarter of the feature's greatest or more, in the mean.
    | NeuronsAFeature = 2
    /// Computed features that a neuron carries, in the mean over neurons that carry one.
    | FeaturesANeuron = 3

let private measured of' p (x: float[,]) (model: ToyModel) =
    let W, U = Toys.weights model, Toys.decoder model
    let neurons = Array2D.length2 W
    let unexplained = Responses.unexplained model (target of') x

    let computed =
        [| 0 .. features - 1 |] |> Array.filter (fun i -> unexplained[i] < 0.5)

    let carriers i =
        let through = Array.init neurons (fun j -> abs (W[i, j] * U[i, j]))
        let least = NeuronCode.CarriedShare * Array.max through
        [| 0 .. neurons - 1 |] |> Array.filter (fun j -> through[j] >= least)

    let carrying = computed |> Array.collect carriers

    let mean (over: int) =
        if over = 0 then 0.0 else float carrying.Length / float over

    [|
        model.Loss / (float features * variance of' p)
        float computed.Length
        mean computed.Length
        mean (Array.distinct carrying).Length
    |]

let private key (name: string) (p: float) (neurons: int) = $"{name}, p {p}, m {neurons}"

let private claims recipe (values: string -> float -> int -> Measure -> float[]) =
    let square, absolute = fst functions[0], fst functions[1]
    let sparsest = Array.last recipe.Densities

    let best name p m =
        [| values name p m Measure.Loss |> Array.min |] |> Statistics.estimate

    let two, four = 2 * features, 4 * features

    [
        best square 1.0 two
        |> Verdicts.atMost
            $"{Name}.two-kinks"
            $"Two neurons a feature put two kinks into x²: what is left of the variance at p = 1 is 1/3⁴ = 0.0123 for kinks best placed, at most twice that for the best seed (n = {features}, m = {two})."
            "best piecewise linear approximation, (k + 1)⁻⁴; the factor is a bar of our own"
            (2.0 * kinks 2.0)
        best absolute 1.0 two
        |> Verdicts.atMost
            $"{Name}.absolute"
            $"Two neurons a feature compute |x| without error: at most a hundredth of the variance is left at p = 1 (best seed, m = {two})."
            "Toy Models of Superposition, \"Computation in Superposition\"; the bar is our own"
            0.01
        (let dense = values square 1.0 features Measure.Loss |> Array.average

         values square sparsest features Measure.Loss
         |> Array.map (fun loss -> loss / dense)
         |> Statistics.estimate)
        |> Verdicts.atMost
            $"{Name}.sparsity-pays"
            $"With one neuron a feature sparsity pays: the share of the variance of x² left at p = {sparsest} is at most 0.8 of that at p = 1 (m = {features})."
            OwnBar
            0.8
        Array.map2
            (-)
            (values square 1.0 four Measure.NeuronsAFeature)
            (values absolute 1.0 four Measure.NeuronsAFeature)
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.more-neurons"
            $"Where there are four neurons a feature, x² takes at least one more than |x| (p = 1, m = {four})."
            OwnBar
            1.0
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let plan =
        [|
            for named in functions do
                for p in recipe.Densities do
                    for neurons in recipe.Neurons -> named, p, neurons
        |]

    let cells =
        plan
        |> Array.map (fun ((_, of'), p, neurons) -> cell recipe of' p neurons)
        |> Toys.train Name None settings

    let rows =
        recipe.Densities
        |> Array.map (fun p -> p, world p (recipe.Seed + 1L) |> Toys.rows recipe.Rows)
        |> Map.ofArray

    let measures =
        Array.map2
            (fun ((name, of'), p, neurons) (cell: ToyModelCell) ->
                key name p neurons, cell.Instances |> Seq.map (measured of' p rows[p]) |> Seq.toArray)
            plan
            cells

    let values name p neurons (measure: Measure) =
        Map.ofArray measures
        |> Map.find (key name p neurons)
        |> Array.map (fun seed -> seed[int measure])

    let tensors =
        dict
            [
                for key, seeds in measures do
                    yield key, StoredArray.Of(array2D seeds)
            ]

    settings
    |> Settings.leave Name recipe (claims recipe values) (fun folder ->
        folder.WriteSafetensors("squares.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let tensors = folder.Safetensors "squares.safetensors"

    let values name p neurons (measure: Measure) =
        tensors[key name p neurons].ToMatrix()[*, int measure]

    let curve name p measure =
        Series.OfEstimates(
            $"{name}, p = {p}",
            recipe.Neurons |> Array.map float,
            recipe.Neurons
            |> Array.map (fun m -> values name p m measure |> Statistics.estimate)
        )

    let square, absolute = fst functions[0], fst functions[1]
    let sparsest = Array.last recipe.Densities

    let best name p m =
        values name p m Measure.Loss |> Array.min

    let mean name p m measure =
        values name p m measure |> Array.average

    let two, four = 2 * features, 4 * features

    let floor =
        let even =
            recipe.Neurons
            |> Array.filter (fun m -> m % (2 * features) = 0)
            |> Array.map float

        Series.Of("(k + 1)⁻⁴, kinks best placed", even, even |> Array.map (fun m -> kinks (m / float features)))

    {
        Lead =
            $"With two neurons for each of {features} features, {100.0 * best square 1.0 two:G3} %% of the variance of x² is left at p = 1, where two well-placed kinks would leave {100.0 * kinks 2.0:G3} %%, and {100.0 * best absolute 1.0 two:G3} %% of that of |x| (best seeds). "
            + $"With four, a square spreads over {mean square 1.0 four Measure.NeuronsAFeature:F1} neurons and an absolute value over {mean absolute 1.0 four Measure.NeuronsAFeature:F1}. "
            + $"At p = {sparsest} and one neuron a feature, a neuron carries {mean square sparsest features Measure.FeaturesANeuron:F1} squares, and {100.0 * mean square sparsest features Measure.Loss:G3} %% of the variance is left against {100.0 * mean square 1.0 features Measure.Loss:G3} %% at p = 1."
        Figures =
            [
                Charts.line
                    (Axis.Log "neurons m")
                    (Axis.Log "share of the variance left")
                    [
                        for name in [ square; absolute ] do
                            for p in [ 1.0; sparsest ] do
                                Series.Of(
                                    $"{name}, p = {p}",
                                    recipe.Neurons |> Array.map float,
                                    recipe.Neurons |> Array.map (best name p)
                                )
                        floor
                    ]
                |> Figure.captioned
                    $"Loss as a share of what knowing only the means costs, for {features} features (best seed). The closed form is for x² at p = 1 and k = m/{features} kinks a feature, best placed."
                Charts.line
                    (Axis.Log "neurons m")
                    (Axis.Linear "neurons a feature")
                    [
                        for name in [ square; absolute ] do
                            for p in [ 1.0; sparsest ] do
                                curve name p Measure.NeuronsAFeature
                    ]
                |> Figure.captioned
                    "Neurons that carry a computed feature, in the mean: those with |eᵢⱼdᵢⱼ| at a quarter of the feature's greatest or more. A feature is computed where more than half of its variance is explained."
                Charts.line
                    (Axis.Log "density p")
                    (Axis.Linear "features a neuron")
                    [
                        for m in recipe.Neurons ->
                            Series.OfEstimates(
                                $"m = {m}",
                                recipe.Densities,
                                recipe.Densities
                                |> Array.map (fun p -> values square p m Measure.FeaturesANeuron |> Statistics.estimate)
                            )
                    ]
                |> Figure.captioned
                    "Squares that a neuron carries, in the mean over neurons that carry one: above 1, neurons are polysemantic."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Squares in superposition: several neurons a feature"
        Part = Part.Problems
        Answers = [ "4.3" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
