namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// How far two dictionaries of the same activations agree.
type Agreement =
    {
        /// [rows of the first] the nearest row of the second to each.
        Nearest: Match[]
        /// Mean of these cosines, MMCS from first to second; beside random directions in place of the second.
        FoundAgain: AgainstChance
        /// The same with its 95 % interval over rows of the first.
        FoundInterval: Interval
        /// Mean |cosine| of one-to-one pairs, MCC; beside the same.
        Paired: AgainstChance
    }

/// How directions are planted.
type PlantingOptions =
    {
        /// How many; 16 by default.
        Directions: int
        /// Chance of each to be added to a position; 0.01 by default.
        Frequency: float
        /// Mean size where it is added, in root mean squares of ‖a − ā‖; 1 by default. Sizes are uniform from half to one and a half times that.
        Magnitude: float
        /// A direction came back when some row has this cosine with it; 0.9 by default, as in Recovery.
        Threshold: float
        /// Draws of random directions; 999 by default.
        Draws: int
        /// Everything random follows from it.
        Seed: int
    }

/// Activations with something in them that is known.
type Planted =
    {
        /// [directions, d] of length 1.
        Added: float[,]
        /// [N, d] the activations with them.
        Activations: float[,]
    }

/// What came back of what was planted.
type PlantedRecovery =
    {
        /// [directions] the nearest row to each.
        Returned: Match[]
        /// Share that came back, with its 95 % interval.
        CameBack: Estimate
        /// Share of as many directions, planted nowhere, that came back all the same.
        Decoys: Estimate
        /// The nearest row to each of these.
        Astray: Match[]
        /// Mean cosine with the nearest row, beside directions planted nowhere.
        MeanReturned: AgainstChance
    }

/// Question 5: are all directions found? Without the truth it is judged by what two dictionaries have in common, and by known directions that are
/// planted among the unknown ones. activations: [N, d]; dictionaries: [m, d], row j is latent j. Signed cosines, codes being non-negative,
/// but for MCC, which SynthSAEBench takes with |cosine|.
[<RequireQualifiedAccess>]
module AllDirections =
    let defaults: PlantingOptions =
        {
            Directions = 16
            Frequency = 0.01
            Magnitude = 1.0
            Threshold = 0.9
            Draws = 999
            Seed = 0
        }

    let private centred (activations: float[,]) =
        if Array2D.length1 activations = 0 then
            invalidArg (nameof activations) "There are no activations; at least one row is needed."

        let means =
            Array.init (Array2D.length2 activations) (fun c -> Array.average activations[*, c])

        activations |> Array2D.mapi (fun _ c a -> a - means[c])

    /// Draws of [rows, d] gaussian rows of mean 0 and the covariance of the activations: seed → rows. What lies in the space as the
    /// activations do and has no features in it. An autoencoder trained on such rows is the sternest null of a dictionary.
    let likeActivations (activations: float[,]) : int -> int -> float[,] =
        let columns = centred activations |> Gram.transposed
        let n, d = Array2D.length2 columns, Array2D.length1 columns
        let parts = (Gram.ofRows columns).Products |> Eigen.symmetric

        // [d, d] V √(λ / N): row c is what coordinate c takes of each gaussian.
        let root =
            Array2D.init d d (fun c s -> parts.Vectors[s, c] * sqrt (max 0.0 parts.Values[s] / float n))

        fun seed rows ->
            let random = Random seed
            Gram.between (Array2D.init rows d (fun _ _ -> Statistics.normal random)) root

    let private seeds (seed: int) draws =
        let random = Random seed
        Array.init draws (fun _ -> random.Next())

    /// Two dictionaries, of other seeds or other sizes, beside the first and random ones in place of the second: rows drawn as the
    /// activations lie, so that agreeing on the space they fill is no finding.
    let agreement (seed: int) (draws: int) (activations: float[,]) (first: float[,]) (second: float[,]) : Agreement =
        if Array2D.length1 first = 0 || Array2D.length1 second = 0 || draws < 2 then
            invalidArg
                (nameof first)
                $"The dictionaries have {Array2D.length1 first} and {Array2D.length1 second} rows, and there are {draws} draws; expected a row in each and two draws."

        let like = likeActivations activations

        let measure second =
            let cosines = Matching.cosines Signed first second
            Matching.nearest cosines, cosines |> Array2D.map abs |> Matching.meanAssignedCosine

        let nearest, paired = measure second
        let mean = Array.averageBy (fun (best: Match) -> best.Cosine)

        let drawn =
            seeds seed draws
            |> Array.Parallel.map (fun seed ->
                let nearest, paired = like seed (Array2D.length1 second) |> measure
                mean nearest, paired)

        {
            Nearest = nearest
            FoundAgain = drawn |> Array.map fst |> NullDraws.beside (mean nearest)
            FoundInterval = Statistics.bootstrap seed 1000 mean nearest
            Paired = drawn |> Array.map snd |> NullDraws.beside paired
        }

    /// Adds random directions to random positions.
    let plant (options: PlantingOptions) (activations: float[,]) : Planted =
        let problems =
            [
                if options.Directions < 1 || options.Draws < 2 then
                    $"There are {options.Directions} directions and {options.Draws} draws; expected at least 1 and 2."

                if not (options.Frequency >= 0.0 && options.Frequency <= 1.0) then
                    $"The frequency is {options.Frequency}; it must lie in [0, 1]."

                if not (options.Magnitude >= 0.0) then
                    $"The magnitude is {options.Magnitude}; it must be at least 0."
            ]

        if not problems.IsEmpty then
            invalidArg (nameof options) (String.concat " " problems)

        let n, d = Array2D.length1 activations, Array2D.length2 activations
        let random = Random options.Seed
        let added = Matching.random (random.Next()) options.Directions d

        let length =
            sqrt ((centred activations |> Seq.cast<float> |> Seq.sumBy (fun a -> a * a)) / float n)

        let rows = Array2D.copy activations

        for s in 0 .. n - 1 do
            for i in 0 .. options.Directions - 1 do
                if random.NextDouble() < options.Frequency then
                    let size = options.Magnitude * length * (0.5 + random.NextDouble())

                    for c in 0 .. d - 1 do
                        rows[s, c] <- rows[s, c] + size * added[i, c]

        { Added = added; Activations = rows }

    /// Plants directions, has a dictionary trained and looks for them in it. train: [N, d] activations → [m, d] dictionary. The null: as many random
    /// directions that were added to nothing, against the same dictionary; p is exact, for a training blind to the planted ones could
    /// not tell them from these.
    let recover (options: PlantingOptions) (activations: float[,]) (train: float[,] -> float[,]) : PlantedRecovery =
        let planted = plant options activations
        let dictionary = train planted.Activations

        let nearest directions =
            Matching.cosines Signed directions dictionary |> Matching.nearest

        let back (nearest: Match[]) =
            let reached = nearest |> Array.filter (fun best -> best.Cosine >= options.Threshold)

            Statistics.share reached.Length nearest.Length

        // The first seed is that of the planted directions.
        let decoys =
            seeds options.Seed (options.Draws + 1)
            |> Array.skip 1
            |> Array.Parallel.map (fun seed ->
                Matching.random seed options.Directions (Array2D.length2 activations) |> nearest)

        let returned = nearest planted.Added
        let mean = Array.averageBy (fun (best: Match) -> best.Cosine)

        {
            Returned = returned
            CameBack = back returned
            Decoys = back decoys[0]
            Astray = decoys[0]
            MeanReturned = decoys |> Array.map mean |> NullDraws.beside (mean returned)
        }
