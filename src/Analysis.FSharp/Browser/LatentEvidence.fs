namespace Superposition.Analysis

open System
open System.Numerics.Tensors

/// How much is shown of each latent.
type EvidenceOptions =
    {
        /// Contexts with the greatest activations. 10 by default.
        Strongest: int
        /// Equal intervals from 0 to the peak that contexts are drawn from; 10 by default. Strongest examples alone make
        /// latents look purer than they are (Bolukbasi et al. 2021, "An Interpretability Illusion for BERT").
        Intervals: int
        /// Contexts drawn from each interval; 2 by default.
        PerInterval: int
        /// Bins of the histogram; 24 by default.
        Bins: int
        /// Similar and co-active latents, carriers, and promoted tokens; 10 of each by default.
        Neighbours: int
        /// What contexts are drawn by.
        Seed: int
    }

    static member Default =
        {
            Strongest = 10
            Intervals = 10
            PerInterval = 2
            Bins = 24
            Neighbours = 10
            Seed = 1
        }

    /// The same drawn anew, for languages that cannot copy records.
    member options.WithSeed(seed: int) = { options with Seed = seed }

/// A row on which a latent is active, chosen to be shown.
type ActivePlace =
    {
        Latent: int
        Row: int
        Activation: float
        /// As BrowserContext has it.
        Group: string
    }

/// What a browser shows of latents, out of the rows they are active on.
[<RequireQualifiedAccess>]
module LatentEvidence =
    let private size (value: float32) = abs (float value)

    let private peak (values: ReadOnlySpan<float32>) =
        if values.IsEmpty then
            0.0
        else
            float (TensorPrimitives.MaxMagnitude values) |> abs

    /// Equal bins from 0, or from the least where some are negative, to the greatest.
    let internal histogram (bins: int) (values: ReadOnlySpan<float32>) : BrowserHistogram =
        if values.IsEmpty || bins < 1 then
            BrowserHistogram.None
        else
            let low = min 0.0 (float (TensorPrimitives.Min values))
            let high = max 0.0 (float (TensorPrimitives.Max values))
            let width = (high - low) / float bins
            let counts = Array.zeroCreate bins

            for value in values do
                let bin = min (bins - 1) (int ((float value - low) / width))
                counts[bin] <- counts[bin] + 1

            {
                Edges = Array.init (bins + 1) (fun i -> if i = bins then high else low + width * float i)
                Counts = counts
            }

    let private interval (count: int) (i: int) =
        $"{100 * i / count}–{100 * (i + 1) / count} %% of the peak"

    /// Entries of a latent to show: its strongest, then some of each interval, from the top down, none of them twice.
    let private chosen (options: EvidenceOptions) (latent: int) (values: float32[]) : (string * int)[] =
        let strongest =
            Leading.indices options.Strongest values.Length (fun entry -> size values[entry])

        let peak = values |> Array.fold (fun most value -> max most (size value)) 0.0
        let random = Random(options.Seed * 1_000_003 + latent)

        let intervalOf entry =
            min (options.Intervals - 1) (int (size values[entry] / peak * float options.Intervals))

        let members = Array.init options.Intervals (fun _ -> ResizeArray<int>())

        if options.PerInterval > 0 && options.Intervals > 0 then
            let shown = set strongest

            for entry in 0 .. values.Length - 1 do
                if not (shown.Contains entry) then
                    members[intervalOf entry].Add entry

        [|
            for entry in strongest do
                BrowserContext.Top, entry

            for i in options.Intervals - 1 .. -1 .. 0 do
                let pool = members[i]
                let count = min options.PerInterval pool.Count

                // Fisher and Yates, as far as it is needed.
                for drawn in 0 .. count - 1 do
                    let pick = random.Next(drawn, pool.Count)
                    let entry = pool[pick]
                    pool[pick] <- pool[drawn]
                    pool[drawn] <- entry

                for entry in Seq.take count pool |> Seq.sortByDescending (fun entry -> size values[entry]) do
                    interval options.Intervals i, entry
        |]

    /// |A ∩ B| / |A ∪ B| with every latent, A and B being the rows they fire on.
    let private together (codes: SparseCodes) (byLatent: SparseCodes) (latent: int) =
        let shared = Array.zeroCreate<int> codes.Width

        let fired j =
            byLatent.Starts[j + 1] - byLatent.Starts[j]

        for entry in byLatent.Starts[latent] .. byLatent.Starts[latent + 1] - 1 do
            let row = byLatent.Columns[entry]

            for other in codes.Starts[row] .. codes.Starts[row + 1] - 1 do
                shared[codes.Columns[other]] <- shared[codes.Columns[other]] + 1

        fun j ->
            if j = latent || shared[j] = 0 then
                -infinity
            else
                float shared[j] / float (fired latent + fired j - shared[j])

    /// A window of a text around a place: up to so many tokens before it and after it, within its own document.
    /// tokens, documents: [rows], the token of each row and the document it stands in; byLatent: the codes transposed.
    let window
        (before: int)
        (after: int)
        (tokens: string[])
        (documents: int[])
        (byLatent: SparseCodes)
        (place: ActivePlace)
        : BrowserContext =
        let isOurs row =
            row >= 0 && row < tokens.Length && documents[row] = documents[place.Row]

        let rec reach step most row =
            if most > 0 && isOurs (row + step) then
                reach step (most - 1) (row + step)
            else
                row

        let first, last = reach -1 before place.Row, reach 1 after place.Row

        {
            Group = place.Group
            Activation = place.Activation
            Tokens = tokens[first..last]
            Values = [| for row in first..last -> byLatent.Value(place.Latent, row) |]
            Focus = place.Row - first
        }

    /// [m, d] → [m] the coordinates with the greatest |weight| in each row.
    let carriers (count: int) (directions: float32[,]) : (int * float)[][] =
        Array.init (Array2D.length1 directions) (fun j ->
            Leading.indices count (Array2D.length2 directions) (fun i -> abs (float directions[j, i]))
            |> Array.map (fun i -> i, float directions[j, i]))

    /// All latents. codes: [rows, m]; decoder: [m, d], where it is known; context: what is shown of a place; label: what a latent is called
    /// by its contexts. Carriers are those of the decoder's own coordinates, and nothing is promoted: with { view with … } one says better.
    let views
        (options: EvidenceOptions)
        (codes: SparseCodes)
        (decoder: float32[,] option)
        (context: ActivePlace -> BrowserContext)
        (label: int -> BrowserContext list -> string)
        : LatentView[] =
        match decoder with
        | Some decoder when Array2D.length1 decoder <> codes.Width ->
            invalidArg
                (nameof decoder)
                $"The decoder has {Array2D.length1 decoder} rows and the codes {codes.Width} latents; they must be the same dictionary."
        | _ -> ()

        let byLatent = codes.Transposed()
        let cosines = decoder |> Option.map (fun decoder -> Gram.cosines decoder decoder)
        let carriers = decoder |> Option.map (carriers options.Neighbours)

        Array.Parallel.init codes.Width (fun latent ->
            let first, last = byLatent.Starts[latent], byLatent.Starts[latent + 1]
            let values = byLatent.Values[first .. last - 1]

            let contexts =
                chosen options latent values
                |> Array.map (fun (group, entry) ->
                    context
                        {
                            Latent = latent
                            Row = byLatent.Columns[first + entry]
                            Activation = float values[entry]
                            Group = group
                        })
                |> List.ofArray

            {
                Label = label latent contexts
                Density = float values.Length / float (max 1 codes.Rows)
                Peak = peak (ReadOnlySpan values)
                Histogram = histogram options.Bins (ReadOnlySpan values)
                Contexts = contexts
                Similar =
                    match cosines with
                    | None -> [||]
                    | Some cosines ->
                        Leading.pairs options.Neighbours codes.Width (fun j ->
                            if j = latent then -infinity else float cosines[latent, j])
                CoActive = Leading.pairs options.Neighbours codes.Width (together codes byLatent latent)
                Carriers =
                    match carriers with
                    | None -> [||]
                    | Some carriers -> carriers[latent]
                Promoted = [||]
                Suppressed = [||]
            })

    /// The tokens that contexts were chosen for, strongest first, each once: what most latents are best called by.
    let labelOf (count: int) (contexts: BrowserContext list) : string =
        let names =
            contexts
            |> Seq.filter (fun context -> context.Group = BrowserContext.Top && context.Focus >= 0)
            |> Seq.map (fun context -> context.Tokens[context.Focus].Trim())
            |> Seq.filter (fun token -> token <> "")
            |> Seq.distinct
            |> Seq.truncate count

        if contexts.IsEmpty then
            "never active"
        else
            String.concat ", " names
