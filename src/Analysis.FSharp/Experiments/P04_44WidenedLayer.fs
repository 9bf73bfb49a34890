/// A trained hidden layer is made ten times wider and trained on: does superposition vanish?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.WidenedLayer

open System.Collections.Generic
open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.44"

[<Literal>]
let private Source = "problem 4.44; a bar of our own"

type Recipe =
    {
        Features: int
        Narrow: int
        /// How many times wider.
        Factor: int
        Density: float
        Instances: int
        /// Steps of the narrow layer, and steps after that.
        Steps: int
        MoreSteps: int
        /// λ of λ‖h‖₁ for the layer that is widened with a penalty.
        Penalty: float
        Seed: int64
    }

/// A side of a feature takes a neuron of |x| without superposition: the narrow layer has a quarter of the 40 that 20 features need,
/// the wide one two and a half times as many.
let private recipeOf scale =
    let full =
        {
            Features = 20
            Narrow = 10
            Factor = 10
            Density = 0.05
            Instances = 6
            Steps = 10_000
            MoreSteps = 6_000
            Penalty = 1e-3
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 2
            Steps = 600
            MoreSteps = 200
        }
    | Daily
    | Full -> full

/// The layers that are compared, in order.
let private kinds =
    [|
        "narrow, trained"
        "narrow, trained on"
        "widened, trained on"
        "widened, trained on with λ‖h‖₁"
        "wide from random weights"
    |]

let private cell recipe width steps penalty (seed: int64) (initial: IReadOnlyList<ToyModel>) =
    let world = Toys.signedWorld recipe.Features recipe.Density seed

    ToyModelOptions(
        Dimensions = width,
        Architecture = ToyArchitecture.Computing,
        Target = Target(Function = TargetFunction.Absolute),
        Instances = recipe.Instances,
        Initial = initial,
        HiddenPenalty = penalty,
        Seed = recipe.Seed,
        Steps = steps
    )
    |> Toys.cell world

/// Nearly the same function in more neurons: new ones read at random as those of a wide layer would, and write a tenth of that.
let private widened (fresh: ToyModel) (model: ToyModel) : ToyModel =
    let m = model.Dimensions

    let beside scale (old: float32[,]) (fresh: float32[,]) =
        fresh |> Array2D.mapi (fun i j w -> if j < m then old[i, j] else scale * w)

    ToyModel(
        beside 1.0f model.W fresh.W,
        model.B,
        nan,
        Architecture = model.Architecture,
        Decoder = beside 0.1f model.Decoder fresh.Decoder
    )

type private Measures =
    {
        Loss: float
        /// Σ_{i≠k} of the squares of what output k says when feature i alone is at 1 or −1, as a share of Σ_i of output i's.
        Interference: float
        /// Participation ratio of the neurons' responses, weighted by ‖e_j‖‖u_j‖: how much of the layer's work a neuron does.
        Participation: float
        /// Outputs that return half of their feature or more.
        Returned: float
    }

let private measure (model: ToyModel) =
    let n = model.Features

    let single =
        Array2D.init (2 * n) n (fun r i -> if r / 2 = i then (if r % 2 = 0 then 1.0 else -1.0) else 0.0)

    let y = (model |> Responses.answers single).Outputs

    let sum isOwn =
        Seq.sum (
            seq {
                for r in 0 .. 2 * n - 1 do
                    for k in 0 .. n - 1 do
                        if (r / 2 = k) = isOwn then
                            y[r, k] ** 2.0
            }
        )

    let E, U = Toys.weights model, Toys.decoder model

    let norm (column: float[]) =
        column |> Array.sumBy (fun x -> x * x) |> sqrt

    let work = Array.init model.Dimensions (fun j -> norm E[*, j] * norm U[*, j])

    let participation =
        Array2D.init model.Dimensions n (fun j i -> abs E[i, j])
        |> Polysemanticity.participationRatio

    {
        Loss = model.Loss
        Interference = sum false / sum true
        Participation = (Array.map2 (*) work participation |> Array.sum) / Array.sum work
        Returned = float (Responses.returned [ 1.0; -1.0 ] model)
    }

let private claims recipe (byKind: Measures[][]) =
    let setting =
        $"|x| of {recipe.Features} features, p = {recipe.Density}, {recipe.Narrow} neurons made {recipe.Factor * recipe.Narrow}"

    let ratio (measure: Measures -> float) a b =
        Array.map2 (fun a b -> measure a / measure b) byKind[a] byKind[b]
        |> Statistics.estimate

    let participation kind =
        byKind[kind] |> Array.map _.Participation |> Statistics.estimate

    [
        ratio _.Interference 2 0
        |> Verdicts.atMost
            $"{Name}.interference"
            $"Widened and trained on, single features disturb other outputs a tenth as much as before, or less: ratio of squares ({setting})."
            Source
            0.1
        participation 2
        |> Verdicts.atMost
            $"{Name}.monosemantic"
            $"Then its neurons are monosemantic too: mean participation ratio, weighted by work ({setting})."
            Source
            1.1
        participation 3
        |> Verdicts.atMost
            $"{Name}.penalty"
            $"They are when λ‖h‖₁ with λ = {recipe.Penalty} is added: mean participation ratio ({setting})."
            Source
            1.1
        ratio _.Loss 2 4
        |> Verdicts.atMost
            $"{Name}.start"
            $"The old solution is no trap: the widened layer's loss is at most twice that of a wide one from random weights ({setting})."
            Source
            2.0
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    let wide = recipe.Factor * recipe.Narrow

    let start width =
        LiveStart.models ToyArchitecture.Computing recipe.Features width recipe.Seed recipe.Instances

    let narrow =
        [|
            cell recipe recipe.Narrow recipe.Steps 0.0 recipe.Seed (start recipe.Narrow)
        |]
        |> Toys.train $"{Name}, narrow" None settings
        |> Array.head

    let trained = Seq.toArray narrow.Instances
    let wider = Seq.map2 widened (start wide) trained |> Seq.toArray
    // Rows of another seed: what comes after is not what has been seen.
    let more = recipe.Seed + 1L

    let after =
        [|
            cell recipe recipe.Narrow recipe.MoreSteps 0.0 more trained
            cell recipe wide recipe.MoreSteps 0.0 more wider
            cell recipe wide recipe.MoreSteps recipe.Penalty more wider
            cell recipe wide (recipe.Steps + recipe.MoreSteps) 0.0 more (start wide)
        |]
        |> Toys.train $"{Name}, after" None settings

    let byKind =
        Array.append [| narrow |] after
        |> Array.map (fun cell -> cell.Instances |> Seq.toArray |> Settings.sideBySide measure)

    let table =
        CsvTable [| "kind"; "seed"; "loss"; "interference"; "participation"; "returned" |]

    byKind
    |> Array.iteri (fun kind measures ->
        measures
        |> Array.iteri (fun seed m ->
            table.Add [| box kinds[kind]; seed; m.Loss; m.Interference; m.Participation; m.Returned |]))

    let encoders =
        dict
            [
                for kind in [ 0; 2; 3 ] do
                    let cell = if kind = 0 then narrow else after[kind - 1]
                    $"encoder.{kind}", Toys.stack [| Toys.weights cell.Instances[0] |]
                    $"decoder.{kind}", Toys.stack [| Toys.decoder cell.Instances[0] |]
            ]

    settings
    |> Settings.leave Name recipe (claims recipe byKind) (fun folder ->
        folder.WriteCsv("layers.csv", table)
        folder.WriteSafetensors("layers.safetensors", encoders))

/// Neurons that do most work, as many as a panel has room for.
let private hardest count (encoder: float[,]) (decoder: float[,]) =
    let norm (column: float[]) =
        column |> Array.sumBy (fun x -> x * x) |> sqrt

    let chosen =
        [| 0 .. Array2D.length2 encoder - 1 |]
        |> Array.sortByDescending (fun j -> norm encoder[*, j] * norm decoder[*, j])
        |> Array.truncate count

    let scaled, _ = Motifs.normalised encoder decoder
    Array2D.init (Array2D.length1 encoder) chosen.Length (fun i c -> scaled[i, chosen[c]])

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let table = folder.Csv "layers.csv"
    let tensors = folder.Safetensors "layers.safetensors"

    let estimate kind (column: string) =
        [|
            for row in 0 .. table.Count - 1 do
                if table[row, "kind"] = kinds[kind] then
                    table.Number(row, column)
        |]
        |> Statistics.estimate

    let mean kind column = (estimate kind column).Mean

    let bars column title =
        kinds
        |> Array.mapi (fun kind name -> name, [| "mean over seeds", estimate kind column |])
        |> Charts.bars "" title

    {
        Lead =
            $"""Ten times wider and trained on, the layer returns {mean 2 "returned":F1} of {recipe.Features} features in place of {mean 0 "returned":F1}, at a loss of {mean 2 "loss":G2} in place of {mean 0 "loss":G2}; what single features do to other outputs falls from {mean 0 "interference":G2} to {mean 2 "interference":G2} of what they do to their own, in squares. """
            + $"""Its neurons answer to {mean 2 "participation":F1} features, weighted by work, against {mean 0 "participation":F1} before, and to {mean 3 "participation":F1} with λ‖h‖₁. A layer as wide from random weights returns {mean 4 "returned":F1}, at a loss of {mean 4 "loss":G2} and {mean 4 "participation":F1} features a neuron."""
        Figures =
            [
                bars "interference" (Axis.Log "interference")
                |> Figure.captioned
                    "Squares of what single features do to outputs that are not theirs, as a share of what they do to their own. Bars are means over seeds with 95 % intervals."
                bars "participation" (Axis.Linear "features a neuron answers to")
                |> Figure.captioned
                    "Participation ratio of the neurons' responses, weighted by the work they do: a layer may be free of interference and its neurons polysemantic all the same."
                [|
                    for kind in [ 0; 2; 3 ] do
                        let encoder = (Toys.unstack tensors[$"encoder.{kind}"])[0]
                        let decoder = (Toys.unstack tensors[$"decoder.{kind}"])[0]
                        let W = hardest 40 encoder decoder

                        let ratios =
                            Array2D.init (Array2D.length2 W) (Array2D.length1 W) (fun j i -> abs W[i, j])
                            |> Polysemanticity.participationRatio

                        kinds[kind], W, ratios |> Array.map (fun ratio -> ratio <= 1.1)
                |]
                |> Charts.neuronBars
                |> Figure.captioned
                    $"The {min 40 recipe.Narrow} neurons of a narrow layer, and the 40 hardest working ones of the same layer made wide; each neuron's greatest encoder weight is 1."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "A hidden layer made ten times wider"
        Part = Part.Problems
        Answers = [ "4.44" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
