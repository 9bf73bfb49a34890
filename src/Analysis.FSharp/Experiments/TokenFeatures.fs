/// What latents of a language model are called by rule: the commonest token among their twenty strongest places.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.TokenFeatures

open Deedle
open Superposition.Analysis
open Superposition.Storage

/// Places that name a latent, and latents that are named.
let private strongest, shown = 20, 20

/// [m] the tokens at each latent's strongest places; words: [N] the text.
let private strongestTokens (codes: SparseCodes) (words: int -> string) =
    let byLatent = codes.Transposed()

    Array.init codes.Width (fun latent ->
        let first, last = byLatent.Starts[latent], byLatent.Starts[latent + 1]

        Array.init (last - first) (fun e -> byLatent.Columns[first + e], byLatent.Values[first + e])
        |> Array.sortByDescending snd
        |> Array.truncate strongest
        |> Array.map (fst >> words))

/// [m] the commonest token of each latent's strongest places with its share of them, as “ the” 0.85; "" for one that is never on.
let names (codes: SparseCodes) (words: int -> string) : string[] =
    strongestTokens codes words
    |> Array.map (fun tokens ->
        match tokens |> Array.countBy id |> Array.sortByDescending snd |> Array.tryHead with
        | None -> ""
        | Some(token, count) -> $"“{token}” {float count / float tokens.Length:F2}")

let private named (latents: TextLatents) =
    let codes = latents.Codes
    let firing = Array.zeroCreate<int> codes.Width

    for latent in codes.Columns do
        firing[latent] <- firing[latent] + 1

    strongestTokens codes (fun row -> latents.Vocabulary[latents.Tokens[row]])
    |> Array.indexed
    |> Array.filter (fun (_, tokens) -> tokens.Length = strongest)
    |> Array.map (fun (latent, tokens) ->
        latent, float firing[latent] / float codes.Rows, tokens |> Array.countBy id |> Array.sortByDescending snd)

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
