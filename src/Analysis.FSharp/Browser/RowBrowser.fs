namespace Superposition.Analysis

open System

/// The browser of a dictionary of rows that stand alone: words, or whatever has a vector each.
[<RequireQualifiedAccess>]
module RowBrowser =
    /// Latents that cosines are held of at a time: 30,000 words by 64 are 8 MB.
    [<Literal>]
    let private Block = 64

    /// [m] the rows that point most along each direction, and most against it.
    let private along (count: int) (names: string[]) (vectors: float32[,]) (decoder: float32[,]) =
        let d = Array2D.length2 decoder

        [| 0 .. Array2D.length1 decoder - 1 |]
        |> Array.chunkBySize Block
        |> Array.collect (fun latents ->
            let block = Array2D.init latents.Length d (fun j i -> decoder[latents[j], i])
            let cosines = Gram.cosines block vectors

            Array.init latents.Length (fun j ->
                let leading sign =
                    Leading.indices count names.Length (fun row -> sign * float cosines[j, row])
                    |> Array.map (fun row -> names[row], float cosines[j, row])
                    |> Array.filter (fun (_, cosine) -> sign * cosine > 0.0)

                leading 1.0, leading -1.0))

    /// Share of all that the dictionary writes, Σ z_j² ‖d_j‖² over rows, that each latent writes; 0 for all where nothing is written.
    let private written (codes: SparseCodes) (decoder: float32[,]) =
        let norms = Gram.norms decoder
        let sums = Array.zeroCreate<float> codes.Width

        for entry in 0 .. codes.Columns.Length - 1 do
            let j = codes.Columns[entry]
            sums[j] <- sums[j] + (float codes.Values[entry] * float norms[j]) ** 2.0

        let all = Array.sum sums

        if all > 0.0 then
            sums |> Array.map (fun sum -> sum / all)
        else
            sums

    /// names: [rows]; codes: [rows, m]; decoder: [m, d] and vectors: [rows, d] where they are known.
    let page
        (title: string)
        (summary: string list)
        (terms: BrowserTerms)
        (options: EvidenceOptions)
        (names: string[])
        (codes: SparseCodes)
        (decoder: float32[,] option)
        (vectors: float32[,] option)
        : BrowserPage =
        if names.Length <> codes.Rows then
            invalidArg (nameof names) $"There are {names.Length} names for {codes.Rows} rows; expected one for each."

        let context (place: ActivePlace) =
            {
                Group = place.Group
                Activation = place.Activation
                Tokens = [| names[place.Row] |]
                Values = [| place.Activation |]
                Focus = 0
            }

        let views =
            LatentEvidence.views options codes decoder context (fun _ -> LatentEvidence.labelOf 5)

        let latents =
            match decoder, vectors with
            | Some decoder, Some vectors ->
                Array.map2
                    (fun view (promoted, suppressed) ->
                        { view with
                            Promoted = promoted
                            Suppressed = suppressed
                        })
                    views
                    (along options.Neighbours names vectors decoder)
            | _ -> views

        {
            Title = title
            Summary = summary
            Terms = terms
            Latents = latents
            Columns =
                match decoder with
                | None -> []
                | Some decoder ->
                    [
                        BrowserColumn.Alignment(decoder |> Array2D.map float |> Alignment.axisCosines)
                        BrowserColumn.Effect(
                            "Share of all that the dictionary writes, Σ z²‖d‖², that this latent writes.",
                            true,
                            written codes decoder
                        )
                    ]
            Confusion = None
            Home = None
        }
