namespace Superposition.Analysis.Experiments

open System
open Microsoft.ML
open Microsoft.ML.Data
open Superposition
open Superposition.Analysis
open Superposition.Features
open Superposition.ToyModels

/// What toy models of one hidden layer compute on rows of a world.
[<RequireQualifiedAccess>]
module internal ToyActivations =
    /// [count, n] The first rows of a world; of a seed nobody trained with, rows nobody trained on.
    let rows (count: int) (world: SparseFeatureOptions) : float[,] =
        let view = MLContext().Data.SparseFeatures world

        view.GetColumn<float32[]>(view.Schema["Features"])
        |> Seq.truncate count
        |> Seq.map (Array.map float)
        |> array2D

    let private activated (activation: Activation) (layer: float[,]) =
        match activation with
        | Activation.Identity -> layer
        | Activation.Relu -> Array2D.map (max 0.0) layer
        | other -> invalidArg (nameof activation) $"The activation is {other}; expected Identity or Relu."

    /// [rows, columns] with c_j added to column j.
    let private shifted (bias: float32 seq) (layer: float[,]) =
        match bias |> Seq.map float |> Seq.toArray with
        | [||] -> layer
        | bias -> layer |> Array2D.mapi (fun _ j a -> a + bias[j])

    let private transposed (matrix: float[,]) =
        Array2D.init (Array2D.length2 matrix) (Array2D.length1 matrix) (fun i j -> matrix[j, i])

    let private demandOneLayer (model: ToyModel) =
        if model.Architecture.HiddenLayers <> 1 then
            invalidArg (nameof model) $"The model has {model.Architecture.HiddenLayers} hidden layers; expected one."

    /// [rows, d] h = σ(Wᵀx + c), without dropout.
    let hidden (model: ToyModel) (x: float[,]) : float[,] =
        demandOneLayer model

        Gram.between x (transposed (Toys.weights model))
        |> shifted (model.HiddenBiases |> Seq.collect id)
        |> activated model.Architecture.Hidden

    /// [rows, outputs] y = φ(U h + b).
    let outputs (model: ToyModel) (x: float[,]) : float[,] =
        Gram.between (hidden model x) (Toys.decoder model)
        |> shifted model.B
        |> activated model.Architecture.Output

    /// [rows, outputs] What a target asks for.
    let targets (target: Target) (x: float[,]) : float[,] =
        array2D
            [
                for row in 0 .. Array2D.length1 x - 1 do
                    let features = x[row, *] |> Array.map float32
                    let asked = Array.zeroCreate<float32>(target.Outputs features.Length)
                    target.Evaluate(ReadOnlySpan features, Span asked)
                    Array.map float asked
            ]

    /// [outputs] Mean squared error as a share of the variance of the target: 0 where an output is computed, 1 where no more
    /// than its mean is known; NaN where the target does not vary.
    let unexplained (model: ToyModel) (target: Target) (x: float[,]) : float[] =
        let y, t = outputs model x, targets target x

        Array.init (Array2D.length2 t) (fun o ->
            let asked = t[*, o]
            let mean = Array.average asked
            let error = Array.map2 (fun y t -> (y - t) ** 2.0) y[*, o] asked |> Array.average
            error / (asked |> Array.averageBy (fun t -> (t - mean) ** 2.0)))
