namespace Superposition.Analysis.Experiments

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

/// A function of pairs of inputs that a hidden layer of too few neurons is asked for.
type internal PairTask =
    {
        /// As figures call it.
        Name: string
        Function: TargetFunction
        /// Every pair of inputs instead of neighbours.
        AllPairs: bool
        /// n, inputs.
        Inputs: int
        /// m, hidden neurons.
        Neurons: int
        /// φ: an output ReLU cuts what other outputs' inputs leave below 0; a linear output has to bear it.
        Output: Activation
    }

    member task.Target = Target(Function = task.Function, AllPairs = task.AllPairs)
    member task.Outputs = task.Target.Outputs task.Inputs

/// How tasks of pairs are trained, as run.json holds it.
type PairRecipe =
    {
        Densities: float[]
        Instances: int
        Steps: int
        BatchSize: int
        LearningRate: float
        /// Rows that a trained model is measured on.
        Rows: int
        Seed: int64
    }

/// What is measured of a seed, in the order in which it is kept.
type internal PairMeasure =
    /// Loss as a share of that of neurons with one output each, the other outputs at their means.
    | AgainstNaive = 0
    /// Outputs of which more than half of the variance is explained.
    | Computed = 1
    /// Effective number of outputs a neuron writes, (Σ u²)²/Σ u⁴ of its decoder weights, in the mean over neurons.
    | OutputsANeuron = 2
    /// Effective number of inputs a neuron reads.
    | InputsANeuron = 3

/// Problems 4.5 and 4.6: y = φ(U ReLU(Wᵀx + c) + b) asked for functions of pairs.
[<RequireQualifiedAccess>]
module internal PairFunctions =
    [<Literal>]
    let private Tensors = "pairs.safetensors"

    [<Literal>]
    let private OwnBar = "a bar of our own"

    let recipeOf (scale: Scale) : PairRecipe =
        let full =
            {
                Densities = [| 0.5; 0.2; 0.1; 0.05 |]
                Instances = 5
                Steps = 4_000
                BatchSize = 512
                LearningRate = 3e-3
                Rows = 32_768
                // Seeds 1 to 3 trained pilots.
                Seed = 4L
            }

        match scale with
        | Quick ->
            { full with
                Densities = [| 0.5; 0.05 |]
                Instances = 2
                Steps = 100
                Rows = 4_096
            }
        | Daily
        | Full -> full

    let private values (task: PairTask) : FeatureValues =
        match task.Function with
        | TargetFunction.Max -> UniformValues()
        | _ -> BinaryValues()

    let private world (task: PairTask) p seed =
        Toys.worldOf (values task) task.Inputs p seed

    let private cell (recipe: PairRecipe) (task: PairTask) p =
        ToyModelOptions(
            Dimensions = task.Neurons,
            Architecture =
                ToyArchitecture(Tied = false, Hidden = Activation.Relu, HiddenBias = true, Output = task.Output),
            Target = task.Target,
            Instances = recipe.Instances,
            Seed = recipe.Seed,
            Steps = recipe.Steps,
            BatchSize = recipe.BatchSize,
            Optimizer = Toys.annealed recipe.LearningRate
        )
        |> Toys.cell (world task p recipe.Seed)

    /// What it costs to know no more of an output than its mean.
    let private variance (task: PairTask) p =
        match task.Function with
        | TargetFunction.And -> p * p * (1.0 - p * p)
        | TargetFunction.Or ->
            let off = (1.0 - p) ** 2.0
            off * (1.0 - off)
        | _ ->
            // max of inputs in [0, 1]: E is 1/2 of one alone and 2/3 of two, E of its square 1/3 and 1/2.
            let one, two = 2.0 * p * (1.0 - p), p * p
            one / 3.0 + two / 2.0 - (one / 2.0 + 2.0 * two / 3.0) ** 2.0

    /// The loss of m neurons that each work for one output. One neuron is exact for AND, ReLU(x + y − 1), and for OR,
    /// 1 − ReLU(1 − x − y). For max two are, y + ReLU(x − y), and one gives x + y, which errs by min(x, y), p²/6 in the mean
    /// of its square; whichever is better is taken.
    let naive (task: PairTask) (p: float) : float =
        let unserved served =
            float (max 0 (task.Outputs - served)) * variance task p

        match task.Function with
        | TargetFunction.Max ->
            min
                (unserved (task.Neurons / 2))
                (unserved task.Neurons + float (min task.Neurons task.Outputs) * p * p / 6.0)
        | _ -> unserved task.Neurons

    /// Mean effective number of entries of the columns that are not 0.
    let private effective (matrix: float[,]) =
        match
            Polysemanticity.participationRatio (Gram.transposed matrix |> Array2D.map abs)
            |> Array.filter (fun ratio -> ratio > 0.0)
        with
        | [||] -> 0.0
        | ratios -> Array.average ratios

    let private measured (task: PairTask) p (x: float[,]) (model: ToyModel) =
        let unexplained = Responses.unexplained model task.Target x

        [|
            model.Loss / naive task p
            unexplained |> Array.filter (fun share -> share < 0.5) |> Array.length |> float
            effective (Toys.decoder model)
            effective (Toys.weights model)
        |]

    let private key (task: PairTask) (p: float) = $"{task.Name}, p {p}"

    /// Trains the tasks at all densities and measures every seed; [seeds] of a measure, and the run's tensors.
    let private train (name: string) (recipe: PairRecipe) (tasks: PairTask[]) (settings: RunSettings) =
        let plan =
            [|
                for task in tasks do
                    for p in recipe.Densities -> task, p
            |]

        let cells =
            plan
            |> Array.map (fun (task, p) -> cell recipe task p)
            |> Toys.train name None settings

        let measures =
            Array.map2
                (fun (task, p) (cell: ToyModelCell) ->
                    let x = world task p (recipe.Seed + 1L) |> Toys.rows recipe.Rows
                    key task p, cell.Instances |> Seq.map (measured task p x) |> Seq.toArray)
                plan
                cells

        let values (task: PairTask) p (measure: PairMeasure) =
            Map.ofArray measures
            |> Map.find (key task p)
            |> Array.map (fun seed -> seed[int measure])

        let decoders =
            [
                for (task, p), cell in Array.zip plan cells do
                    if task.Output = Activation.Relu then
                        $"U of {key task p}", StoredArray.Of(Toys.decoder cell.Best)
            ]

        values,
        dict
            [
                for key, seeds in measures do
                    yield key, StoredArray.Of(array2D seeds)
                yield! decoders
            ]

    /// A claim that neurons with several outputs each do better than dedicated ones.
    let pays
        (id: string)
        (values: PairTask -> float -> PairMeasure -> float[])
        (sparse: float)
        (task: PairTask)
        : Claim =
        values task sparse PairMeasure.AgainstNaive
        |> Statistics.estimate
        |> Verdicts.atMost
            id
            $"{task.Name}, {task.Outputs} outputs by {task.Neurons} neurons at p = {sparse}: the loss is at most 0.9 of that of neurons with one output each."
            OwnBar
            0.9

    /// A claim that they do not where outputs are linear.
    let paysNot
        (id: string)
        (values: PairTask -> float -> PairMeasure -> float[])
        (sparse: float)
        (task: PairTask)
        : Claim =
        values task sparse PairMeasure.AgainstNaive
        |> Statistics.estimate
        |> Verdicts.atLeast
            id
            $"Without the output ReLU nothing is gained by sharing: {task.Name}, at least 0.95 of the loss of dedicated neurons (p = {sparse})."
            $"{OwnBar}, set after a pilot run with another seed"
            0.95

    /// A claim that a neuron serves more outputs where inputs are sparser.
    let writesMore
        (id: string)
        (values: PairTask -> float -> PairMeasure -> float[])
        (dense: float, sparse: float)
        (task: PairTask)
        : Claim =
        Array.map2 (-) (values task sparse PairMeasure.OutputsANeuron) (values task dense PairMeasure.OutputsANeuron)
        |> Statistics.estimate
        |> Verdicts.atLeast
            id
            $"Neurons write more outputs at once as inputs get sparser: half an output more or over, from p = {dense} to p = {sparse} ({task.Name})."
            OwnBar
            0.5

    /// Trains, measures, and leaves a run with the claims made of what was measured.
    let run
        (name: string)
        (tasks: PairTask[])
        (claims: PairRecipe -> (PairTask -> float -> PairMeasure -> float[]) -> Claim list)
        (settings: RunSettings)
        =
        let recipe = recipeOf settings.Scale
        let values, tensors = train name recipe tasks settings

        settings
        |> Settings.leave name recipe (claims recipe values) (fun folder -> folder.WriteSafetensors(Tensors, tensors))

    /// The tensors of a run.
    let tensors (folder: RunFolder) : SafetensorsFile = folder.Safetensors Tensors

    /// [seeds] of a measure, out of the run's tensors.
    let read (tensors: SafetensorsFile) (task: PairTask) (p: float) (measure: PairMeasure) : float[] =
        tensors[key task p].ToMatrix()[*, int measure]

    /// The figures of a run: loss against the naive, outputs a neuron, and the neurons themselves.
    let figures (recipe: PairRecipe) (tasks: PairTask[]) (tensors: SafetensorsFile) : Figure list =
        let curves measure =
            [
                for task in tasks ->
                    Series.OfEstimates(
                        task.Name,
                        recipe.Densities,
                        recipe.Densities
                        |> Array.map (fun p -> read tensors task p measure |> Statistics.estimate)
                    )
            ]

        let dense, sparse = recipe.Densities[0], Array.last recipe.Densities

        [
            Charts.line
                (Axis.Log "density p")
                (Axis.Linear "loss / loss of dedicated neurons")
                (curves PairMeasure.AgainstNaive)
            |> Charts.withLevels [ "dedicated", 1.0 ]
            |> Figure.captioned
                "Loss as a share of what neurons would leave that each work for one output only, the outputs without a neuron at their means. Below 1 sharing pays; above 1 training has not found what dedicated neurons would do. Bands are 95 % intervals over seeds."
            Charts.line
                (Axis.Log "density p")
                (Axis.Linear "outputs a neuron writes")
                (curves PairMeasure.OutputsANeuron)
            |> Figure.captioned
                "Effective number of outputs of a neuron, (Σu²)²/Σu⁴ of its decoder weights, in the mean over neurons: 1 is a neuron of one output."
            [|
                for task in tasks do
                    if task.Output = Activation.Relu then
                        for p in [ dense; sparse ] do
                            let U = tensors[$"U of {key task p}"].ToMatrix()

                            let few =
                                Gram.transposed U
                                |> Array2D.map abs
                                |> Polysemanticity.responding Polysemanticity.HalfMaximum
                                |> Array.map ((=) 1)

                            $"{task.Name}, p = {p}", U, few
            |]
            |> Charts.neuronBars
            |> Figure.captioned
                "What each neuron writes where outputs have a ReLU (best seed): a box is |U| of one output, the largest at the bottom. A neuron counts as monosemantic where no second output reaches half of the first."
        ]
