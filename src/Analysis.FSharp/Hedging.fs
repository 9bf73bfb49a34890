namespace Superposition.Analysis

open System
open System.Numerics.Tensors

/// A latent that has no room for a correlated feature takes a part of it into its own direction, to save reconstruction error:
/// hedging, the narrow dictionary's counterpart of absorption. Chanin et al. 2025, arXiv 2505.11756.
[<RequireQualifiedAccess>]
module Hedging =
    /// [m, n] radians by which latent j leans from its own feature f towards each feature g: atan2(d·g⊥, d·f), where g⊥ is the part of g
    /// at a right angle to f, at length 1. So a latent on its feature has angle 0 towards all, whatever the angles between features;
    /// negative where it leans away. 0 for its own feature, for a g along f, and for a dead latent.
    /// own: [m]. truth: [n, d]; dictionary: [m, d].
    let angles (truth: float[,]) (dictionary: float[,]) (own: int[]) : float[,] =
        let n, m = Array2D.length1 truth, Array2D.length1 dictionary

        if own.Length <> m then
            invalidArg (nameof own) $"{own.Length} latents have a feature of their own, the dictionary has {m}."

        let ofLatents, ofFeatures = Gram.cosines dictionary truth, Gram.cosines truth truth

        Array2D.init m n (fun j k ->
            let cosine = ofFeatures[own[j], k]
            let rest = 1.0 - cosine * cosine

            if k = own[j] || rest < 1e-12 then
                0.0
            else
                let along = ofLatents[j, own[j]]
                atan2 ((ofLatents[j, k] - cosine * along) / sqrt rest) along)

    /// Orthonormal rows with the span of the given ones, by Gram–Schmidt, each twice for rounding.
    let private basis (rows: float[,]) : float[][] =
        let found = ResizeArray<float[]>()

        for i in 0 .. Array2D.length1 rows - 1 do
            let rest = (Gram.row rows i).ToArray()
            let length = TensorPrimitives.Norm(ReadOnlySpan rest)

            for _ in 1..2 do
                for direction in found do
                    let along = TensorPrimitives.Dot(ReadOnlySpan rest, ReadOnlySpan direction)
                    TensorPrimitives.MultiplyAdd(ReadOnlySpan direction, -along, ReadOnlySpan rest, Span rest)

            let left = TensorPrimitives.Norm(ReadOnlySpan rest)

            if left > 1e-10 * length then
                TensorPrimitives.Divide(ReadOnlySpan rest, left, Span rest)
                found.Add rest

        found.ToArray()

    /// Mean length of the rows' projections onto the span of the directions.
    let private projected (rows: float[,]) (directions: float[,]) =
        let basis = basis directions

        Array.init (Array2D.length1 rows) (fun j ->
            basis
            |> Array.sumBy (fun direction ->
                let along = TensorPrimitives.Dot(Gram.row rows j, ReadOnlySpan direction)
                along * along)
            |> sqrt)
        |> Array.average

    /// max(0, (q − q₀)/(1 − q₀)): how much latents give up when N new ones join them. before: [m, d]; after: [m + N, d] is the same
    /// dictionary trained on, new latents last. q = mean_j ‖P Δ_j‖ / mean_j ‖before_j‖, P onto the span of the new latents and Δ the change
    /// of the old; q₀ is the mean q of so many sets of N random directions, of which draw r has the seed (seed + r); the paper draws 50.
    /// NaN when q₀ ≥ 1, a change so large that it says nothing. arXiv 2505.11756.
    let rate (seed: int) (draws: int) (before: float[,]) (after: float[,]) : float =
        let m, d = Array2D.length1 before, Array2D.length2 before
        let added = Array2D.length1 after - m

        if m = 0 || added < 1 || Array2D.length2 after <> d || draws < 1 then
            invalidArg
                (nameof after)
                $"Before are [{m}, {d}] latents, after [{m + added}, {Array2D.length2 after}], and {draws} draws; \
                  the rate needs latents, at least one more of the same dimensions after, and a draw."

        let change = Array2D.init m d (fun j c -> after[j, c] - before[j, c])
        let size = Gram.norms before |> Array.average

        if size = 0.0 then
            invalidArg (nameof before) "Every latent is zero before; the rate is relative to their mean length."

        let share directions = projected change directions / size
        let q = share (Array2D.init added d (fun j c -> after[m + j, c]))

        let byChance =
            Seq.averageBy (fun draw -> share (Matching.random (seed + draw) added d)) (seq { 0 .. draws - 1 })

        if byChance >= 1.0 then
            nan
        else
            max 0.0 ((q - byChance) / (1.0 - byChance))
