namespace Superposition.Analysis.Experiments

open System
open Microsoft.ML
open Microsoft.ML.Data
open Superposition
open Superposition.Features
open Superposition.ToyModels

/// A row of features for the stage that serves a model. Public, for ML.NET reads public members alone.
type ProbeRow() =
    member val Features: float32[] = [||] with get, set

/// What a trained toy model answers to rows of its choosing.
type internal Answers =
    {
        /// [rows, d] The last hidden layer's activations.
        Hidden: float[,]
        /// [rows, outputs] y.
        Outputs: float[,]
    }

/// What trained toy models do with rows: single features, pairs of them, or rows of a world that no training saw.
[<RequireQualifiedAccess>]
module internal Responses =
    let private matrix (name: string) (view: IDataView) : float[,] =
        view.GetColumn<VBuffer<float32>> name
        |> Seq.map (fun row -> row.DenseValues() |> Seq.map float |> Seq.toArray)
        |> Seq.toArray
        |> array2D

    /// The model's answers to inputs [rows, n], by the stage that serves it.
    let answers (inputs: float[,]) (model: ToyModel) : Answers =
        let schema = SchemaDefinition.Create typeof<ProbeRow>
        schema["Features"].ColumnType <- VectorDataViewType(NumberDataViewType.Single, model.Features)

        let rows =
            Array.init (Array2D.length1 inputs) (fun r -> ProbeRow(Features = Array.map float32 inputs[r, *]))

        let view =
            model.ToTransformer("Activations", "Features").Transform(MLContext().Data.LoadFromEnumerable(rows, schema))

        {
            Hidden = matrix "Activations" view
            Outputs = matrix ToyModelTransformer.ReconstructionColumn view
        }

    /// The model up to its hidden layer l, from 1, whose last hidden activations are that layer's.
    let upTo (layer: int) (model: ToyModel) : ToyModel =
        let whole = model.Architecture

        ToyModel(
            model.W,
            model.B,
            model.Loss,
            Architecture =
                ToyArchitecture(
                    Tied = whole.Tied,
                    Hidden = whole.Hidden,
                    Output = whole.Output,
                    HiddenBias = whole.HiddenBias,
                    HiddenLayers = layer
                ),
            Decoder = model.Decoder,
            Inner = (model.Inner |> Seq.truncate (layer - 1) |> Seq.toArray),
            HiddenBiases = (model.HiddenBiases |> Seq.truncate layer |> Seq.toArray)
        )

    /// [units, n] max |h_j(v e_i) − h_j(0)| over the given values v: what feature i alone does to unit j of the last hidden layer.
    let toFeatures (values: float list) (model: ToyModel) : float[,] =
        let n = model.Features
        let silent = (answers (Array2D.zeroCreate 1 n) model).Hidden

        let driven =
            [|
                for value in values ->
                    (answers (Array2D.init n n (fun r i -> if r = i then value else 0.0)) model).Hidden
            |]

        Array2D.init model.Dimensions n (fun j i ->
            driven
            |> Array.map (fun hidden -> abs (hidden[i, j] - silent[0, j]))
            |> Array.max)

    /// How many outputs return half of their own feature or more when it is alone at 1, or at each of 1 and −1 on average.
    let returned (values: float list) (model: ToyModel) : int =
        let n = model.Features

        let of' value =
            let outputs =
                (answers (Array2D.init (n + 1) n (fun r i -> if r = i then value else 0.0)) model).Outputs

            Array.init n (fun i -> outputs[i, i] - outputs[n, i])

        let each = [| for value in values -> of' value |]

        Array.init n (fun i -> each |> Array.averageBy (fun returned -> returned[i]))
        |> Array.filter (fun share -> share >= 0.5)
        |> Array.length

    /// [rows, outputs] What a target asks for.
    let private targets (target: Target) (x: float[,]) : float[,] =
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
        let y, t = (answers x model).Outputs, targets target x

        Array.init (Array2D.length2 t) (fun o ->
            let asked = t[*, o]
            let mean = Array.average asked
            let error = Array.map2 (fun y t -> (y - t) ** 2.0) y[*, o] asked |> Array.average
            error / (asked |> Array.averageBy (fun t -> (t - mean) ** 2.0)))
