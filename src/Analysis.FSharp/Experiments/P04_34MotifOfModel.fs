/// The asymmetric superposition motif in the hidden layer of a real model: do neurons read strongly what they write weakly, and the other way round?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.MotifOfModel

open System
open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "P4.34"

[<Literal>]
let private Source =
    "problem 4.34; Toy Models of Superposition, \"The Asymmetric Superposition Motif\""

/// As in E20.
[<Literal>]
let private Asymmetry = 2.0

/// Features of each neuron that read and write are compared on: those it returns most of.
[<Literal>]
let private Most = 10

let private draws scale = if scale = Quick then 19 else 199

/// [features, neurons] What a unit of each feature of the residual stream does to the gate's pre-activation, and what a unit of each neuron writes
/// of each feature.
let private weights (block: BlockOfModel) (live: int[]) =
    let own = block.Model.Weights.Blocks[block.Layer]
    let W = block.Residual.Directions
    let d = Array2D.length2 W
    let features = Array2D.init live.Length d (fun i c -> W[live[i], c])
    let norm = own.FeedForwardNorm

    let read =
        Gram.between features (own.Gate |> Array2D.mapi (fun _ c w -> float w * float norm[c]))

    read, Gram.between features (own.Down |> Array2D.map float |> Gram.transposed)

/// Over the neurons, the mean of Spearman's ρ between how strongly a neuron reads and how strongly it writes the features it returns most of; the
/// motif makes it negative. The scale of a neuron changes nothing.
let private reciprocity (read: float[,]) (write: float[,]) =
    let returned = NeuronCode.returned read write

    Array.init (Array2D.length2 read) (fun j ->
        let most =
            [| 0 .. Array2D.length1 read - 1 |]
            |> Array.filter (fun i -> returned[i, j] > 0.0)
            |> Array.sortByDescending (fun i -> returned[i, j])
            |> Array.truncate Most

        if most.Length < 3 then
            nan
        else
            Statistics.spearman
                (most |> Array.map (fun i -> abs read[i, j]))
                (most |> Array.map (fun i -> write[i, j])))
    |> Array.filter Double.IsFinite

/// The writing weights scaled so that the greatest return is that of a feature stored whole, which motifs and codes are counted from.
let private asStored (read: float[,]) (write: float[,]) =
    let greatest = NeuronCode.returned read write |> Seq.cast<float> |> Seq.max
    write |> Array2D.map (fun w -> w / greatest)

let private motifs read write =
    asStored read write |> Motifs.asymmetric Asymmetry read

let private run (settings: RunSettings) =
    let recipe = BlockOfModel.recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe
    use _ = block.Model
    let live = BlockOfModel.live block.Residual
    let read, write = weights block live
    let random = Random 1

    // Which features a neuron writes is dealt anew, the same for all neurons: what each reads, and how its weights are spread, stay.
    let dealt () =
        let order = Array.init live.Length id
        random.Shuffle order
        Array2D.init live.Length (Array2D.length2 write) (fun i j -> write[order[i], j])

    let own = reciprocity read write
    let found = motifs read write

    let chances =
        Array.init (draws settings.Scale) (fun _ -> dealt ())
        |> Array.Parallel.map (fun write ->
            -(reciprocity read write |> Array.average), float (motifs read write).Length)

    let chance = chances |> Array.map fst |> NullDraws.beside -(Array.average own)

    let count = chances |> Array.map snd |> NullDraws.beside (float found.Length)

    let code = asStored read write |> NeuronCode.ofWeights read

    let table =
        CsvTable
            [|
                "motifs"
                "motifs_low"
                "motifs_high"
                "rho"
                "rho_low"
                "rho_high"
                "inhibited"
                "carried"
            |]

    table.Add
        [|
            box found.Length
            count.NullLow
            count.NullHigh
            Array.average own
            -chance.NullHigh
            -chance.NullLow
            box (found |> List.filter _.IsInhibited |> List.length)
            box (
                code.Carried
                |> Array.map (fun carried -> float carried.Length)
                |> Statistics.quantile 0.5
            )
        |]

    let spread = CsvTable [| "neuron"; "rho" |]
    own |> Array.iteri (fun j rho -> spread.Add [| box j; rho |])

    let claims =
        [
            count
            |> Verdicts.aboveChanceAlone
                $"{Name}.motifs"
                $"Neurons that carry exactly two features with reciprocal weights (asymmetry of {Asymmetry} or more) are more than when the features that neurons write are dealt anew."
                Source
            chance
            |> Verdicts.aboveChance
                $"{Name}.reciprocal"
                $"Of the {Most} features that a neuron returns most of, it writes weakly what it reads strongly: minus Spearman's ρ of the two, mean over neurons, beside features dealt anew."
                Source
                (own |> Array.map (fun rho -> -rho) |> Statistics.bootstrap 1 1000 Array.average)
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder ->
        folder.WriteCsv("motifs.csv", table)
        folder.WriteCsv("reciprocity.csv", spread))

let private finding (folder: RunFolder) : Finding =
    let table, spread = folder.Csv "motifs.csv", folder.Csv "reciprocity.csv"
    let number column = table.Number(0, column)

    {
        Lead =
            $"""{number "motifs":F0} neurons have the motif of two features with reciprocal weights (by chance {number "motifs_low":F1} to {number "motifs_high":F1}): half of the neurons carry {number "carried":F0} features or more. What a neuron returns most of it reads and writes with a rank correlation of {number "rho":F2} (by chance {number "rho_low":F2} to {number "rho_high":F2})."""
        Figures =
            [
                [| "neurons", spread.Numbers "rho" |]
                |> Charts.histogram "Spearman's ρ of reading and writing" 24
                |> Figure.captioned
                    $"For each neuron of the block, how strongly it reads against how strongly it writes the {Most} features that it returns most of: −1 where every feature read strongly is written weakly."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "The asymmetric motif in a real hidden layer"
        Part = Part.Problems
        Answers = [ "4.34" ]
        IsLong = true
        Recipe = BlockOfModel.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
