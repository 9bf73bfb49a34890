/// The asymmetric superposition motif: one neuron reads one feature strongly and writes it weakly, another the other way round.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.AsymmetricMotifs

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E20"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"The Asymmetric Superposition Motif\""

let private features, neurons = 20, 10

/// ARENA looks for the motif at the first.
let private densities = [| 0.5; 0.3; 0.2; 0.1; 0.05 |]

/// Half of the paper's, whose weights 2 and −1/2 are drawn from a model, not a rule.
[<Literal>]
let private Asymmetry = 2.0

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Densities: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Densities = densities
            Instances = 12
            Steps = 10_000
            Seed = 20L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 3
            Steps = 2_500
        }
    | Daily
    | Full -> full

let private cell recipe =
    Toys.absoluteCell (features, neurons) recipe.Instances recipe.Steps recipe.Seed

let private motifsOf (model: ToyModel) =
    Motifs.asymmetric Asymmetry (Toys.weights model) (Toys.decoder model)

let private claims (motifs: AsymmetricMotif list[][]) =
    let at p = Array.findIndex ((=) p) densities

    let found p =
        let seeds = motifs[at p]

        Statistics.share (seeds |> Array.filter (fun motifs -> not motifs.IsEmpty) |> Array.length) seeds.Length

    let all = motifs |> Seq.concat |> Seq.concat |> Seq.toArray
    let setting = $"n = {features}, m = {neurons}, I = 0.8ⁱ"

    [
        found 0.5
        |> Verdicts.atLeast
            $"{Name}.arena"
            $"At p = 0.5 models have the motif ({setting}; share of seeds with one; asymmetry of {Asymmetry} or more)."
            "ARENA, exercise on the motif"
            0.5
        found 0.1
        |> Verdicts.atLeast
            $"{Name}.sparse"
            $"At p = 0.1 models have the motif ({setting}; share of seeds with one)."
            Source
            0.5
        Statistics.share (all |> Array.filter _.IsInhibited |> Array.length) (max 1 all.Length)
        |> Verdicts.atLeast
            $"{Name}.inhibited"
            $"Another neuron inhibits what the motif would add to the output of its weak feature: at most a tenth is left ({setting}; share of the motifs of all densities)."
            Source
            0.9
        (if all.Length = 0 then
             Statistics.estimate [| 0.0 |]
         else
             let median =
                 all
                 |> Array.map _.Asymmetry
                 |> Statistics.bootstrap 1 2000 (Statistics.quantile 0.5)

             { Statistics.estimate [| median.Value |] with
                 Low = median.Low
                 High = median.High
                 Count = all.Length
             })
        |> Verdicts.within
            $"{Name}.asymmetry"
            $"The strong feature is read about four times as strongly as the weak one, as 2 to −1/2 in the paper's example ({setting}; median over motifs; the bounds are our own)."
            Source
            3.0
            5.5
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        recipe.Densities |> Array.map (cell recipe) |> Toys.train Name None settings

    let motifs =
        cells
        |> Array.map (fun cell -> cell.Instances |> Seq.map motifsOf |> Seq.toArray)

    let counts isWanted =
        motifs
        |> Array.map (Array.map (List.filter isWanted >> List.length >> float) >> Toys.vector)

    /// The model with the most motifs to show.
    let _, shown =
        Seq.zip (Seq.concat motifs) (cells |> Seq.collect _.Instances)
        |> Seq.maxBy (fun (motifs, _) -> motifs |> List.filter _.IsInhibited |> List.length, motifs.Length)

    let tensors =
        dict
            [
                for p, found, inhibited in Array.zip3 recipe.Densities (counts (fun _ -> true)) (counts _.IsInhibited) do
                    $"found-{p}", found
                    $"inhibited-{p}", inhibited
                "encoder", StoredArray.Of(Toys.weights shown)
                "decoder", StoredArray.Of(Toys.decoder shown)
            ]

    settings
    |> Settings.leave Name recipe (claims motifs) (fun folder -> folder.WriteSafetensors("motifs.safetensors", tensors))

/// W₁ and W₂ of a motif's neuron and its inhibitors, for its two features. Scaled so that what they read of the strong
/// feature is 1 to the neuron's 2, as the paper has them.
let private weightsOf (encoder: float[,]) (decoder: float[,]) (motif: AsymmetricMotif) =
    let group = Array.append [| motif.Neuron |] motif.Inhibitors
    let pair = [| motif.Strong; motif.Weak |]

    let columns =
        [|
            for matrix in [ "W₁"; "W₂" ] do
                for j in group do
                    let part = if j = motif.Neuron then "motif" else "inhibitor"
                    $"{matrix} of {j}, {part}"
        |]

    let cells =
        Array2D.init 2 columns.Length (fun row column ->
            let j = group[column % group.Length]
            let scale = (if j = motif.Neuron then 2.0 else 1.0) / abs encoder[motif.Strong, j]

            if column < group.Length then
                encoder[pair[row], j] * scale
            else
                decoder[pair[row], j] / scale)

    Charts.heat "weight" ("feature", [| $"strong, {motif.Strong}"; $"weak, {motif.Weak}" |]) ("neuron", columns) cells

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let tensors = folder.Safetensors "motifs.safetensors"
    let encoder, decoder = tensors["encoder"].ToMatrix(), tensors["decoder"].ToMatrix()

    let counts name =
        recipe.Densities |> Array.map (fun p -> tensors[$"{name}-{p}"].ToDoubles())

    let found, inhibited = counts "found", counts "inhibited"

    let inWords =
        Array.map2
            (fun p (counts: float[]) ->
                let seeds = counts |> Array.filter (fun count -> count > 0.0) |> Array.length
                $"{Array.sum counts:F0} motifs in {seeds} of {counts.Length} seeds at p = {p}")
            recipe.Densities
            found
        |> String.concat ", "

    let bars (counts: float[][]) =
        Array.map2 (fun p counts -> $"p = {p}", Statistics.estimate counts) recipe.Densities counts

    /// A motif that is inhibited, and by few neurons, is read most easily.
    let example =
        Motifs.asymmetric Asymmetry encoder decoder
        |> List.sortBy (fun motif -> not motif.IsInhibited, motif.Inhibitors.Length, abs (motif.Asymmetry - 4.0))
        |> List.tryHead

    {
        Lead =
            if Array.sum (Array.last found) > Array.sum found[0] then
                $"The motif belongs to sparse features rather than to dense ones: {inWords}."
            else
                $"The motif is not more frequent among sparse features: {inWords}."
        Figures =
            [
                [| "found", bars found; "inhibited", bars inhibited |]
                |> Charts.bars "density" (Axis.Linear "motifs a model")
                |> Figure.captioned
                    $"Neurons that carry two features with reciprocal weights, one read at least {Asymmetry} times as strongly as the other, and those of them that other neurons inhibit; mean over seeds with its 95 %% interval."
                match example with
                | Some motif ->
                    weightsOf encoder decoder motif
                    |> Figure.captioned
                        $"A motif of asymmetry {motif.Asymmetry:F1}. At 1, the strong feature would add {motif.Interference:F2} to the output of the weak one; the inhibitors, which it drives too, add {motif.Inhibition:F2}. Scaled so that the neuron reads the strong feature with 2, inhibitors with 1."
                | None -> ()
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Two features in one neuron, and a third party that keeps them apart"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
