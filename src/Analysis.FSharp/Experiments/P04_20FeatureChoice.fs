/// A task on which different runs learn different features: more equally important ones than there are dimensions.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.FeatureChoice

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.20"

[<Literal>]
let private Source = "problem 4.20; a bar of our own"

type Recipe =
    {
        Features: int
        Dimensions: int
        Densities: float[]
        /// The density at which importances are made to differ.
        Dense: float
        /// I_i = ratioⁱ.
        Ratios: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Features = 20
            Dimensions = 5
            Densities = [| 0.8; 0.65; 0.55; 0.5; 0.4; 0.2; 0.1; 0.05 |]
            Dense = 0.8
            Ratios = [| 0.9999; 0.999; 0.997; 0.99; 0.98; 0.95 |]
            Instances = 16
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick -> { full with Instances = 4; Steps = 600 }
    | Daily
    | Full -> full

let private cell recipe architecture importance p =
    ToyModelOptions(
        Dimensions = recipe.Dimensions,
        Architecture = architecture,
        Importance = importance,
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps
    )
    |> Toys.cell (Toys.world recipe.Features p recipe.Seed)

let private norms (cell: ToyModelCell) =
    cell.Instances |> Seq.map (Toys.weights >> Geometry.norms) |> Seq.toArray

/// κ of what a run represents with what the next one does, the last run's next being the first: 0 for chance, 1 for the same features.
let private agreement (norms: float[][]) =
    let represented =
        norms |> Array.map (Array.map (fun norm -> norm > Geometry.RepresentedNorm))

    represented
    |> Array.mapi (fun j own -> Statistics.kappa own represented[(j + 1) % represented.Length])
    |> Array.filter System.Double.IsFinite

let private stored (norms: float[][]) =
    norms
    |> Array.map (
        Array.filter (fun norm -> norm > Geometry.RepresentedNorm)
        >> Array.length
        >> float
    )

/// Where all runs represent all features, or none, there is no choice to agree on.
let private estimate (values: float[]) =
    if values.Length = 0 then
        Statistics.estimate [| nan |]
    else
        Statistics.estimate values

let private claims recipe (byDensity: ToyModelCell[]) (byRatio: ToyModelCell[]) (linear: ToyModelCell) =
    let setting = $"n = {recipe.Features}, d = {recipe.Dimensions}, p = {recipe.Dense}"

    let dense = byDensity[0]
    let losses = dense.Instances |> Seq.map _.Loss |> Seq.toArray

    [
        agreement (norms dense)
        |> estimate
        |> Verdicts.near
            $"{Name}.choice"
            $"ReLU output models of equally important features agree on which they store no better than by chance: κ between runs ({setting})."
            Source
            0.0
            0.15
        Statistics.estimate [| Array.max losses / Array.min losses - 1.0 |]
        |> Verdicts.atMost
            $"{Name}.same-loss"
            $"They are equally good all the same: how much greater the worst run's loss is than the best's ({setting})."
            Source
            0.02
        agreement (norms (Array.last byRatio))
        |> estimate
        |> Verdicts.atLeast
            $"{Name}.importance"
            $"When each feature is a twentieth less important than the one before, runs store the same features: κ ({setting})."
            Source
            0.9
        norms linear
        |> Array.map (fun norms ->
            float (
                norms
                |> Array.filter (fun norm -> norm ** 2.0 >= 0.1 && norm ** 2.0 <= 0.9)
                |> Array.length
            )
            / float norms.Length)
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.linear"
            $"A linear model makes no choice: 0.1 ≤ ‖W_i‖² ≤ 0.9 for nearly all features, a part of each ({setting})."
            Source
            0.9
    ]

let private table (name: string) (values: float[]) (cells: ToyModelCell[]) =
    let table = CsvTable [| name; "seed"; "kappa"; "stored"; "loss" |]

    Array.iter2
        (fun value cell ->
            let norms = norms cell
            let kappas, stored = agreement norms, stored norms

            for j in 0 .. norms.Length - 1 do
                table.Add
                    [|
                        box value
                        j
                        (if j < kappas.Length then kappas[j] else nan)
                        stored[j]
                        cell.Instances[j].Loss
                    |])
        values
        cells

    table

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        [|
            for p in recipe.Densities do
                cell recipe ToyArchitecture.ReluOutput (PerFeature.All 1.0) p
            for ratio in recipe.Ratios do
                cell recipe ToyArchitecture.ReluOutput (PerFeature.Powers ratio) recipe.Dense
            cell recipe ToyArchitecture.Linear (PerFeature.All 1.0) recipe.Dense
        |]
        |> Toys.train Name None settings

    let byDensity, rest = Array.splitAt recipe.Densities.Length cells
    let byRatio, linear = Array.take recipe.Ratios.Length rest, Array.last rest

    let panels =
        dict
            [
                "dense", StoredArray.Of(array2D (norms byDensity[0]))
                "linear", StoredArray.Of(array2D (norms linear))
            ]

    settings
    |> Settings.leave Name recipe (claims recipe byDensity byRatio linear) (fun folder ->
        folder.WriteCsv("densities.csv", table "p" recipe.Densities byDensity)
        folder.WriteCsv("ratios.csv", table "ratio" recipe.Ratios byRatio)
        folder.WriteSafetensors("norms.safetensors", panels))

let private column (table: CsvTable) key (value: float) name =
    [|
        for row in 0 .. table.Count - 1 do
            if table.Number(row, key) = value then
                table.Number(row, name)
    |]
    |> Array.filter System.Double.IsFinite

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let densities, ratios = folder.Csv "densities.csv", folder.Csv "ratios.csv"
    let atDensity name p = column densities "p" p name |> estimate

    let atRatio ratio =
        column ratios "ratio" ratio "kappa" |> estimate

    let norms = folder.Safetensors "norms.safetensors"

    let heat (name: string) =
        let norms = norms[name].ToDoubles()
        let runs = norms.Length / recipe.Features

        Array2D.init runs recipe.Features (fun run i -> norms[run * recipe.Features + i])
        |> Charts.heat
            "‖Wᵢ‖"
            ("run", [| for run in 0 .. runs - 1 -> string run |])
            ("feature", [| for i in 0 .. recipe.Features - 1 -> string i |])

    let together =
        recipe.Ratios |> Array.filter (fun ratio -> (atRatio ratio).Mean >= 0.9)

    let needed =
        if together.Length = 0 then
            "No fall of importance that was tried makes them agree."
        else
            $"A fall of importance of {1.0 - Array.max together:P2} from one feature to the next makes them agree (κ of 0.9 or more)."

    {
        Lead =
            $"""At p = {recipe.Dense} a run stores {(atDensity "stored" recipe.Dense).Mean:F1} of {recipe.Features} equally important features on average, and which ones differs: κ between runs is {System.Math.Round((atDensity "kappa" recipe.Dense).Mean, 2) + 0.0}, where 0 is chance and 1 the same choice. """
            + needed
        Figures =
            [
                heat "dense"
                |> Figure.captioned
                    $"The length of each feature in each run at p = {recipe.Dense}, equal importance: every run stores a few nearly whole and little of the others, each run a choice of its own."
                Charts.line
                    (Axis.Log "1/p")
                    (Axis.Linear "κ, and share stored")
                    [
                        Series.OfEstimates(
                            "κ between runs",
                            recipe.Densities |> Array.map (fun p -> 1.0 / p),
                            recipe.Densities |> Array.map (atDensity "kappa")
                        )
                        Series.Of(
                            "share of features stored",
                            recipe.Densities |> Array.map (fun p -> 1.0 / p),
                            recipe.Densities
                            |> Array.map (fun p -> (atDensity "stored" p).Mean / float recipe.Features)
                        )
                    ]
                |> Figure.captioned
                    "Agreement of runs on which features they represent, and how many they represent, as features get sparser. Chance is κ = 0 at every density."
                Charts.line
                    (Axis.Log "fall of importance from one feature to the next")
                    (Axis.Linear "κ between runs")
                    [
                        Series.OfEstimates(
                            "κ",
                            recipe.Ratios |> Array.map (fun ratio -> 1.0 - ratio),
                            recipe.Ratios |> Array.map atRatio
                        )
                    ]
                |> Figure.captioned
                    $"How unequal features must be before all runs choose the same, at p = {recipe.Dense}: importance is ratioⁱ, and the axis is 1 − ratio."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Different runs, different features"
        Part = Part.Problems
        Answers = [ "4.20" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
