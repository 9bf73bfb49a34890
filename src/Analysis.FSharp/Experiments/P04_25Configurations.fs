/// Geometric configurations of toy models in a real residual stream: antipodal pairs first, then the other polytopes.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Configurations

open System
open Deedle
open Superposition.Analysis
open Superposition.Analysis.Questions
open Superposition.Storage

[<Literal>]
let private Name = "P4.25"

[<Literal>]
let private Source =
    "problem 4.25; Toy Models of Superposition, \"The Geometry of Superposition\""

let private draws scale = if scale = Quick then 19 else 199

let private dictionaries scale = if scale = Quick then 2 else 19

/// [m] Minus the least cosine of each direction with another: 1 where another is its opposite.
let private opposites (W: float[,]) =
    let cosines = Matching.cosines Signed W W
    Array.init (Array2D.length1 W) (fun i -> -(Array.min cosines[i, *]))

let private columns =
    [|
        "directions"
        "count"
        "opposite"
        "null_low"
        "null_high"
        "p"
        "antipodal"
        "shapes"
        "shapes_p"
    |]

let private run (settings: RunSettings) =
    let recipe = BlockOfModel.recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe
    use model = block.Model
    let live = BlockOfModel.live block.Residual

    let rowsOf (matrix: float[,]) (rows: int[]) =
        Array2D.init rows.Length (Array2D.length2 matrix) (fun i c -> matrix[rows[i], c])

    let written =
        Array.init block.Text.Count (fun r -> block.Text[r])
        |> Array.distinct
        |> Array.sort

    // An embedding has a mean that every token shares and that says nothing about tokens.
    let centred (W: float[,]) =
        let means = Array.init (Array2D.length2 W) (fun c -> Array.average W[*, c])
        W |> Array2D.mapi (fun _ c w -> w - means[c])

    let sets =
        [
            "latents of the residual stream", rowsOf block.Residual.Directions live
            "embeddings of the tokens", rowsOf (model.Weights.Embedding |> Array2D.map float) written |> centred
        ]

    let table, curves =
        CsvTable columns, CsvTable [| "directions"; "series"; "share"; "opposite" |]

    let claims =
        [
            for name, W in sets do
                let own = opposites W
                let alike = RandomDictionary.withSecondMoment W
                let random = Random 1
                let drawn = Array.init (draws settings.Scale) (fun _ -> opposites (alike random))

                let chance =
                    drawn |> Array.map Array.average |> NullDraws.beside (Array.average own)

                let found =
                    PolytopesInside.ask 1 (draws settings.Scale) (dictionaries settings.Scale) Polytopes.ShapeCosine W

                table.Add
                    [|
                        box name
                        own.Length
                        chance.Value
                        chance.NullLow
                        chance.NullHigh
                        chance.P
                        found.Shapes[0].Found.Length
                        box (found.Shapes |> Array.sumBy _.Found.Length)
                        found.Whole.P
                    |]

                for series, values in [ "measured", own; Asked.ByChance, drawn[0] ] do
                    let curve = Asked.distribution series values
                    Array.iter2 (fun (x: float) (y: float) -> curves.Add [| box name; series; x; y |]) curve.X curve.Y

                let id =
                    if name.StartsWith "latents" then
                        "latents"
                    else
                        "embeddings"

                chance
                |> Verdicts.aboveChance
                    $"{Name}.antipodal-{id}"
                    $"Directions have opposites ({name}): mean of minus each one's least cosine with another, beside random directions with the same second moment."
                    Source
                    (own |> Statistics.bootstrap 1 1000 Array.average)

                found.Whole
                |> Verdicts.aboveChanceAlone
                    $"{Name}.polytopes-{id}"
                    $"Directions make digons, triangles, tetrahedra, pentagons and antiprisms ({name}): surprise of all that are found, bits, beside random signs."
                    Source
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder ->
        folder.WriteCsv("configurations.csv", table)
        folder.WriteCsv("opposites.csv", curves))

let private finding (folder: RunFolder) : Finding =
    let table, curves = folder.Csv "configurations.csv", folder.Csv "opposites.csv"
    let rows = [ 0 .. table.Count - 1 ]
    let number column r = table.Number(r, column)

    let told r =
        $"""the {int (number "count" r)} {table[r, "directions"]} have opposites at {number "opposite" r:F3} on average (by chance {number "null_low" r:F3} to {number "null_high" r:F3}), {int (number "antipodal" r)} antipodal pairs and {int (number "shapes" r)} polytopes in all"""

    let ofSet r =
        [
            for name in [ "measured"; Asked.ByChance ] do
                let own =
                    [|
                        for i in 0 .. curves.Count - 1 do
                            if curves[i, "directions"] = table[r, "directions"] && curves[i, "series"] = name then
                                curves.Number(i, "share"), curves.Number(i, "opposite")
                    |]

                Series.Of(name, Array.map fst own, Array.map snd own)
        ]

    {
        Lead = $"Of a real residual stream, {told 0}; {told 1}."
        Figures =
            [
                for r in rows ->
                    ofSet r
                    |> Charts.line
                        (Axis.Linear "share of the directions, the least first")
                        (Axis.Linear "minus the least cosine with another")
                    |> Figure.captioned
                        $"""How nearly each of the {table[r, "directions"]} has an opposite: 1 where it has, beside one draw of random directions with the same second moment."""
            ]
        Tables =
            [
                rows
                |> List.map (fun r ->
                    r,
                    series
                        [
                            "Directions", box table[r, "directions"]
                            "Count", int (number "count" r)
                            "Opposite", $"""{number "opposite" r:F3}"""
                            "By chance", $"""{number "null_low" r:F3} to {number "null_high" r:F3}"""
                            "p", number "p" r
                            "Antipodal pairs", int (number "antipodal" r)
                            "All polytopes", int (number "shapes" r)
                            "p of the polytopes", number "shapes_p" r
                        ])
                |> Frame.ofRows
                |> Table.ofFrame $"Cosines within {Polytopes.ShapeCosine} of the exact shape's count." 10
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Polytopes in a real residual stream"
        Part = Part.Problems
        Answers = [ "4.25" ]
        IsLong = true
        Recipe = BlockOfModel.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
