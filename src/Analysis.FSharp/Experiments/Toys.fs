namespace Superposition.Analysis.Experiments

open System
open Microsoft.ML
open Microsoft.ML.Data
open Superposition
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels
open Superposition.Training

/// Toy models as experiments train, keep and measure them.
[<RequireQualifiedAccess>]
module internal Toys =
    /// Rows that no training comes to the end of.
    [<Literal>]
    let Rows = 1_000_000_000_000L

    /// Features of one density that depend on each other, or on null are independent.
    let dependentWorld
        (dependence: Dependence | null)
        (values: FeatureValues)
        (n: int)
        (p: float)
        (seed: int64)
        : SparseFeatureOptions =
        SparseFeatureOptions(
            Features = n,
            Density = PerFeature.All p,
            Values = values,
            Dependence = dependence,
            Rows = Rows,
            Seed = seed
        )

    /// Independent features of one density.
    let worldOf: FeatureValues -> int -> float -> int64 -> SparseFeatureOptions =
        dependentWorld null

    /// Independent features of one density, uniform on [0, 1].
    let world: int -> float -> int64 -> SparseFeatureOptions = worldOf (UniformValues())

    /// Independent features of one density, uniform on [−1, 1].
    let signedWorld: int -> float -> int64 -> SparseFeatureOptions =
        worldOf (UniformValues(-1.0f, 1.0f))

    /// [count, n] The first rows of a world, of stream 0; of a seed nobody trained with, rows nobody trained on.
    let rows (count: int) (world: SparseFeatureOptions) : float[,] =
        MLContext().Data.SparseFeatures(world).GetColumn<VBuffer<float32>> "Features"
        |> Seq.truncate count
        |> Seq.map (fun row -> row.DenseValues() |> Seq.map float |> Seq.toArray)
        |> array2D

    /// AdamW whose learning rate falls to 0 over the training, as half a cosine.
    let annealed (learningRate: float) : OptimizerOptions =
        AdamWOptions(LearningRate = learningRate, Schedule = LearningRateSchedule(Decay = LearningRateDecay.Cosine))

    /// A cell of a grid.
    let cell (world: SparseFeatureOptions) (model: ToyModelOptions) : ToyModelRecipe =
        ToyModelRecipe(World = world, Model = model)

    /// The paper's absolute-value model of n features and m neurons, of importance 0.8ⁱ.
    let absoluteCell (n: int, m: int) (instances: int) (steps: int) (seed: int64) (p: float) : ToyModelRecipe =
        ToyModelOptions(
            Dimensions = m,
            Architecture = ToyArchitecture.Computing,
            Target = Target(Function = TargetFunction.Absolute),
            Instances = instances,
            Seed = seed,
            Importance = PerFeature.Powers 0.8,
            Steps = steps,
            HistoryEvery = steps
        )
        |> cell (signedWorld n p seed)

    /// Trains a grid under a name the progress shows, and keeps the best so many instances of each cell, or all.
    let train
        (name: string)
        (keepBest: int option)
        (settings: RunSettings)
        (cells: ToyModelRecipe seq)
        : ToyModelCell[] =
        let options =
            ToyModelGridOptions(
                Stage = name,
                KeepBest = Option.toNullable keepBest,
                Progress = settings.Progress,
                Cancellation = settings.Cancellation
            )

        ToyModelGrid.Train(Seq.toArray cells, options) |> Seq.toArray

    /// [n, d] W in double precision.
    let weights (model: ToyModel) : float[,] = Array2D.map float model.W

    /// [outputs, d] What writes the outputs, in double precision; W where the model is tied.
    let decoder (model: ToyModel) : float[,] = Array2D.map float model.Decoder

    /// The exact loss at a trained ReLU output model's weights, which owes nothing to the rows drawn to evaluate it.
    let exactLoss (features: IndependentFeatures) (model: ToyModel) : float =
        (ExactLoss.lossAndGradient features (weights model) (Array.map float model.B)).Loss

    /// Instances whose loss is within so much of the best, 0.02 for 2 %: those that found the same optimum.
    let converged (within: float) (cell: ToyModelCell) : ToyModel[] =
        let best = cell.Best.Loss

        cell.Instances
        |> Seq.filter (fun instance -> instance.Loss <= (1.0 + within) * best)
        |> Seq.toArray

    /// Instances whose loss exceeds the best by at most a share of what storing nothing costs, Σ_i I_i Var x_i: for worlds whose
    /// optimum costs next to nothing, where within so much of the best there is only the best. The target is x.
    let settled (share: float) (cell: ToyModelCell) : ToyModel[] =
        let world = cell.Recipe.World
        let moments = world.Statistics()

        let nothing =
            cell.Recipe.Model.Importance.Expand world.Features
            |> Array.mapi (fun i importance ->
                importance * (moments.SecondMoment[i, i] - moments.Mean[i] * moments.Mean[i]))
            |> Array.sum

        let best = cell.Best.Loss

        cell.Instances
        |> Seq.filter (fun instance -> instance.Loss <= best + share * nothing)
        |> Seq.toArray

    /// [k, rows, columns] Matrices of one shape, in single precision as they were trained.
    let stack (matrices: float[,][]) : StoredArray =
        let shape =
            [|
                matrices.LongLength
                Array2D.length1 matrices[0] |> int64
                Array2D.length2 matrices[0] |> int64
            |]

        StoredArray.Of(matrices |> Array.collect (Seq.cast<float> >> Seq.map float32 >> Seq.toArray), shape)

    /// The matrices that a stack holds.
    let unstack (stacked: StoredArray) : float[,][] =
        let rows, columns = int stacked.Shape[1], int stacked.Shape[2]
        let values = stacked.ToDoubles()

        Array.init (int stacked.Shape[0]) (fun k ->
            Array2D.init rows columns (fun i j -> values[(k * rows + i) * columns + j]))

    /// A panel of Charts.neuronBars: what drives the neurons, [n, m], and their kinds. Those that carry nothing are left out.
    let neuronPanel (title: string) (drive: float[,]) (code: NeuronCode) : string * float[,] * bool[] =
        let working =
            [| 0 .. code.Carried.Length - 1 |]
            |> Array.filter (fun j -> code.Carried[j].Length > 0)

        title,
        Array2D.init (Array2D.length1 drive) working.Length (fun i k -> drive[i, working[k]]),
        working |> Array.map (fun j -> code.IsMonosemantic[j])

    /// The same of a tied model whose inputs are not negative: only positive weights drive a neuron.
    let tiedPanel (title: string) (W: float[,]) : string * float[,] * bool[] =
        neuronPanel title (Array2D.map (max 0.0) W) (NeuronCode.ofTied W)

    /// [values] As a tensor of a run's file.
    let vector (values: float[]) : StoredArray =
        StoredArray.Of(values, [| values.LongLength |])
