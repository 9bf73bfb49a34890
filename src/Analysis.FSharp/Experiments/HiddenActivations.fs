/// A layer of neurons that computes |x|, trained with four activation functions and alike in all else: what P4.37, P4.39, P4.40
/// and P4.41 compare. Instance j starts from the same weights under every function, and sees the same rows.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.HiddenActivations

open System
open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

type Recipe =
    {
        Features: int
        Neurons: int
        Densities: float[]
        Instances: int
        Steps: int
        BatchSize: int
        LearningRate: float
        /// Rows that the strongest examples are looked for in.
        Rows: int
        Seed: int64
    }

/// Half of the neurons that one for each side of each feature would take. Steps and batch are half of the notebook's, for
/// these models go through autograd; a hidden bias gives LayerNorm something to measure magnitudes against.
let recipeOf scale =
    let full =
        {
            Features = 20
            Neurons = 20
            Densities = [| 0.2; 0.05; 0.02 |]
            Instances = 6
            Steps = 5_000
            BatchSize = 512
            LearningRate = 3e-3
            Rows = 8_192
            // Seed 1 showed what P4.39.small claims; these starts and rows judge it.
            Seed = 2L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 2
            Steps = 150
            BatchSize = 128
            Rows = 1_024
        }
    | Daily
    | Full -> full

let internal functions =
    [|
        "ReLU", Activation.Relu
        "GELU", Activation.Gelu
        "SoLU", Activation.Solu
        "SoLU with LayerNorm", Activation.SoluLayerNorm
    |]

/// The density that claims are made at; the others are shown.
[<Literal>]
let internal ClaimDensity = 0.05

/// The strongest examples that are looked at, and the share of them that a rater would ask for (Elhage et al. 2022 ask for 80 %).
let internal strongest, purity = 20, 0.8

let internal world recipe p seed = Toys.signedWorld recipe.Features p seed

let private architecture hidden =
    ToyArchitecture(Tied = false, Hidden = hidden, HiddenBias = true)

/// The same weights under every function.
let internal initial (recipe: Recipe) (hidden: Activation) : Collections.Generic.IReadOnlyList<ToyModel> =
    LiveStart.models (architecture hidden) recipe.Features recipe.Neurons recipe.Seed recipe.Instances

let private cell recipe (hidden: Activation) p =
    ToyModelOptions(
        Dimensions = recipe.Neurons,
        Architecture = architecture hidden,
        Target = Target(Function = TargetFunction.Absolute),
        Importance = PerFeature.Powers 0.9,
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        Initial = initial recipe hidden,
        Optimizer = Toys.annealed recipe.LearningRate
    )
    |> Toys.cell (world recipe p recipe.Seed)

/// The model with what LayerNorm is given in place of what it makes of it; SoLU and LayerNorm differ in nothing else.
let internal beforeLayerNorm (model: ToyModel) : ToyModel =
    match model.Architecture.Hidden with
    | Activation.SoluLayerNorm ->
        ToyModel(
            model.W,
            model.B,
            model.Loss,
            Architecture = architecture Activation.Solu,
            Decoder = model.Decoder,
            HiddenBiases = model.HiddenBiases
        )
    | _ -> model

/// How polysemantic one model's neurons are, those that do anything: before LayerNorm, where there is one.
type internal Measures =
    {
        Loss: float
        /// Mean participation ratio of the responses to single features.
        Participation: float
        /// Share of neurons with one feature at half of the greatest response or more.
        Monosemantic: float
        /// Share of neurons whose strongest examples share one side of one feature, 80 % of them or more.
        Pure: float
        /// Outputs that return half of their feature or more when it is alone.
        Represented: float
    }

/// A neuron that never reaches a hundredth of the layer's greatest response does nothing.
let private live (R: float[,]) =
    let greatest = R |> Seq.cast<float> |> Seq.max

    [| 0 .. Array2D.length1 R - 1 |]
    |> Array.filter (fun j -> Array.max R[j, *] >= 0.01 * greatest)

/// [rows] Which sides of which features a row carries: 2i for x_i > 0, 2i + 1 for x_i < 0.
let private sides (rows: float[,]) =
    Array.init (Array2D.length1 rows) (fun r ->
        [|
            for i in 0 .. Array2D.length2 rows - 1 do
                if rows[r, i] > 0.0 then
                    2 * i
                elif rows[r, i] < 0.0 then
                    2 * i + 1
        |])

let private measure (rows: float[,]) (model: ToyModel) =
    let layer = beforeLayerNorm model
    let R = Responses.toFeatures [ 1.0; -1.0 ] layer
    let live = live R

    let mean (values: float[]) =
        live |> Array.averageBy (fun j -> values[j])

    let shareOf holds (values: 'a[]) =
        values |> Array.map (fun value -> if holds value then 1.0 else 0.0) |> mean

    {
        Loss = model.Loss
        Participation = Polysemanticity.participationRatio R |> mean
        Monosemantic = Polysemanticity.responding Polysemanticity.HalfMaximum R |> shareOf ((=) 1)
        Pure =
            sides rows
            |> Polysemanticity.ofStrongest strongest (2 * model.Features) (layer |> Responses.answers rows).Hidden
            |> shareOf (fun share -> share >= purity)
        Represented = float (Responses.returned [ 1.0; -1.0 ] model)
    }

let private write (recipe: Recipe) (cells: ToyModelCell[]) (folder: Superposition.Storage.RunFolderWriter) =
    let columns =
        [|
            "function"
            "p"
            "seed"
            "loss"
            "participation"
            "monosemantic"
            "pure"
            "represented"
        |]

    let table = CsvTable columns
    let tensors = Collections.Generic.Dictionary<string, StoredArray>()
    let k = recipe.Densities.Length

    for f in 0 .. functions.Length - 1 do
        for t in 0 .. k - 1 do
            let instances = Seq.toArray cells[f * k + t].Instances

            let rows =
                world recipe recipe.Densities[t] (recipe.Seed + 1L) |> Toys.rows recipe.Rows

            let vectors (of': ToyModel -> float32[]) =
                Toys.stack [| array2D [| for model in instances -> of' model |> Array.map float |] |]

            tensors[$"W.{f}.{t}"] <- instances |> Array.map Toys.weights |> Toys.stack
            tensors[$"decoder.{f}.{t}"] <- instances |> Array.map Toys.decoder |> Toys.stack
            tensors[$"hidden_bias.{f}.{t}"] <- vectors (fun model -> model.HiddenBiases[0])
            tensors[$"b.{f}.{t}"] <- vectors _.B
            tensors[$"loss.{f}.{t}"] <- instances |> Array.map _.Loss |> Toys.vector

            instances
            |> Settings.sideBySide (measure rows)
            |> Array.iteri (fun seed m ->
                table.Add(
                    [|
                        box (fst functions[f])
                        recipe.Densities[t]
                        seed
                        m.Loss
                        m.Participation
                        m.Monosemantic
                        m.Pure
                        m.Represented
                    |]
                ))

    folder.WriteCsv("measures.csv", table)
    folder.WriteSafetensors("models.safetensors", tensors)

let private train (settings: RunSettings) recipe (folder: RunFolderWriter) =
    let cells =
        [|
            for _, hidden in functions do
                for p in recipe.Densities -> cell recipe hidden p
        |]
        |> Toys.train "hidden activations" None settings

    for cell in cells do
        if cell.Diverged.Count > 0 then
            invalidOp
                $"{cell.Recipe.Model.Architecture.Hidden} at p = {cell.Recipe.World.Density}: instances {Seq.toList cell.Diverged} diverged, and seeds are compared one by one. Lower LearningRate in HiddenActivations.recipeOf."

    write recipe cells folder

/// The trainings, made once for the four.
let internal trained (settings: RunSettings) : RunFolder =
    let recipe = recipeOf settings.Scale
    Settings.shared "hidden-activations" recipe (train settings recipe) settings

/// The instances of one function at one density, as they were trained.
let internal models (folder: RunFolder) (recipe: Recipe) (hidden: Activation) (p: float) : ToyModel[] =
    let tensors = folder.Safetensors "models.safetensors"
    let f = functions |> Array.findIndex (fun (_, other) -> other = hidden)
    let t = Array.IndexOf(recipe.Densities, p)
    let single = Array2D.map float32
    let decoders = Toys.unstack tensors[$"decoder.{f}.{t}"]
    let hiddenBias = (Toys.unstack tensors[$"hidden_bias.{f}.{t}"])[0]
    let b = (Toys.unstack tensors[$"b.{f}.{t}"])[0]
    let loss = tensors[$"loss.{f}.{t}"].ToDoubles()

    Toys.unstack tensors[$"W.{f}.{t}"]
    |> Array.mapi (fun j W ->
        ToyModel(
            single W,
            Array.map float32 b[j, *],
            loss[j],
            Architecture = architecture hidden,
            Decoder = single decoders[j],
            HiddenBiases = [| Array.map float32 hiddenBias[j, *] |]
        ))

/// [seeds] A column of the measures, of one function at one density.
let internal column (measures: CsvTable) (name: string) (hidden: Activation) (p: float) : float[] =
    let called = functions |> Array.find (fun (_, other) -> other = hidden) |> fst

    [|
        for row in 0 .. measures.Count - 1 do
            if measures[row, "function"] = called && measures.Number(row, "p") = p then
                measures.Number(row, name)
    |]

/// Leaves an experiment's folder with the measures it shows.
let internal leave
    (name: string)
    (recipe: Recipe)
    (claims: Claim list)
    (files: RunFolderWriter -> unit)
    (trained: RunFolder)
    settings
    =
    settings
    |> Settings.leave name recipe claims (fun folder ->
        folder.WriteCsv("measures.csv", trained.Csv "measures.csv")
        files folder)

/// Bars of a measure, a group a function, a bar a density.
let internal bars
    (measures: CsvTable)
    (recipe: Recipe)
    (name: string)
    (axis: string)
    (hidden: Activation list)
    : Figure =
    [|
        for called, function' in functions do
            if List.contains function' hidden then
                called,
                recipe.Densities
                |> Array.map (fun p -> $"p = {p:G3}", column measures name function' p |> Statistics.estimate)
    |]
    |> Charts.bars "density" (Axis.Linear axis)
