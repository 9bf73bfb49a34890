/// Problem 4.1: does dropout on the hidden layer give the ReLU output model a privileged basis?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Dropout

open Superposition.Analysis
open Superposition.Storage
open Superposition.ToyModels
open Superposition.Training

[<Literal>]
let private Name = "P4.1"

[<Literal>]
let private OwnBar = "a bar of our own"

let private features, dimensions = 40, 10

/// The density that the claims on dropout are stated at, and the one that those on training without it are.
let private middle, sparsest = 0.1, 0.03

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Densities: float[]
        Dropouts: float[]
        /// Seeds a cell with dropout, which the general engine trains.
        Instances: int
        /// Seeds a cell without.
        InstancesWithout: int
        Steps: int
        BatchSize: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Densities = [| 0.3; middle; sparsest |]
            Dropouts = [| 0.0; 0.1; 0.2; 0.5 |]
            Instances = 5
            InstancesWithout = 20
            Steps = 5_000
            BatchSize = 256
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Dropouts = [| 0.0; 0.2; 0.5 |]
            Instances = 2
            InstancesWithout = 3
            Steps = 150
        }
    | Daily
    | Full -> full

/// Adam steps coordinate by coordinate; gradient descent turns with the coordinates, so it cannot know the axes.
let private optimizers: (string * OptimizerOptions)[] =
    [|
        "Adam", AdamWOptions()
        "SGD with momentum", SgdOptions(LearningRate = 0.03, Momentum = 0.9)
    |]

let private cell recipe (optimizer: OptimizerOptions) p dropout =
    ToyModelOptions(
        Dimensions = dimensions,
        Instances =
            (if dropout > 0.0 then
                 recipe.Instances
             else
                 recipe.InstancesWithout),
        Seed = recipe.Seed,
        Dropout = dropout,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        Optimizer = optimizer
    )
    |> Toys.cell (Toys.world features p recipe.Seed)

/// What is measured of a seed, in the order in which it is kept.
type private Measure =
    | Kurtosis = 0
    | KurtosisZ = 1
    | AxisZ = 2
    | Represented = 3

/// [seeds] of [measures]
let private measured recipe p (cell: ToyModelCell) =
    // Nothing active is no direction.
    let x =
        let drawn = Toys.world features p (recipe.Seed + 1L) |> ToyActivations.rows 600

        array2D
            [
                for row in 0 .. Array2D.length1 drawn - 1 do
                    if drawn[row, *] |> Array.exists ((<>) 0.0) then
                        drawn[row, *]
            ]

    cell.Instances
    |> Seq.map (fun model ->
        let W = Toys.weights model
        let represented = Geometry.represented W

        let kurtosis =
            ToyActivations.hidden model x |> Alignment.excess 1 100 Alignment.kurtosis

        let axes =
            if represented.Length = 0 then
                nan
            else
                (array2D [ for i in represented -> W[i, *] ]
                 |> Alignment.excess 1 100 Alignment.meanAxisCosine)
                    .Z

        [| kurtosis.Value; kurtosis.Z; axes; float represented.Length |])
    |> Seq.toArray

let private key (optimizer: string) (p: float) (dropout: float) =
    $"{optimizer}, p {p}, dropout {dropout}"

let private claims recipe (values: string -> float -> float -> Measure -> float[]) =
    let adam, sgd = fst optimizers[0], fst optimizers[1]
    let most = Array.last recipe.Dropouts
    let without = values adam middle 0.0 Measure.Represented |> Array.average

    let kurtosis id optimizer =
        values optimizer middle 0.2 Measure.KurtosisZ
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.{id}"
            $"Dropout of 0.2 raises the kurtosis of hidden activations above that in randomly turned coordinates, trained by {optimizer} (p = {middle}, n = {features}, d = {dimensions}; standard deviations of the rotations)."
            "Dropout can create a privileged basis in the ReLU output model (LessWrong 2023), and its comments"
            2.0

    [
        kurtosis "kurtosis-adam" adam
        kurtosis "kurtosis-sgd" sgd
        values adam middle most Measure.Represented
        |> Array.map (fun count -> count / without)
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.fewer-features"
            $"Dropout of {most} inhibits superposition: the features represented, as a share of those without dropout (Adam, p = {middle})."
            "Superposition and Dropout (LessWrong 2023); the bar is our own"
            0.9
        recipe.Densities
        |> Array.collect (fun p -> values sgd p 0.0 Measure.AxisZ)
        |> Statistics.estimate
        |> Verdicts.within
            $"{Name}.sgd-chance"
            "Gradient descent without dropout has no preference for or against the axes (all densities; greatest |cosine| of features with an axis, in standard deviations of the rotations)."
            "Privileged Bases in the Transformer Residual Stream (Elhage, Lasenby & Olah 2023)"
            -1.0
            1.0
        values adam sparsest 0.0 Measure.AxisZ
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.adam-avoids"
            $"Adam without dropout turns sparse features away from the axes (p = {sparsest}; same measure)."
            OwnBar
            -2.0
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let plan =
        [|
            for optimizer in optimizers do
                for p in recipe.Densities do
                    for dropout in recipe.Dropouts -> optimizer, p, dropout
        |]

    let cells =
        plan
        |> Array.map (fun ((_, optimizer), p, dropout) -> cell recipe optimizer p dropout)
        |> Toys.train Name None settings

    let measures =
        Array.map2 (fun ((name, _), p, dropout) cell -> key name p dropout, measured recipe p cell) plan cells

    let values optimizer p dropout (measure: Measure) =
        Map.ofArray measures
        |> Map.find (key optimizer p dropout)
        |> Array.map (fun seed -> seed[int measure])

    let best =
        Array.zip plan cells
        |> Array.filter (fun (((name, _), p, _), _) -> name = fst optimizers[0] && p = middle)
        |> Array.map (fun (_, cell) -> Toys.weights cell.Best)

    let tensors =
        dict
            [
                yield "W", Toys.stack best
                for key, seeds in measures do
                    yield key, StoredArray.Of(array2D seeds)
            ]

    settings
    |> Settings.leave Name recipe (claims recipe values) (fun folder ->
        folder.WriteSafetensors("dropout.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let tensors = folder.Safetensors "dropout.safetensors"

    let estimate optimizer p dropout (measure: Measure) =
        tensors[key optimizer p dropout].ToMatrix()[*, int measure]
        |> Statistics.estimate

    let curves measure =
        [
            for name, _ in optimizers do
                for p in recipe.Densities do
                    Series.OfEstimates(
                        $"{name}, p = {p}",
                        recipe.Dropouts,
                        recipe.Dropouts |> Array.map (fun dropout -> estimate name p dropout measure)
                    )
        ]

    let adam, sgd = fst optimizers[0], fst optimizers[1]
    let most = Array.last recipe.Dropouts

    let z optimizer dropout =
        (estimate optimizer middle dropout Measure.KurtosisZ).Mean

    let count dropout =
        (estimate adam middle dropout Measure.Represented).Mean

    let axis optimizer =
        (estimate optimizer sparsest 0.0 Measure.AxisZ).Mean

    let answer =
        match z adam 0.2 >= 2.0, z sgd 0.2 >= 2.0 with
        | true, true -> "Dropout gives the hidden layer a privileged basis, whichever optimiser trains it"
        | true, false -> "Dropout gives the hidden layer a privileged basis under Adam only"
        | false, true -> "Dropout gives the hidden layer a privileged basis under gradient descent only"
        | false, false -> "Dropout of 0.2 gives the hidden layer no clear privileged basis"

    let models = Toys.unstack tensors["W"]

    {
        Lead =
            $"{answer}: at p = {middle} and dropout 0.2 the kurtosis of activations lies {z adam 0.2:F1} (Adam) and {z sgd 0.2:F1} (gradient descent) "
            + $"standard deviations above that in randomly turned coordinates, against {z adam 0.0:F1} and {z sgd 0.0:F1} without. "
            + $"Of {count 0.0:F1} features represented without dropout, {count most:F1} are left at {most}. "
            + $"Without dropout, at p = {sparsest}, features lie {axis adam:F1} (Adam) and {axis sgd:F1} (gradient descent) standard deviations from chance: below 0 they avoid the axes."
        Figures =
            [
                Charts.line
                    (Axis.Linear "dropout")
                    (Axis.Linear "kurtosis of activations, z")
                    (curves Measure.KurtosisZ)
                |> Charts.withLevels [ "chance", 0.0 ]
                |> Figure.captioned
                    "How far the kurtosis of hidden activations over the ten neurons lies from that in randomly turned coordinates, in standard deviations of the rotations; bands are 95 % intervals over seeds. Above 0 activations prefer the axes."
                Charts.line (Axis.Linear "dropout") (Axis.Linear "features represented") (curves Measure.Represented)
                |> Figure.captioned $"Features of {features} with ‖Wᵢ‖ > 0.5 in {dimensions} dimensions."
                Array.map2
                    (fun dropout W ->
                        let response =
                            Array2D.map abs W
                            |> fun W -> Array2D.init dimensions features (fun j i -> W[i, j])

                        $"dropout {dropout}",
                        W,
                        Polysemanticity.responding Polysemanticity.HalfMaximum response
                        |> Array.map ((=) 1))
                    recipe.Dropouts
                    models
                |> Charts.neuronBars
                |> Figure.captioned
                    $"The ten neurons at p = {middle}, trained by Adam (best seed): each stack is the |Wᵢⱼ| of one neuron, the largest feature at the bottom. A neuron counts as monosemantic where no second feature reaches half of the first."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Dropout and a privileged basis"
        Part = Part.Problems
        Answers = [ "4.1" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
