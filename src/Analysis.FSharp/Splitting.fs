namespace Superposition.Analysis

/// How near is near, for Splitting; the defaults are those of the protocol of MAIS-O43.
type SplittingOptions =
    {
        /// ε of recovery: a feature is found by a latent of cosine ≥ 1 − ε; 0.05 by default.
        Recovery: float
        /// ε of a merge: how far the latent may lie from αv_i + βv_j; 0.05 by default.
        MergeDistance: float
        /// δ of a merge: the least α and β, and the cosine with either feature is at most 1 − δ; 0.1 by default.
        MergeShare: float
        /// δ of a split: latents of cosine ≥ 1 − δ share the feature; 0.05 by default.
        Split: float
    }

/// A latent that stands for two features at once.
type Merge =
    {
        Latent: int
        /// i, the lower of the two features.
        First: int
        /// j, the higher.
        Second: int
        /// α of the nearest αv_i + βv_j.
        OfFirst: float
        /// β.
        OfSecond: float
        /// ‖u − αv_i − βv_j‖.
        Distance: float
    }

/// A feature that several latents stand for.
type Split =
    {
        Feature: int
        /// Two or more, ascending.
        Latents: int[]
    }

/// Whether a dictionary's units are the features, or coarser, or finer.
type Splitting =
    {
        /// Features that can have a latent of their own of cosine ≥ 1 − ε, all at once.
        Found: int
        /// Whether these are all features: the dictionary recovers the truth.
        Recovered: bool
        /// By latent, then by features; one latent may lie near several pairs when features are not orthogonal.
        Merges: Merge[]
        /// By feature.
        Splits: Split[]
    }

/// Recovery, merges and splits by direction. Cosines are signed, codes being non-negative. Definitions: Levine, MAIS, problem O43.
[<RequireQualifiedAccess>]
module Splitting =
    let defaults: SplittingOptions =
        {
            Recovery = 0.05
            MergeDistance = 0.05
            MergeShare = 0.1
            Split = 0.05
        }

    /// The nearest αv + βw to u with α, β ≥ δ, all of length 1, from u·v, u·w and v·w: the quadratic's minimum where that is allowed, else
    /// the better of the two edges.
    let private nearest least uv uw vw =
        let distance (struct (a, b)) =
            sqrt (max 0.0 (1.0 + a * a + b * b + 2.0 * a * b * vw - 2.0 * a * uv - 2.0 * b * uw))

        let rest = 1.0 - vw * vw
        let a, b = (uv - vw * uw) / rest, (uw - vw * uv) / rest

        let point =
            if rest > 1e-12 && a >= least && b >= least then
                struct (a, b)
            else
                List.minBy
                    distance
                    [
                        struct (least, max least (uw - vw * least))
                        struct (max least (uv - vw * least), least)
                    ]

        struct (point, distance point)

    /// truth: [n, d]; dictionary: [m, d]; live: [m] whether a latent ever fires. Dead latents, and those of length zero, merge and split
    /// nothing and find nothing. The time is n² m.
    let measure (options: SplittingOptions) (truth: float[,]) (dictionary: float[,]) (live: bool[]) : Splitting =
        let n, m = Array2D.length1 truth, Array2D.length1 dictionary

        if live.Length <> m then
            invalidArg (nameof live) $"It is said of {live.Length} latents whether they live; the dictionary has {m}."

        let cosines, ofTruth = Gram.cosines truth dictionary, Gram.cosines truth truth

        let lives =
            Gram.norms dictionary |> Array.map2 (fun lives norm -> lives && norm > 0.0) live

        let latents = [| 0 .. m - 1 |] |> Array.filter (fun j -> lives[j])

        let found =
            if m = 0 then
                0
            else
                let near =
                    cosines
                    |> Array2D.mapi (fun _ j cosine ->
                        if lives[j] && cosine >= 1.0 - options.Recovery then
                            1.0
                        else
                            0.0)

                Assignment.maximise near
                |> Array.mapi (fun i j -> if j >= 0 && near[i, j] = 1.0 then 1 else 0)
                |> Array.sum

        {
            Found = found
            Recovered = (found = n)
            Merges =
                [|
                    for u in latents do
                        for i in 0 .. n - 1 do
                            if cosines[i, u] <= 1.0 - options.MergeShare then
                                for j in i + 1 .. n - 1 do
                                    if cosines[j, u] <= 1.0 - options.MergeShare then
                                        let struct (struct (a, b), distance) =
                                            nearest options.MergeShare cosines[i, u] cosines[j, u] ofTruth[i, j]

                                        if distance <= options.MergeDistance then
                                            {
                                                Latent = u
                                                First = i
                                                Second = j
                                                OfFirst = a
                                                OfSecond = b
                                                Distance = distance
                                            }
                |]
            Splits =
                [|
                    for i in 0 .. n - 1 do
                        let sharing =
                            latents |> Array.filter (fun j -> cosines[i, j] >= 1.0 - options.Split)

                        if sharing.Length >= 2 then
                            { Feature = i; Latents = sharing }
                |]
        }
