/// Does LayerNorm smuggle superposition through a SoLU layer? SoLU makes what is weak weaker; LayerNorm then divides a row by its
/// spread, so that what is weak everywhere may come out strong again.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.LayerNormSmuggling

open Superposition.Analysis
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.39"

[<Literal>]
let private Source =
    "problem 4.39, after \"Softmax Linear Units\" (Elhage et al. 2022); a bar of our own"

let private p = HiddenActivations.ClaimDensity

/// A neuron is weak in a row when it is below this share of the row's greatest activation, before LayerNorm.
[<Literal>]
let private WeakShare = 0.1

/// torch's, and the model's.
[<Literal>]
let private Epsilon = 1e-5

/// The sizes of a feature alone that LayerNorm's gain is taken at.
let private sizes = [| 0.1; 0.2; 0.3; 0.4; 0.5; 0.6; 0.7; 0.8; 0.9; 1.0 |]

/// What is found of one model.
type private Smuggling =
    {
        /// Share of what neurons add to the outputs of active features, in absolute value, that comes from weak neurons.
        Weak: float
        /// How many times greater the loss is when weak neurons are silenced before LayerNorm.
        Silenced: float
        /// [sizes] Mean 1/σ of a row with one feature of that size; 1 without LayerNorm.
        Gain: float[]
        /// [sizes] Mean greatest activation before LayerNorm.
        Greatest: float[]
    }

/// LayerNorm's 1/σ of a row of activations; 1 where there is no LayerNorm.
let private gain (model: ToyModel) (a: float[]) =
    if model.Architecture.Hidden = Activation.SoluLayerNorm then
        let mean = Array.average a
        1.0 / sqrt ((a |> Array.averageBy (fun x -> (x - mean) ** 2.0)) + Epsilon)
    else
        1.0

/// [outputs, m] What a unit of activation adds to the outputs per 1/σ: LayerNorm's centring of the activations is a centring of the
/// decoder's rows, U_i·(a − ā) = (U_i − Ū_i)·a.
let private readOut (model: ToyModel) =
    let U = Toys.decoder model

    if model.Architecture.Hidden = Activation.SoluLayerNorm then
        U |> Array2D.mapi (fun i _ u -> u - Array.average U[i, *])
    else
        U

let private weak (a: float[]) =
    let greatest = a |> Array.map abs |> Array.max
    a |> Array.map (fun x -> abs x < WeakShare * greatest)

let private loss (importance: float[]) (model: ToyModel) (U: float[,]) (rows: float[,]) (activations: float[][]) =
    let outputs =
        Gram.between
            (activations
             |> Array.map (fun a -> let gain = gain model a in a |> Array.map (fun x -> gain * x))
             |> array2D)
            U

    Array.init (Array2D.length1 rows) (fun r ->
        importance
        |> Array.mapi (fun i weight ->
            let y = max 0.0 (outputs[r, i] + float model.B[i])
            weight * (abs rows[r, i] - y) ** 2.0)
        |> Array.sum)
    |> Array.average

let private measure (rows: float[,]) (model: ToyModel) =
    let before = HiddenActivations.beforeLayerNorm model
    let U = readOut model
    let n = model.Features

    let hidden inputs =
        (before |> Responses.answers inputs).Hidden

    let activations =
        let h = hidden rows in Array.init (Array2D.length1 h) (fun r -> h[r, *])

    let weak = activations |> Array.map weak

    let attributed =
        [|
            for r in 0 .. activations.Length - 1 do
                let gain = gain model activations[r]

                for i in 0 .. n - 1 do
                    if rows[r, i] <> 0.0 then
                        for j in 0 .. activations[r].Length - 1 do
                            weak[r][j], abs (gain * activations[r][j] * U[i, j])
        |]

    let importance = Array.init n (fun i -> 0.9 ** float i)
    let loss = loss importance model U rows

    let silenced =
        Array.map2 (Array.map2 (fun a isWeak -> if isWeak then 0.0 else a)) activations weak

    /// Rows of one feature alone, of either sign.
    let alone size =
        let h =
            hidden (
                Array2D.init (2 * n) n (fun r i ->
                    if r / 2 = i then
                        (if r % 2 = 0 then size else -size)
                    else
                        0.0)
            )

        Array.init (2 * n) (fun r -> h[r, *])

    {
        Weak =
            (attributed |> Array.sumBy (fun (isWeak, a) -> if isWeak then a else 0.0))
            / (attributed |> Array.sumBy snd)
        Silenced = loss silenced / loss activations
        Gain = sizes |> Array.map (alone >> Array.averageBy (gain model))
        Greatest = sizes |> Array.map (alone >> Array.averageBy Array.max)
    }

let private called =
    dict [ Activation.Solu, "SoLU"; Activation.SoluLayerNorm, "SoLU with LayerNorm" ]

let private run (settings: RunSettings) =
    let recipe = HiddenActivations.recipeOf settings.Scale
    let trained = HiddenActivations.trained settings

    let rows =
        HiddenActivations.world recipe p (recipe.Seed + 1L) |> Toys.rows recipe.Rows

    let of' hidden =
        HiddenActivations.models trained recipe hidden p
        |> Settings.sideBySide (measure rows)

    let plain, normed = of' Activation.Solu, of' Activation.SoluLayerNorm
    let setting = $"|x| of 20 features in 20 neurons, p = {p}"

    let claims =
        [
            Array.map2 (fun a b -> a.Weak - b.Weak) normed plain
            |> Statistics.estimate
            |> Verdicts.atLeast
                $"{Name}.weak-neurons"
                $"With LayerNorm, neurons below a tenth of the row's greatest activation have a greater share of what is added to the outputs of active features: by 0.1 or more ({setting})."
                Source
                0.1
            normed
            |> Array.map _.Silenced
            |> Statistics.estimate
            |> Verdicts.atLeast
                $"{Name}.silenced"
                $"Silencing those weak neurons before LayerNorm makes the loss half as great again or more ({setting})."
                Source
                1.5
            normed
            |> Array.map (fun of' -> of'.Gain[0] / Array.last of'.Gain)
            |> Statistics.estimate
            |> Verdicts.atLeast
                $"{Name}.gain"
                $"LayerNorm multiplies the activations of a feature at 0.1 at least twice as much as at 1 ({setting})."
                Source
                2.0
            Array.map2 (fun normed plain -> Array.last normed.Greatest / Array.last plain.Greatest) normed plain
            |> Statistics.estimate
            |> Verdicts.atMost
                $"{Name}.small"
                $"With LayerNorm the layer works at activations a tenth as great as without, or less: the greatest activation for a feature at 1 ({setting}). Seen first on other seeds than these."
                Source
                0.1
        ]

    let shares = CsvTable [| "function"; "seed"; "weak"; "silenced" |]
    let gains = CsvTable [| "function"; "size"; "seed"; "gain"; "greatest" |]

    for hidden, found in [ Activation.Solu, plain; Activation.SoluLayerNorm, normed ] do
        found
        |> Array.iteri (fun j of' ->
            shares.Add [| box called[hidden]; j; of'.Weak; of'.Silenced |]

            sizes
            |> Array.iteri (fun s size -> gains.Add [| box called[hidden]; size; j; of'.Gain[s]; of'.Greatest[s] |]))

    HiddenActivations.leave
        Name
        recipe
        claims
        (fun folder ->
            folder.WriteCsv("shares.csv", shares)
            folder.WriteCsv("gains.csv", gains))
        trained
        settings

let private finding (folder: RunFolder) : Finding =
    let shares, gains = folder.Csv "shares.csv", folder.Csv "gains.csv"

    let share name column =
        [|
            for row in 0 .. shares.Count - 1 do
                if shares[row, "function"] = name then
                    shares.Number(row, column)
        |]
        |> Statistics.estimate

    let at name size column =
        [|
            for row in 0 .. gains.Count - 1 do
                if gains[row, "function"] = name && gains.Number(row, "size") = size then
                    gains.Number(row, column)
        |]
        |> Statistics.estimate

    let plain, normed = called[Activation.Solu], called[Activation.SoluLayerNorm]
    let small, whole = sizes[0], Array.last sizes
    let greatest name = (at name whole "greatest").Mean

    let series label name column =
        Series.OfEstimates(label, sizes, sizes |> Array.map (fun size -> at name size column))

    {
        Lead =
            $"""With LayerNorm the greatest activation before it is {greatest normed:G2} for a feature at {whole}, without it {greatest plain:G2}; LayerNorm multiplies it by {(at normed whole "gain").Mean:F0}, and by {(at normed small "gain").Mean:F0} for a feature at {small}. """
            + $"""Neurons below a tenth of the greatest activation make {(share normed "weak").Mean:P0} of what is added to the outputs of active features with LayerNorm and {(share plain "weak").Mean:P0} without; """
            + $"""silenced, they make the loss {(share normed "silenced").Mean:F2} and {(share plain "silenced").Mean:F2} times as great."""
        Figures =
            [
                Charts.line
                    (Axis.Linear "size of a feature alone, |x|")
                    (Axis.Log "activation, and 1/σ")
                    [
                        series "greatest activation before LayerNorm" normed "greatest"
                        series "LayerNorm's gain 1/σ" normed "gain"
                        series "greatest activation of SoLU alone" plain "greatest"
                    ]
                |> Figure.captioned
                    "The greatest activation of the layer and what LayerNorm multiplies it by, against the size of the one feature in the row: where all activations are small, softmax is flat and holds nothing down, and the gain makes up for it. Means over seeds with 95 % intervals."
                [|
                    for name in [ plain; normed ] ->
                        name,
                        [|
                            "share of what is added", share name "weak"
                            "loss without them, less 1",
                            (let e = share name "silenced" in

                             { e with
                                 Mean = e.Mean - 1.0
                                 Low = e.Low - 1.0
                                 High = e.High - 1.0
                             })
                        |]
                |]
                |> Charts.bars "" (Axis.Linear "of weak neurons")
                |> Figure.captioned
                    "Weak neurons, those below a tenth of their row's greatest activation before LayerNorm: their share of what is added to the outputs of active features, and by how much the loss grows without them."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Does LayerNorm smuggle superposition through SoLU?"
        Part = Part.Problems
        Answers = [ "4.39" ]
        IsLong = true
        Recipe = HiddenActivations.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
