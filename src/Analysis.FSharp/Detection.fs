namespace Superposition.Analysis

open System

/// How well each latent tells when a true feature is on: the latent as a test, the feature as what it tests for.
type Detection =
    {
        /// [m] the feature each latent is judged by, from 0 to n − 1.
        Feature: int[]
        /// [m] TP / (TP + FP), the share of a latent's firings on which its feature is on; 0 where it never fires.
        Precision: float[]
        /// [m] TP / (TP + FN), the share of its feature's rows on which a latent fires; 0 where the feature is never on.
        Recall: float[]
        /// [m] 2PR / (P + R) = 2TP / (2TP + FP + FN); 0 where both are.
        F1: float[]
        /// [m] the share of rows on which each latent fires.
        Firing: float[]
        /// Rows that were counted.
        Rows: int64
    }

    /// Mean F1 over all m latents, dead ones included, as SynthSAEBench reports it (SAELens, synthetic/evals.py).
    member detection.MeanF1 = Array.average detection.F1

    /// Mean latents that fire on a row.
    member detection.L0 = Array.sum detection.Firing

    /// Share of latents that fired on none of the rows.
    member detection.Dead =
        float (detection.Firing |> Array.filter ((=) 0.0) |> Array.length)
        / float detection.Firing.Length

    /// Share of latents that fired on more than such a share of the rows; 0.1 is SAEBench's "frequent".
    member detection.Dense(share: float) =
        float (detection.Firing |> Array.filter (fun firing -> firing > share) |> Array.length)
        / float detection.Firing.Length

/// Counts rows for a Detection, as they come: a row costs what is active in it, so that worlds of any size can be gone through.
/// features: n. feature: [m] which of them each latent is judged by, such as the nearest by |cosine|.
[<Sealed>]
type DetectionCounts(features: int, feature: int[]) =
    do
        if feature.Length = 0 then
            invalidArg (nameof feature) "There are no latents; detection needs at least one."

        feature
        |> Array.iteri (fun j i ->
            if i < 0 || i >= features then
                invalidArg
                    (nameof feature)
                    $"Latent {j} is judged by feature {i}; features run from 0 to {features - 1}.")

    let fired, hits =
        Array.zeroCreate<int64> feature.Length, Array.zeroCreate<int64> feature.Length

    let on = Array.zeroCreate<int64> features
    // The last row on which a feature was on: nothing has to be cleared between rows.
    let lastOn = Array.zeroCreate<int64> features
    let mutable rows = 0L

    /// A row: the latents that fire and the features that are on, each once, in any order.
    member _.Add(latents: ReadOnlySpan<int>, active: ReadOnlySpan<int>) : unit =
        rows <- rows + 1L

        for i in active do
            on[i] <- on[i] + 1L
            lastOn[i] <- rows

        for j in latents do
            fired[j] <- fired[j] + 1L

            if lastOn[feature[j]] = rows then
                hits[j] <- hits[j] + 1L

    /// What the rows so far say; there must be one.
    member _.Measure() : Detection =
        if rows = 0L then
            invalidOp "No row was counted; add rows before measuring."

        let over (counts: int64[]) (ofAll: int -> int64) =
            Array.init counts.Length (fun j ->
                match ofAll j with
                | 0L -> 0.0
                | all -> float counts[j] / float all)

        {
            Feature = feature
            Precision = over hits (fun j -> fired[j])
            Recall = over hits (fun j -> on[feature[j]])
            F1 = over (hits |> Array.map ((*) 2L)) (fun j -> fired[j] + on[feature[j]])
            Firing = over fired (fun _ -> rows)
            Rows = rows
        }
