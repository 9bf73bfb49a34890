namespace Superposition.Analysis

open System

/// Positions of a text at which either of two features is there, and which.
type EitherFeature =
    {
        /// [K] rows of the text, ascending.
        Rows: int[]
        /// [K] whether it is the first of the two.
        IsFirst: bool[]
    }

/// How well two features that one neuron carries are told apart.
type ToldApart =
    {
        /// Area under the ROC curve of the neuron alone.
        Alone: float
        /// [counts] the same of probes on the best so many of the other neurons.
        Others: float[]
        /// The other neurons, the best first, as many as the largest probe reads.
        Helpers: int[]
    }

/// How two features of one neuron are told apart: by itself, or by what the rest of its layer does at the same place.
[<RequireQualifiedAccess>]
module TwoFeatures =
    /// Where exactly one of two latents fires.
    let either (codes: SparseCodes) (first: int) (second: int) : EitherFeature =
        let fires row latent = codes.Value(row, latent) <> 0.0

        let rows =
            Array.init codes.Rows id
            |> Array.filter (fun row -> fires row first <> fires row second)

        {
            Rows = rows
            IsFirst = rows |> Array.map (fun row -> fires row first)
        }

    /// The places whose rows do, and those whose rows do not.
    let partition (does: int -> bool) (places: EitherFeature) : EitherFeature * EitherFeature =
        let some, others =
            Array.zip places.Rows places.IsFirst |> Array.partition (fst >> does)

        let ofPairs (pairs: (int * bool)[]) =
            {
                Rows = Array.map fst pairs
                IsFirst = Array.map snd pairs
            }

        ofPairs some, ofPairs others

    let private at (activations: float[,]) (places: EitherFeature) =
        Array2D.init places.Rows.Length (Array2D.length2 activations) (fun r j -> activations[places.Rows[r], j])

    /// Least-squares probes fitted on some places and measured on others, all rows of activations: [N, neurons]; counts: how many other neurons the
    /// probes read, ascending. Places of either kind are needed in both.
    let tell
        (counts: int[])
        (neuron: int)
        (activations: float[,])
        (fitting: EitherFeature)
        (judged: EitherFeature)
        : ToldApart =
        let probes = SparseProbes(at activations fitting, fitting.IsFirst)
        let rows = at activations judged

        let auc neurons =
            SparseProbe.auc ((probes.Fit neurons).Scores rows) judged.IsFirst

        let others = probes.Ranked |> Array.filter ((<>) neuron)

        {
            Alone = auc [| neuron |]
            Others = counts |> Array.map (fun k -> others |> Array.truncate k |> auc)
            Helpers = others |> Array.truncate (Array.last counts)
        }

    /// Which feature it was, dealt anew among the places: a probe fitted on these learns what chance gives.
    let dealt (random: Random) (places: EitherFeature) : EitherFeature =
        let labels = Array.copy places.IsFirst
        random.Shuffle labels
        { places with IsFirst = labels }
