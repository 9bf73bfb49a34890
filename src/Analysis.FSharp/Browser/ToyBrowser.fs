namespace Superposition.Analysis

open System
open System.Numerics.Tensors

/// The browser of a dictionary whose true features are known: a toy model's, or a synthetic world's.
[<RequireQualifiedAccess>]
module ToyBrowser =
    /// Pairs kept of each latent and of each feature where not all are.
    [<Literal>]
    let private Kept = 12

    /// Cells of a confusion table that is kept whole.
    [<Literal>]
    let private WholeTable = 4096

    let private f1 (entry: ConfusionEntry) =
        let sum = entry.Precision + entry.Recall

        if sum > 0.0 then
            2.0 * entry.Precision * entry.Recall / sum
        else
            0.0

    /// Which features are on when which latents fire. features: [rows, n], codes: [rows, m], row by row the same; cosines: [n, m].
    /// Of a large table the pairs with the greatest F1 are kept, some of each latent and of each feature, and those with the greatest cosine.
    let confusion (names: string[]) (features: SparseCodes) (codes: SparseCodes) (cosines: float32[,]) : Confusion =
        let n, m = features.Width, codes.Width

        if
            features.Rows <> codes.Rows
            || names.Length <> n
            || (Array2D.length1 cosines, Array2D.length2 cosines) <> (n, m)
        then
            invalidArg
                (nameof codes)
                $"There are {features.Rows} rows of {n} features with {names.Length} names, {codes.Rows} rows of {m} latents, and cosines [{Array2D.length1 cosines}, {Array2D.length2 cosines}]; they must be of the same rows, features and latents."

        let byLatent, byFeature = codes.Transposed(), features.Transposed()

        let share (count: int) (all: int) =
            if all = 0 then 0.0 else float count / float all

        let length (codes: SparseCodes) row =
            codes.Starts[row + 1] - codes.Starts[row]

        let ofLatent j =
            let shared = Array.zeroCreate<int> n

            for entry in byLatent.Starts[j] .. byLatent.Starts[j + 1] - 1 do
                let row = byLatent.Columns[entry]

                for on in features.Starts[row] .. features.Starts[row + 1] - 1 do
                    shared[features.Columns[on]] <- shared[features.Columns[on]] + 1

            Array.init n (fun i ->
                {
                    Feature = i
                    Latent = j
                    Cosine = float cosines[i, j]
                    Precision = share shared[i] (length byLatent j)
                    Recall = share shared[i] (length byFeature i)
                })

        let leading (score: ConfusionEntry -> float) count (entries: ConfusionEntry[]) =
            Leading.indices count entries.Length (fun e -> score entries[e])
            |> Array.map (Array.get entries)

        let kept entries =
            Array.append
                (leading f1 Kept entries |> Array.filter (fun entry -> f1 entry > 0.0))
                (leading _.Cosine 1 entries)

        let entries =
            if n * m <= WholeTable then
                Array.init m ofLatent
                |> Array.concat
                |> Array.filter (fun entry -> f1 entry > 0.0 || entry.Cosine > 0.0)
            else
                let candidates =
                    Array.Parallel.init m (ofLatent >> fun all -> kept all, all |> Array.filter (fun e -> f1 e > 0.02))

                let ofFeatures =
                    candidates
                    |> Array.collect snd
                    |> Array.groupBy _.Feature
                    |> Array.collect (snd >> leading f1 Kept)

                Array.append (candidates |> Array.collect fst) ofFeatures
                |> Array.distinctBy (fun entry -> entry.Feature, entry.Latent)

        {
            Features = names
            Densities = Array.init n (fun i -> share (length byFeature i) features.Rows)
            Entries = entries |> Array.sortBy (fun entry -> entry.Latent, entry.Feature)
        }

    /// truth: [n, d], row i the direction of feature i; features: [rows, n] and codes: [rows, m] of the same rows; decoder: [m, d].
    let page
        (title: string)
        (summary: string list)
        (options: EvidenceOptions)
        (truth: float32[,])
        (features: SparseCodes)
        (codes: SparseCodes)
        (decoder: float32[,])
        : BrowserPage =
        let names = Array.init (Array2D.length1 truth) (fun i -> $"feature {i}")
        let cosines = Matching.cosines Signed truth decoder
        let nearest = Matching.nearestRows cosines
        let table = confusion names features codes cosines
        let norms = Gram.norms decoder

        // The features that are on in a row, those that add most along the latent's direction first.
        let context (place: ActivePlace) =
            let on = features.ColumnsOf(place.Row).ToArray()

            let added =
                Array.map2
                    (fun i (value: float32) ->
                        let along = TensorPrimitives.Dot(Gram.row truth i, Gram.row decoder place.Latent)

                        if norms[place.Latent] = 0.0f then
                            0.0
                        else
                            float (value * along / norms[place.Latent]))
                    on
                    (features.ValuesOf(place.Row).ToArray())

            let order = Leading.indices on.Length on.Length (fun i -> added[i])

            {
                Group = place.Group
                Activation = place.Activation
                Tokens = order |> Array.map (fun i -> names[on[i]])
                Values = order |> Array.map (Array.get added)
                Focus =
                    order
                    |> Array.tryFindIndex (fun i -> on[i] = nearest[place.Latent].Partner)
                    |> Option.defaultValue -1
            }

        let label latent (contexts: BrowserContext list) =
            if contexts.IsEmpty then
                "never active"
            else
                names[nearest[latent].Partner]

        let ofNearest (measure: ConfusionEntry -> float) =
            let found =
                table.Entries
                |> Seq.filter (fun entry -> nearest[entry.Latent].Partner = entry.Feature)
                |> Seq.map (fun entry -> entry.Latent, measure entry)
                |> dict

            Array.init codes.Width (fun j ->
                match found.TryGetValue j with
                | true, value -> value
                | _ -> 0.0)

        let column name meaning values : BrowserColumn =
            {
                Name = name
                Meaning = meaning
                IsShare = false
                Values = values
            }

        {
            Title = title
            Summary = summary
            Terms = BrowserTerms.Toy
            Latents = LatentEvidence.views options codes (Some decoder) context label
            Columns =
                [
                    column "Cosine" "Cosine with the nearest true feature." (nearest |> Array.map _.Cosine)
                    BrowserColumn.Purity(
                        "Share of the latent's firings on which its nearest feature is on.",
                        ofNearest _.Precision
                    )
                    column
                        "F1"
                        "How well the latent tells when its nearest feature is on: 2PR / (P + R)."
                        (ofNearest f1)
                    BrowserColumn.Alignment(decoder |> Array2D.map float |> Alignment.axisCosines)
                ]
            Confusion = Some table
            Home = None
        }
