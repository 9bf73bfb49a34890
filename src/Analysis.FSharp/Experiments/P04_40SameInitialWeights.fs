/// SoLU and GELU from the same initial weights, on the same rows: what of a neuron is decided by its start, and what by its
/// activation function?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.SameInitialWeights

open Superposition.Analysis
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.40"

[<Literal>]
let private Source = "problem 4.40; a bar of our own"

let private p = HiddenActivations.ClaimDensity

/// What is compared: ReLU and GELU as the pair that should differ least.
let private pairs =
    [|
        Activation.Relu, Activation.Gelu
        Activation.Gelu, Activation.Solu
        Activation.Gelu, Activation.SoluLayerNorm
    |]

let private called (hidden: Activation) =
    HiddenActivations.functions
    |> Array.find (fun (_, other) -> other = hidden)
    |> fst

/// [m] The feature that a neuron answers to most, before LayerNorm where there is one.
let private favourites (model: ToyModel) =
    Responses.toFeatures [ 1.0; -1.0 ] (HiddenActivations.beforeLayerNorm model)
    |> Polysemanticity.ofResponses Polysemanticity.HalfMaximum
    |> Array.map _.Favourite

/// [m] The feature that a neuron reads most strongly before it is trained.
let private favouritesAtFirst (W: float[,]) =
    Array.init (Array2D.length2 W) (fun j -> [| 0 .. Array2D.length1 W - 1 |] |> Array.maxBy (fun i -> abs W[i, j]))

let private agreement (a: int[]) (b: int[]) =
    Array.map2 (fun a b -> if a >= 0 && a = b then 1.0 else 0.0) a b
    |> Array.average

/// Seed by seed, the agreement of one function's instance with another's from the same start, and from the next seed's.
type private Kept = { Same: float[]; Another: float[] }

let private kept (favourite: Activation -> int[][]) (a, b) =
    let a, b = favourite a, favourite b

    {
        Same = Array.map2 agreement a b
        Another = a |> Array.mapi (fun j ofA -> agreement ofA b[(j + 1) % b.Length])
    }

let private run (settings: RunSettings) =
    let recipe = HiddenActivations.recipeOf settings.Scale
    let trained = HiddenActivations.trained settings

    let models =
        HiddenActivations.functions
        |> Array.map (fun (_, hidden) -> hidden, HiddenActivations.models trained recipe hidden p)
        |> Map.ofArray

    let favourites = models |> Map.map (fun _ -> Array.map favourites)

    let first =
        HiddenActivations.initial recipe Activation.Gelu
        |> Seq.map (Toys.weights >> favouritesAtFirst)
        |> Seq.toArray

    let kept = pairs |> Array.map (kept (fun hidden -> favourites[hidden]))
    let fromStart = favourites |> Map.map (fun _ -> Array.map2 agreement first)

    let claims =
        [
            Array.map2 (-) kept[2].Same kept[2].Another
            |> Statistics.estimate
            |> Verdicts.atLeast
                $"{Name}.kept"
                $"From the same weights, a neuron of SoLU with LayerNorm and of GELU have the same favourite feature more often than from different weights: by a fifth of the neurons or more (|x| of 20 features in 20 neurons, p = {p})."
                Source
                0.2
            Array.map2 (-) kept[0].Same kept[2].Same
            |> Statistics.estimate
            |> Verdicts.atLeast
                $"{Name}.nearest"
                $"ReLU and GELU agree on more favourites than GELU and SoLU with LayerNorm do, by a tenth of the neurons or more (the same setting)."
                Source
                0.1
        ]

    let table = CsvTable [| "pair"; "seed"; "same"; "another" |]

    pairs
    |> Array.iteri (fun at (a, b) ->
        for j in 0 .. recipe.Instances - 1 do
            table.Add [| box $"{called a}, {called b}"; j; kept[at].Same[j]; kept[at].Another[j] |])

    let start = CsvTable [| "function"; "seed"; "kept" |]

    for KeyValue(hidden, shares) in fromStart do
        shares
        |> Array.iteri (fun j share -> start.Add [| box (called hidden); j; share |])

    let responses (hidden: Activation) =
        let R =
            Responses.toFeatures [ 1.0; -1.0 ] (HiddenActivations.beforeLayerNorm (Array.head models[hidden]))
        // Each neuron's greatest response at 1, for the functions have scales of their own.
        Array2D.init (Array2D.length2 R) (Array2D.length1 R) (fun i j -> R[j, i] / max 1e-9 (Array.max R[j, *]))

    HiddenActivations.leave
        Name
        recipe
        claims
        (fun folder ->
            folder.WriteCsv("favourites.csv", table)
            folder.WriteCsv("start.csv", start)

            folder.WriteSafetensors(
                "responses.safetensors",
                dict
                    [
                        "first", HiddenActivations.functions |> Array.map (snd >> responses) |> Toys.stack
                    ]
            ))
        trained
        settings

let private finding (folder: RunFolder) : Finding =
    let measures = folder.Csv "measures.csv"
    let table, start = folder.Csv "favourites.csv", folder.Csv "start.csv"

    let numbers (table: CsvTable) key value column =
        [|
            for row in 0 .. table.Count - 1 do
                if table[row, key] = value then
                    table.Number(row, column)
        |]

    let mean key value column table =
        numbers table key value column |> Array.average

    let solu = called Activation.SoluLayerNorm
    let pair = $"GELU, {solu}"

    let loss hidden =
        HiddenActivations.column measures "loss" hidden p |> Array.average

    let names = HiddenActivations.functions |> Array.map fst

    {
        Lead =
            $"""From the same weights, {mean "pair" pair "same" table:P0} of the neurons end with the same favourite feature under GELU and under {solu}, {mean "pair" pair "another" table:P0} from different weights. """
            + $"""GELU keeps {mean "function" "GELU" "kept" start:P0} of the favourites that the start gave, {solu} {mean "function" solu "kept" start:P0}; losses are {loss Activation.Gelu:G3} and {loss Activation.SoluLayerNorm:G3}, and {loss Activation.Solu:G3} for SoLU without LayerNorm."""
        Figures =
            [
                [|
                    for label, column in [ "the same start", "same"; "different starts", "another" ] do
                        label,
                        Array.distinct (table.Column "pair")
                        |> Array.map (fun pair -> pair, numbers table "pair" pair column |> Statistics.estimate)
                |]
                |> Charts.bars "" (Axis.Linear "neurons with the same favourite, share")
                |> Figure.captioned
                    "Share of neurons whose favourite feature is the same under two activation functions. Bars are means over seeds with 95 % intervals."
                Toys.unstack (folder.Safetensors "responses.safetensors").["first"]
                |> Array.map2
                    (fun name R ->
                        name,
                        R,
                        Array.init (Array2D.length2 R) (fun j ->
                            (R[*, j] |> Array.filter (fun r -> r >= Polysemanticity.HalfMaximum)).Length = 1))
                    names
                |> Charts.neuronBars
                |> Figure.captioned
                    "The neurons of the first start under each function: responses to single features, the greatest of a neuron at 1. A tall stack is a neuron of many features."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "SoLU and GELU from the same initial weights"
        Part = Part.Problems
        Answers = [ "4.40" ]
        IsLong = true
        Recipe = HiddenActivations.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
