namespace Superposition.Analysis

/// How recovery is measured.
type RecoveryOptions =
    {
        /// Whether −d_j counts as d_j; Signed by default, for codes are not negative.
        Similarity: Similarity
        /// A feature is recovered when its assigned latent reaches this cosine; 0.9 by default.
        Threshold: float
        /// How many random dictionaries say what chance gives; 5 by default, 0 for none.
        Draws: int
        /// Seed of the first of them; 0 by default.
        Seed: int
    }

/// What a random dictionary of the same size reaches.
type RecoveryByChance =
    {
        FeaturesFound: Chance
        LatentsExplained: Chance
        MeanCosine: Chance
    }

/// How well a dictionary finds the true features.
type Recovery =
    {
        /// n, true features.
        Features: int
        /// m, latents.
        Latents: int
        /// MMCS from truth to dictionary: how well the average feature is found by some latent.
        FeaturesFound: float
        /// MMCS from dictionary to truth: how well the average latent is some feature.
        LatentsExplained: float
        /// [n] the latent of each feature under the exact assignment; None for the n − m left over when n > m.
        Assigned: Match option[]
        /// Mean cosine of the assigned pairs.
        MeanCosine: float
        /// Share of all n features whose assigned latent reaches the threshold.
        Recovered: float
        /// The cosine that counts as recovered.
        Threshold: float
        /// Mean |cosine| under the assignment that maximises it, SynthSAEBench's MCC.
        Mcc: float
        /// Distinct best features of the latents by |cosine|, divided by m.
        Uniqueness: float
        /// The first, second and fourth of these for random dictionaries; None when no draw was asked for.
        ByChance: RecoveryByChance option
    }

/// Did the autoencoder take the features out of superposition? Asked where the truth is known.
[<RequireQualifiedAccess>]
module Recovery =
    let defaults: RecoveryOptions =
        {
            Similarity = Signed
            Threshold = 0.9
            Draws = 5
            Seed = 0
        }

    /// Compares truth [n, d] with dictionary [m, d] by direction alone. MMCS is what Sharkey et al. 2022 report;
    /// assignment, MCC and uniqueness are what SynthSAEBench reports, and they see latents that share a feature.
    let measure (options: RecoveryOptions) (truth: float[,]) (dictionary: float[,]) : Recovery =
        let signed = Matching.cosines Signed truth dictionary
        let absolute = Array2D.map abs signed

        let cosines =
            match options.Similarity with
            | Signed -> signed
            | Absolute -> absolute

        let n, m = Array2D.length1 truth, Array2D.length1 dictionary

        if n = 0 || m = 0 then
            invalidArg
                (nameof dictionary)
                $"There are {n} features and {m} latents; recovery needs at least one of each."

        let assigned = Matching.assigned cosines
        let pairs = assigned |> Array.choose id
        let meanCosine = pairs |> Array.averageBy _.Cosine

        let chance = Matching.chance options.Seed options.Draws options.Similarity truth m

        {
            Features = n
            Latents = m
            FeaturesFound = Matching.meanMaxCosine cosines
            LatentsExplained = Matching.nearestRows cosines |> Array.averageBy _.Cosine
            Assigned = assigned
            MeanCosine = meanCosine
            Recovered =
                float (pairs |> Array.filter (fun pair -> pair.Cosine >= options.Threshold)).Length
                / float n
            Threshold = options.Threshold
            Mcc =
                match options.Similarity with
                | Absolute -> meanCosine
                | Signed -> Matching.meanAssignedCosine absolute
            Uniqueness = Matching.uniqueness absolute
            ByChance =
                if options.Draws = 0 then
                    None
                else
                    Some
                        {
                            FeaturesFound = chance Matching.meanMaxCosine
                            LatentsExplained = chance (Matching.nearestRows >> Array.averageBy _.Cosine)
                            MeanCosine = chance Matching.meanAssignedCosine
                        }
        }
