namespace Superposition.Analysis

open System
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices

/// Whether a latent that points the other way counts as found.
type Similarity =
    /// cos: right for non-negative codes, where −d_j reads a different feature (Sharkey et al. 2022).
    | Signed
    /// |cos|, as SynthSAEBench and the literature on independent components take it.
    | Absolute

/// The partner of a row, and how well they agree.
type Match =
    {
        /// Index of the partner in the other dictionary.
        Partner: int
        /// Cosine with it, or its absolute value, whichever was asked for.
        Cosine: float
    }

/// What a measure gives when the dictionary is random.
type Chance =
    {
        Mean: float
        /// Sample standard deviation over the draws; NaN for a single draw.
        Sd: float
        Draws: int
    }

/// Comparing dictionaries: truth [n, d], row i is true feature i; dictionary [m, d], row j is latent j.
/// Most measures take the [n, m] cosines, so that these are computed once, in single or double precision.
[<RequireQualifiedAccess>]
module Matching =
    /// [n, m] cos(f_i, d_j), or its absolute value; 0 where a row is zero (a dead latent resembles nothing).
    let cosines<'T when 'T :> IBinaryFloatingPointIeee754<'T>>
        (similarity: Similarity)
        (truth: 'T[,])
        (dictionary: 'T[,])
        : 'T[,] =
        let cosines = Gram.cosines truth dictionary

        if similarity = Absolute && cosines.Length > 0 then
            let all = MemoryMarshal.CreateSpan(&cosines[0, 0], cosines.Length)
            TensorPrimitives.Abs<'T>(all, all)

        cosines

    let private demandColumns (cosines: 'T[,]) =
        if Array2D.length2 cosines = 0 then
            invalidArg (nameof cosines) "The other dictionary is empty; a best match needs at least one row."

    let private demandRows (cosines: 'T[,]) =
        if Array2D.length1 cosines = 0 then
            invalidArg (nameof cosines) "There are no rows; a best match needs at least one."

    let private partner<'T when 'T :> INumberBase<'T>> (j: int) (cosine: 'T) : Match =
        {
            Partner = j
            Cosine = Double.CreateTruncating cosine
        }

    /// [n] the best partner of each row, which several rows may share; the first of equals.
    let nearest<'T when 'T :> INumber<'T>> (cosines: 'T[,]) : Match[] =
        demandColumns cosines

        Array.init (Array2D.length1 cosines) (fun i ->
            let mutable best = 0

            for j in 1 .. Array2D.length2 cosines - 1 do
                if 'T.op_GreaterThan (cosines[i, j], cosines[i, best]) then
                    best <- j

            partner best cosines[i, best])

    /// [m] the best row of each column, the first of equals: nearest of the transposed cosines without transposing them.
    let nearestRows<'T when 'T :> INumber<'T>> (cosines: 'T[,]) : Match[] =
        demandRows cosines
        let best = Array.zeroCreate<int>(Array2D.length2 cosines)
        let greatest = Array.init best.Length (fun j -> cosines[0, j])

        for i in 1 .. Array2D.length1 cosines - 1 do
            for j in 0 .. best.Length - 1 do
                if 'T.op_GreaterThan (cosines[i, j], greatest[j]) then
                    best[j] <- i
                    greatest[j] <- cosines[i, j]

        Array.map2 partner best greatest

    /// [n] partners of which none is shared, with the greatest sum of cosines; None for the n − m rows that stay alone
    /// when there are more rows than partners.
    let assigned<'T when 'T :> INumberBase<'T>> (cosines: 'T[,]) : Match option[] =
        Assignment.maximise cosines
        |> Array.mapi (fun i j -> if j < 0 then None else Some(partner j cosines[i, j]))

    /// MMCS = (1/n) Σ_i max_j cos(f_i, d_j): how well the average true feature is somewhere in the dictionary.
    /// Not symmetric: with the transposed cosines it asks how well the average latent is a true feature.
    /// Sharkey, Braun & Millidge 2022, "Taking features out of superposition with sparse autoencoders".
    let meanMaxCosine<'T when 'T :> INumber<'T>> (cosines: 'T[,]) : float =
        nearest cosines |> Array.averageBy _.Cosine

    /// Mean cosine of the min(n, m) pairs under the exact assignment; with Absolute cosines this is the MCC of
    /// SynthSAEBench (arXiv 2602.14687). Unlike MMCS it does not reward a latent for serving two features.
    let meanAssignedCosine<'T when 'T :> INumberBase<'T>> (cosines: 'T[,]) : float =
        demandColumns cosines
        assigned cosines |> Array.choose id |> Array.averageBy _.Cosine

    /// Distinct best features of the latents, divided by m: 1 when no two latents want the same feature
    /// (SynthSAEBench's uniqueness, when cosines are Absolute). At most n/m when m > n.
    let uniqueness<'T when 'T :> INumber<'T>> (cosines: 'T[,]) : float =
        let wanted = nearestRows cosines |> Array.map _.Partner
        float (Array.distinct wanted).Length / float wanted.Length

    /// [rows, d] independent gaussian directions of length 1, from the seed alone.
    let random (seed: int) (rows: int) (d: int) : float[,] =
        let random = Random seed
        let directions = Array2D.init rows d (fun _ _ -> Statistics.normal random)
        let norms = Gram.norms directions
        directions |> Array2D.mapi (fun i _ value -> value / norms[i])

    /// A measure's mean and spread over random dictionaries of m rows: in few dimensions, chance alone finds a latent
    /// close to any feature, and only what lies above this was learnt. Draw r has the seed (seed + r).
    let chance
        (seed: int)
        (draws: int)
        (similarity: Similarity)
        (truth: float[,])
        (m: int)
        (measure: float[,] -> float)
        : Chance =
        let values =
            Array.init draws (fun draw ->
                random (seed + draw) m (Array2D.length2 truth)
                |> cosines similarity truth
                |> measure)

        let estimate = Statistics.estimate values

        {
            Mean = estimate.Mean
            Sd = estimate.Sd
            Draws = draws
        }
