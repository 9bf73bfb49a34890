namespace Superposition.Analysis

open System

/// A feature that is on only together with a more general one, and the latent that stands for the general one.
type ParentChild =
    {
        /// The general feature, from 0 to n − 1.
        Parent: int
        /// The special one, from 0 to n − 1.
        Child: int
        /// The parent's latent, from 0 to m − 1, such as its partner under the assignment.
        Latent: int
    }

/// When another latent counts as having taken a parent's place; SAEBench's values by default.
type AbsorptionOptions =
    {
        /// The least cosine of an absorber with the parent; 0.1 by default.
        Cosine: float
        /// The most absorbers that are counted on a row; 3 by default.
        Absorbers: int
        /// The least share of the parent's projection that absorbers must carry; 0.4 by default.
        Projection: float
        /// The least cosine with the parent of a single absorber that takes its place whole; 0.025 by default.
        FullCosine: float
    }

/// What becomes of a parent on some rows.
type AbsorptionShares =
    {
        /// Rows that were counted.
        Rows: int64
        /// Share of these rows on which the parent's latent is silent; NaN where there are no rows, as the two below.
        Silent: float
        /// Share on which it is silent and one other latent carries enough of the parent: full absorption.
        Full: float
        /// Mean share of the parent that absorbers carry instead of its latent, in [0, 1]: the absorption fraction.
        Fraction: float
    }

/// Absorption of parents, pair by pair and whole.
type Absorption =
    {
        /// The pairs in the order they were given.
        Pairs: ParentChild[]
        /// [pairs] over the rows on which parent and child are on.
        OfPair: AbsorptionShares[]
        /// [pairs] over the rows on which the parent is on, with the child or without.
        OfParent: AbsorptionShares[]
    }

    static member private Mean(shares: AbsorptionShares[], what: AbsorptionShares -> float) =
        match shares |> Array.filter (fun share -> share.Rows > 0L) with
        | [||] -> nan
        | seen -> Array.averageBy what seen

    /// Mean over the pairs that were seen, each with the same weight; NaN when none was.
    member absorption.MeanSilent = Absorption.Mean(absorption.OfPair, _.Silent)

    /// As MeanSilent, of full absorption.
    member absorption.MeanFull = Absorption.Mean(absorption.OfPair, _.Full)

    /// As MeanSilent, of the absorption fraction.
    member absorption.MeanFraction = Absorption.Mean(absorption.OfPair, _.Fraction)

[<RequireQualifiedAccess>]
module Absorption =
    let defaults: AbsorptionOptions =
        {
            Cosine = 0.1
            Absorbers = 3
            Projection = 0.4
            FullCosine = 0.025
        }

    /// What one row says of one parent: silent, full, fraction. own and others are projections z_j d_j·v on the parent's direction v,
    /// others with their cosines; input is x·v. With T the sum of the greatest few projections of absorbers, the fraction is 0 when
    /// own ≥ input or T < 0.4 input, 1 when own ≤ 0, else a / (a + own) with a = min(T, input − own). A row on which input ≤ 0 does not
    /// show its parent and has no absorption.
    let internal ofRow
        (options: AbsorptionOptions)
        (silent: bool)
        (own: float)
        (input: float)
        (others: struct (float * float)[])
        : struct (bool * float) =
        if input <= 0.0 then
            struct (false, 0.0)
        else
            let full =
                silent
                && others.Length > 0
                && (let struct (projection, cosine) =
                        others |> Array.maxBy (fun (struct (projection, _)) -> projection)

                    cosine >= options.FullCosine && projection / input >= options.Projection)

            let carried =
                others
                |> Array.filter (fun (struct (projection, cosine)) -> projection > 0.0 && cosine >= options.Cosine)
                |> Array.map (fun (struct (projection, _)) -> projection)
                |> Array.sortDescending
                |> Array.truncate options.Absorbers
                |> Array.sum

            let fraction =
                if own >= input || carried / input < options.Projection then
                    0.0
                elif own <= 0.0 then
                    1.0
                else
                    let absorbed = min carried (input - own)
                    absorbed / (absorbed + own)

            struct (full, fraction)

/// The shares over some rows, as they are counted.
[<Sealed>]
type private AbsorptionTally() =
    let mutable rows, silences, fulls = 0L, 0L, 0L
    let mutable fractions = 0.0

    member _.Add(silent: bool, full: bool, fraction: float) =
        rows <- rows + 1L
        silences <- silences + (if silent then 1L else 0L)
        fulls <- fulls + (if full then 1L else 0L)
        fractions <- fractions + fraction

    member _.Shares: AbsorptionShares =
        {
            Rows = rows
            Silent = float silences / float rows
            Full = float fulls / float rows
            Fraction = fractions / float rows
        }

/// Counts rows for an Absorption, as they come. An SAE that is paid for silence may let the child's latent point at parent + child and
/// keep the parent's latent off wherever the child is on: the parent's latent then has holes that its description does not show.
/// Chanin et al. 2024, "A is for Absorption" (arXiv 2409.14507); the rule for a row is SAEBench's, sae_bench/evals/absorption/
/// feature_absorption_calculator.py, with the true direction in place of a trained probe and one main latent.
/// truth: [n, d]; dictionary: [m, d], row j is latent j.
[<Sealed>]
type AbsorptionCounts(options: AbsorptionOptions, truth: float32[,], dictionary: float32[,], pairs: ParentChild[]) =
    let n, m = Array2D.length1 truth, Array2D.length1 dictionary

    do
        pairs
        |> Array.iteri (fun p pair ->
            for name, index, count in [ "parent", pair.Parent, n; "child", pair.Child, n; "latent", pair.Latent, m ] do
                if index < 0 || index >= count then
                    invalidArg (nameof pairs) $"The {name} of pair {p} is {index}; it must be from 0 to {count - 1}.")

    /// What is looked at on a row, once for all children of a parent.
    let watched =
        pairs
        |> Array.map (fun pair -> struct (pair.Parent, pair.Latent))
        |> Array.distinct

    let watchOf =
        pairs
        |> Array.map (fun pair -> Array.IndexOf(watched, struct (pair.Parent, pair.Latent)))

    let pairsOf =
        Array.init watched.Length (fun w -> [| 0 .. pairs.Length - 1 |] |> Array.filter (fun p -> watchOf[p] = w))

    let watchesOf =
        let watches = Array.create n [||]

        watched
        |> Array.iteri (fun w (struct (parent, _)) -> watches[parent] <- Array.append watches[parent] [| w |])

        watches

    let parents =
        Array2D.init watched.Length (Array2D.length2 truth) (fun w c ->
            let struct (parent, _) = watched[w]
            truth[parent, c])

    /// [watched, m] cos(d_j, v), and [watched, n] cos(f_i, v).
    let ofLatents, ofFeatures =
        Gram.cosines parents dictionary, Gram.cosines parents truth

    let lengths, featureLengths = Gram.norms dictionary, Gram.norms truth

    let ofPairs = Array.init pairs.Length (fun _ -> AbsorptionTally())
    let ofWatched = Array.init watched.Length (fun _ -> AbsorptionTally())
    // The last row on which a feature was on: nothing has to be cleared between rows.
    let lastOn = Array.zeroCreate<int64> n
    let mutable rows = 0L

    /// A row: the latents that fire with their values, and the features that are on with theirs, each once, in any order. x = Σ a_i f_i.
    member _.Add
        (
            latents: ReadOnlySpan<int>,
            values: ReadOnlySpan<float32>,
            active: ReadOnlySpan<int>,
            strengths: ReadOnlySpan<float32>
        ) : unit =
        if latents.Length <> values.Length || active.Length <> strengths.Length then
            invalidArg
                (nameof values)
                $"{latents.Length} latents have {values.Length} values and {active.Length} features {strengths.Length}; each has one."

        rows <- rows + 1L

        for i in active do
            lastOn[i] <- rows

        for parent in active do
            for w in watchesOf[parent] do
                let struct (_, ownLatent) = watched[w]
                let others = Array.zeroCreate<struct (float * float)> latents.Length
                let mutable count = 0
                let mutable silent = true
                let mutable own, input = 0.0, 0.0

                for place in 0 .. active.Length - 1 do
                    let i = active[place]

                    input <-
                        input
                        + float strengths[place] * float featureLengths[i] * float ofFeatures[w, i]

                for place in 0 .. latents.Length - 1 do
                    let j = latents[place]
                    let cosine = float ofLatents[w, j]
                    let projection = float values[place] * float lengths[j] * cosine

                    if j = ownLatent then
                        // SAEBench's bound of silence.
                        silent <- abs values[place] < 1e-8f
                        own <- projection
                    else
                        others[count] <- struct (projection, cosine)
                        count <- count + 1

                let struct (full, fraction) =
                    Absorption.ofRow options silent own input (Array.truncate count others)

                ofWatched[w].Add(silent, full, fraction)

                for p in pairsOf[w] do
                    if lastOn[pairs[p].Child] = rows then
                        ofPairs[p].Add(silent, full, fraction)

    /// What the rows so far say; there must be one.
    member _.Measure() : Absorption =
        if rows = 0L then
            invalidOp "No row was counted; add rows before measuring."

        {
            Pairs = pairs
            OfPair = ofPairs |> Array.map _.Shares
            OfParent = watchOf |> Array.map (fun w -> ofWatched[w].Shares)
        }
