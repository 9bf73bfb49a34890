/// Do positions get dimensions of their own? Asked of a model with rotary positions, which adds none to the residual stream.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Positions

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Superposition.Models
open Superposition.Storage

[<Literal>]
let private Name = "P4.24"

[<Literal>]
let private Source = "problem 4.24; a bar of our own"

/// Places left out at the start of a window, where all stories begin alike: there the place says which words stand.
[<Literal>]
let private Start = 64

let private draws scale = if scale = Quick then 9 else 99

/// [rows, d] without the mean of each token: what is left is not the token's own.
let private withoutTokens (tokens: int[]) (rows: float[,]) =
    let d = Array2D.length2 rows
    let count = Array.zeroCreate<float>(1 + Array.max tokens)
    let sums = Array2D.zeroCreate count.Length d

    tokens
    |> Array.iteri (fun r token ->
        count[token] <- count[token] + 1.0

        for c in 0 .. d - 1 do
            sums[token, c] <- sums[token, c] + rows[r, c])

    rows |> Array2D.mapi (fun r c x -> x - sums[tokens[r], c] / count[tokens[r]])

/// [places, d] mean of each place; place: [rows] from 0.
let private meansOf (places: int) (place: int[]) (rows: float[,]) =
    let means = Array2D.zeroCreate places (Array2D.length2 rows)
    let count = Array.zeroCreate<float> places

    for r in 0 .. place.Length - 1 do
        count[place[r]] <- count[place[r]] + 1.0

        for c in 0 .. Array2D.length2 rows - 1 do
            means[place[r], c] <- means[place[r], c] + rows[r, c]

    means |> Array2D.mapi (fun t _ sum -> sum / max 1.0 count[t])

let private power (rows: float[,]) =
    let mutable sum = 0.0
    rows |> Array2D.iter (fun x -> sum <- sum + x * x)
    sum / float (Array2D.length1 rows)

/// The share of the variance of the rows, which have mean 0, that the means of their places have; beside places dealt anew within each window.
let private explained (seed: int) (draws: int) (window: int) (rows: float[,]) =
    let places = window - Start
    let windows = Array2D.length1 rows / places
    let random = Random seed
    let all = power rows

    let share place = power (meansOf places place rows) / all

    let inOrder = Array.init (windows * places) (fun r -> r % places)

    let dealt () =
        Array.init windows (fun _ ->
            let order = Array.init places id
            random.Shuffle order
            order)
        |> Array.concat

    let chance = Array.init draws (fun _ -> share (dealt ()))

    NullDraws.beside (share inOrder) chance, HowMuch.effectiveDimensions (meansOf places inOrder rows)

let private columns =
    [| "block"; "share"; "null_low"; "null_high"; "p"; "dimensions" |]

let private run (settings: RunSettings) =
    let recipe = BlockOfModel.recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe
    use model = block.Model
    let window = recipe.Window

    // Whole windows, behind their starts.
    let kept =
        [|
            for r in 0 .. block.Text.Count / window * window - 1 do
                if r % window >= Start then
                    r
        |]

    let tokens = kept |> Array.map (fun r -> block.Text[r])

    let measured =
        [|
            for layer in 0 .. model.Config.Layers - 1 do
                let all = RealModel.matrix model block.Text $"blocks.{layer}.hook_resid_post"

                Array2D.init kept.Length (Array2D.length2 all) (fun r c -> float all[kept[r], c])
                |> withoutTokens tokens
                |> explained 1 (draws settings.Scale) window
        |]

    let table = CsvTable columns

    measured
    |> Array.iteri (fun layer (share, dimensions) ->
        table.Add [| box layer; share.Value; share.NullLow; share.NullHigh; share.P; dimensions |])

    let claims =
        [
            measured
            |> Array.map (fun (share, _) -> share.Value - share.NullMean)
            |> Statistics.estimate
            |> Verdicts.atMost
                $"{Name}.none"
                $"Without learned positions the place in the window, behind its first {Start}, explains at most a hundredth of the residual stream's variance beyond chance (mean over blocks; each token's own mean taken away)."
                Source
                0.01
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteCsv("positions.csv", table))

let private finding (folder: RunFolder) : Finding =
    let table = folder.Csv "positions.csv"
    let rows = [| 0 .. table.Count - 1 |]
    let number column r = table.Number(r, column)
    let greatest = rows |> Array.maxBy (number "share")

    {
        Lead =
            $"""The model turns queries and keys by their positions and adds none to the residual stream. What the place in a story explains there is small: at most {number "share" greatest:P2} of the variance (block {greatest}; by chance {number "null_low" greatest:P2} to {number "null_high" greatest:P2}), spread over {number "dimensions" greatest:F1} dimensions."""
        Figures =
            [
                [|
                    "measured", rows |> Array.map (fun r -> $"{r}", Statistics.estimate [| number "share" r |])
                    "places dealt anew",
                    rows
                    |> Array.map (fun r ->
                        let low, high = number "null_low" r, number "null_high" r

                        $"{r}",
                        {
                            Mean = (low + high) / 2.0
                            Low = low
                            High = high
                            Sd = nan
                            Count = 1
                        })
                |]
                |> Charts.bars "block" (Axis.Linear "share of variance explained by place")
                |> Figure.captioned
                    $"Share of the residual stream's variance that the place in the window explains, each token's own mean and the first {Start} places left out; beside places dealt anew within each window, with the middle 95 %%."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Positions in the residual stream of a rotary model"
        Part = Part.Problems
        Answers = [ "4.24" ]
        IsLong = true
        Recipe = BlockOfModel.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
