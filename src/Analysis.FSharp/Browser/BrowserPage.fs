namespace Superposition.Analysis

/// A place in the data where a latent is active.
type BrowserContext =
    {
        /// BrowserContext.Top, or the interval of activation it was drawn from, such as "60–70 % of the peak".
        Group: string
        /// The latent's activation there.
        Activation: float
        Tokens: string[]
        /// [tokens] What colours each, by BrowserTerms.Value.
        Values: float[]
        /// Which token the context was chosen for; −1 for none.
        Focus: int
    }

    /// The group of the strongest contexts.
    static member Top = "top"

/// How often a latent takes which value, where it is active. Bin i lies from Edges[i] to Edges[i + 1].
type BrowserHistogram =
    {
        Edges: float[]
        Counts: int[]
    }

    static member None = { Edges = [||]; Counts = [||] }

/// All there is to see of one latent. What is empty is not shown.
type LatentView =
    {
        /// What it is called by rule, such as its strongest words.
        Label: string
        /// Share of rows on which it is active.
        Density: float
        /// Its greatest |activation|.
        Peak: float
        Histogram: BrowserHistogram
        /// Those of one group one after another.
        Contexts: BrowserContext list
        /// Latents whose directions are most alike, with cosines.
        Similar: (int * float)[]
        /// Latents that fire on the same rows, with |A ∩ B| / |A ∪ B|.
        CoActive: (int * float)[]
        /// Neurons that carry it, with weights.
        Carriers: (int * float)[]
        /// Tokens it makes more likely, with what it adds to their logits.
        Promoted: (string * float)[]
        Suppressed: (string * float)[]
    }

/// A measure to sort latents by, beside density and peak.
type BrowserColumn =
    {
        /// A word or two, for the head of a narrow column.
        Name: string
        /// What it measures, in a sentence.
        Meaning: string
        /// Whether values are shares, to be shown in per cent.
        IsShare: bool
        /// [m] NaN where it is not known.
        Values: float[]
    }

    /// How well its firings agree with one label.
    static member Purity(meaning: string, values: float[]) =
        {
            Name = "Purity"
            Meaning = meaning
            IsShare = false
            Values = values
        }

    /// The greatest |cosine| with an axis of the space: 1 for a direction that is a neuron.
    static member Alignment(values: float[]) =
        {
            Name = "Aligned"
            Meaning = "Greatest |cosine| with a coordinate axis: 1 for a direction that is one coordinate."
            IsShare = false
            Values = values
        }

    /// What it does to what comes after.
    static member Effect(meaning: string, isShare: bool, values: float[]) =
        {
            Name = "Effect"
            Meaning = meaning
            IsShare = isShare
            Values = values
        }

/// What a true feature and a latent have to do with each other.
type ConfusionEntry =
    {
        Feature: int
        Latent: int
        /// Of their directions.
        Cosine: float
        /// Share of the latent's firings on which the feature is on.
        Precision: float
        /// Share of the feature's rows on which the latent fires.
        Recall: float
    }

/// True features against latents, where the truth is known; pairs that have nothing to do with each other are left out.
type Confusion =
    {
        /// [n]
        Features: string[]
        /// [n] Share of rows on which each is on.
        Densities: float[]
        Entries: ConfusionEntry[]
    }

/// What the page calls things.
type BrowserTerms =
    {
        /// One of what a context stands for: "word".
        Row: string
        Rows: string
        /// What a token's colour says.
        Value: string
        /// Whether tokens are names to be parted, not pieces of text that bring their own spaces.
        AreNames: bool
        Carrier: string
        PromotedTitle: string
        SuppressedTitle: string
        /// What the numbers of the promoted and suppressed are.
        Score: string
    }

    /// Tokens of a text, in windows.
    static member Text =
        {
            Row = "token"
            Rows = "tokens"
            Value = "activation of the latent"
            AreNames = false
            Carrier = "neuron"
            PromotedTitle = "Tokens it promotes"
            SuppressedTitle = "Tokens it suppresses"
            Score = "logit"
        }

    /// Words, or other rows that have a name each.
    static member Words =
        { BrowserTerms.Text with
            Row = "word"
            Rows = "words"
            AreNames = true
            Carrier = "coordinate"
            PromotedTitle = "Words along its direction"
            SuppressedTitle = "Words against its direction"
            Score = "cosine"
        }

    /// Rows that have a number.
    static member NumberedRows =
        { BrowserTerms.Words with
            Row = "row"
            Rows = "rows"
            PromotedTitle = "Rows along its direction"
            SuppressedTitle = "Rows against its direction"
        }

    /// Rows of a world, told by the features that are on.
    static member Toy =
        { BrowserTerms.NumberedRows with
            Value =
                "what each feature adds along the latent’s direction, value × ⟨feature, direction⟩; below 0 it interferes"
        }

/// What the feature browser shows, wherever it came from.
type BrowserPage =
    {
        Title: string
        /// What was trained on what, a paragraph an item.
        Summary: string list
        Terms: BrowserTerms
        /// [m]
        Latents: LatentView[]
        Columns: BrowserColumn list
        Confusion: Confusion option
        /// Where a report lies that this page belongs to, as a relative address.
        Home: string option
    }

[<RequireQualifiedAccess>]
module internal BrowserPage =
    /// What cannot be shown, in sentences.
    let problems (page: BrowserPage) : string list =
        let m = page.Latents.Length

        let outside (count: int) (indices: int seq) =
            indices |> Seq.filter (fun i -> i < 0 || i >= count) |> Seq.tryHead

        [
            for column in page.Columns do
                if column.Values.Length <> m then
                    $"Column \"{column.Name}\" has {column.Values.Length} values; there are {m} latents."

            for j, latent in Array.indexed page.Latents do
                let bins, edges = latent.Histogram.Counts.Length, latent.Histogram.Edges.Length

                if (bins, edges) <> (0, 0) && edges <> bins + 1 then
                    $"Latent {j}: a histogram of {bins} bins has {edges} edges; it needs {bins + 1}."

                match Array.append latent.Similar latent.CoActive |> Array.map fst |> outside m with
                | Some other -> $"Latent {j} names latent {other}; they run from 0 to {m - 1}."
                | None -> ()

                for context in latent.Contexts do
                    let tokens = context.Tokens.Length

                    if context.Values.Length <> tokens then
                        $"Latent {j}: a context has {tokens} tokens and {context.Values.Length} values."

                    if context.Focus < -1 || context.Focus >= tokens then
                        $"Latent {j}: a context of {tokens} tokens has its focus at {context.Focus}."

            match page.Confusion with
            | None -> ()
            | Some confusion ->
                let n = confusion.Features.Length

                if confusion.Densities.Length <> n then
                    $"There are {n} true features and {confusion.Densities.Length} densities."

                match confusion.Entries |> Seq.map _.Feature |> outside n with
                | Some feature -> $"The confusion table names feature {feature}; they run from 0 to {n - 1}."
                | None -> ()

                match confusion.Entries |> Seq.map _.Latent |> outside m with
                | Some latent -> $"The confusion table names latent {latent}; they run from 0 to {m - 1}."
                | None -> ()
        ]

    let demand (page: BrowserPage) =
        match problems page with
        | [] -> ()
        | problems ->
            let more =
                if problems.Length > 5 then
                    $" And {problems.Length - 5} more."
                else
                    ""

            invalidArg (nameof page) (String.concat " " (List.truncate 5 problems) + more)
