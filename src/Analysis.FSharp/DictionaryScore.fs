namespace Superposition.Analysis

open System.Numerics

/// How close a dictionary comes to the true features by |cosine|, as SynthSAEBench scores it.
type DictionaryScore =
    {
        /// n, true features.
        Features: int
        /// m, latents.
        Latents: int
        /// Mean |cosine| of the min(n, m) pairs under the assignment that maximises it.
        Mcc: float
        /// Distinct nearest features of the latents, divided by m.
        Uniqueness: float
        /// MMCS from truth to dictionary: mean over features of the greatest |cosine| with any latent.
        FeaturesFound: float
        /// MMCS from dictionary to truth: mean over latents of the greatest |cosine| with any feature.
        LatentsExplained: float
        /// [m] the feature with the greatest |cosine| to each latent, which several may share; what Detection judges a latent by.
        Nearest: Match[]
        /// [m] the feature that each latent has to itself under the assignment; None for the m − n left over when m > n.
        Assigned: Match option[]
    }

/// The score of dictionaries as large as those of real models: Recovery says more, of small ones.
[<RequireQualifiedAccess>]
module DictionaryScore =
    /// Compares truth [n, d] with dictionary [m, d], in the precision they come in. One matrix of [m, n] |cosines| is all that is held:
    /// 256 MB for 4,096 latents and 16,384 features in single precision, which take seconds on two cores; minutes where all latents are
    /// nearly one, the assignment's worst case. SynthSAEBench, arXiv 2602.14687; SAELens, synthetic/evals.py.
    let measure<'T when 'T :> IBinaryFloatingPointIeee754<'T>> (truth: 'T[,]) (dictionary: 'T[,]) : DictionaryScore =
        let n, m = Array2D.length1 truth, Array2D.length1 dictionary

        if n = 0 || m = 0 then
            invalidArg
                (nameof dictionary)
                $"There are {n} features and {m} latents; a score needs at least one of each."

        let cosines = Matching.cosines Absolute dictionary truth
        let nearest = Matching.nearest cosines
        let assigned = Matching.assigned cosines

        {
            Features = n
            Latents = m
            Mcc = assigned |> Array.choose id |> Array.averageBy _.Cosine
            Uniqueness = float (nearest |> Array.distinctBy _.Partner).Length / float m
            FeaturesFound = Matching.nearestRows cosines |> Array.averageBy _.Cosine
            LatentsExplained = nearest |> Array.averageBy _.Cosine
            Nearest = nearest
            Assigned = assigned
        }
