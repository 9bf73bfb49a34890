/// Locally almost-orthogonal bases in a real model: are directions that are on together nearer to right angles than directions are by chance?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.LocalBasesOfModel

open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "P4.26"

[<Literal>]
let private Source =
    "problem 4.26; Toy Models of Superposition, \"Correlated and Anticorrelated Features\""

/// Rows on which two latents must be expected together by chance before one says that they seek or avoid each other.
[<Literal>]
let private Expected = 5.0

/// Share of the pairs that counts as those most, and least, together.
[<Literal>]
let private Extreme = 0.01

let private bins = 20

let private draws scale = if scale = Quick then 19 else 199

let private columns = [| "phi"; "cosine"; "angle"; "null_low"; "null_high" |]

let private run (settings: RunSettings) =
    let recipe = BlockOfModel.recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe
    use _ = block.Model

    let cosines =
        Matching.cosines Signed block.Residual.Directions block.Residual.Directions

    let pairs = CoActivePairs.ofCodes Expected block.Residual.Codes
    let m = block.Residual.Codes.Width
    let least, most = CoActivePairs.extremes Extreme pairs
    let inBins = pairs |> Array.splitInto bins

    let own = Array.init m id
    let orders = CoActivePairs.dealt 1 (draws settings.Scale) m pairs

    let beside of' some =
        orders
        |> Array.map (CoActivePairs.mean cosines of' some)
        |> NullDraws.beside (CoActivePairs.mean cosines of' some own)

    let table = CsvTable columns

    for bin in inBins do
        let angles = beside CoActivePairs.angle bin

        table.Add
            [|
                box (bin |> Array.averageBy _.Phi)
                CoActivePairs.mean cosines id bin own
                angles.Value
                angles.NullLow
                angles.NullHigh
            |]

    let extremes =
        CsvTable
            [|
                "pairs"
                "phi"
                "angle"
                "null_low"
                "null_high"
                "cosine"
                "cosine_low"
                "cosine_high"
            |]

    for name, some in [ "most together", most; "least together", least ] do
        let angles, signed = beside CoActivePairs.angle some, beside id some

        extremes.Add
            [|
                box name
                box (some |> Array.averageBy _.Phi)
                angles.Value
                angles.NullLow
                angles.NullHigh
                signed.Value
                signed.NullLow
                signed.NullHigh
            |]

    let claims =
        [
            beside CoActivePairs.angle most
            |> Verdicts.aboveChanceAlone
                $"{Name}.together"
                "The hundredth of the latents' pairs that are on together most lie nearer to right angles than by chance: mean angle in degrees, beside directions dealt anew among the latents."
                Source
            beside (fun cosine -> -cosine) least
            |> Verdicts.aboveChanceAlone
                $"{Name}.apart"
                "The hundredth that avoid each other most point away from each other: mean of minus the cosine, beside the same null."
                Source
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder ->
        folder.WriteCsv("bins.csv", table)
        folder.WriteCsv("extremes.csv", extremes))

let private finding (folder: RunFolder) : Finding =
    let table, extremes = folder.Csv "bins.csv", folder.Csv "extremes.csv"
    let number column r = extremes.Number(r, column)

    let told r =
        $"""{number "angle" r:F1}° (by chance {number "null_low" r:F1} to {number "null_high" r:F1}), mean cosine {number "cosine" r:F3} ({number "cosine_low" r:F3} to {number "cosine_high" r:F3})"""

    {
        Lead =
            $"Latents of the residual stream that are on together most lie at {told 0}; those that avoid each other most at {told 1}. An autoencoder's own pressure works here too, for of two nearby directions one often stands for both: the control on gaussian rows says how much."
        Figures =
            [
                [
                    Series.Of("measured", table.Numbers "phi", table.Numbers "angle")
                    { Series.Of(
                          "directions dealt anew",
                          table.Numbers "phi",
                          Array.map2
                              (fun low high -> (low + high) / 2.0)
                              (table.Numbers "null_low")
                              (table.Numbers "null_high")
                      ) with
                        Low = table.Numbers "null_low"
                        High = table.Numbers "null_high"
                    }
                ]
                |> Charts.line (Axis.Linear "correlation φ of being on") (Axis.Linear "mean angle, degrees")
                |> Figure.captioned
                    $"Angle between the lines of two latents against how much they are on together, in {bins} equal groups of pairs; the band is what directions dealt anew among the latents give 19 times in 20."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Local bases of a real model"
        Part = Part.Problems
        Answers = [ "4.26" ]
        IsLong = true
        Recipe = BlockOfModel.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
