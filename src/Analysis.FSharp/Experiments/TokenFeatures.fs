/// What latents of a language model are called by rule: the commonest token among their twenty strongest places.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.TokenFeatures

open Deedle
open Superposition.Analysis
open Superposition.Storage

/// Places that name a latent, and latents that are named.
let private strongest, shown = 20, 20

let private named (latents: TextLatents) =
    let byLatent = latents.Codes.Transposed()

    Array.init latents.Codes.Width (fun latent ->
        let first, last = byLatent.Starts[latent], byLatent.Starts[latent + 1]

        let tokens =
            Array.init (last - first) (fun e -> byLatent.Columns[first + e], byLatent.Values[first + e])
            |> Array.sortByDescending snd
            |> Array.truncate strongest
            |> Array.map (fun (row, _) -> latents.Vocabulary[latents.Tokens[row]])

        latent,
        float (last - first) / float latents.Codes.Rows,
        tokens.Length,
        tokens |> Array.countBy id |> Array.sortByDescending snd)
    |> Array.filter (fun (_, _, places, _) -> places = strongest)
    |> Array.map (fun (latent, density, _, tokens) -> latent, density, tokens)

/// The purest latents, each token once: latent, density, token, its share of the strongest places, and what else stands there.
let ofLatents (latents: TextLatents) : CsvTable =
    let table = CsvTable [| "latent"; "density"; "token"; "share"; "others" |]

    let purest =
        named latents
        |> Array.sortByDescending (fun (_, density, tokens) -> snd tokens[0], density)
        |> Array.distinctBy (fun (_, _, tokens) -> fst tokens[0])
        |> Array.truncate shown

    for latent, density, tokens in purest do
        table.Add
            [|
                box latent
                density
                box (fst tokens[0])
                box (float (snd tokens[0]) / float strongest)
                box (tokens |> Seq.skip 1 |> Seq.truncate 3 |> Seq.map fst |> String.concat ",")
            |]

    table

/// The same as the report shows it.
let table (features: CsvTable) : Table =
    List.init features.Count (fun r ->
        series
            [
                "Latent", box (int (features.Number(r, "latent")))
                "Density", box (features.Number(r, "density"))
                "Token", box ("“" + features[r, "token"] + "”")
                $"Share of its {strongest} strongest places", box (features.Number(r, "share"))
                "Others there", box features[r, "others"]
            ])
    |> List.indexed
    |> Frame.ofRows
    |> Table.ofFrame
        $"Features by rule: the commonest token among a latent's {strongest} strongest places on held-out text, the purest first, each token once."
        shown
