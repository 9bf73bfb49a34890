namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// How much superposition a dictionary has. Directions: [m, d], those of length 0 left out.
type HowMuch =
    {
        /// m, the directions.
        Directions: int
        /// d.
        Dimensions: int
        /// (Σ λ)² / Σ λ² of the activations' covariance: over how many dimensions they are spread, from 1 to d.
        EffectiveDimensions: float
        /// Directions for each effective dimension: above 1 there is superposition.
        PerDimension: float
        /// Σ D_i, at most d: below the number of directions where they share dimensions.
        Capacity: float
        /// √((m − d) / (d (m − 1))), 0 for m ≤ d: no m directions have a smaller greatest |cosine| in d dimensions, nor a smaller
        /// root mean square (Welch 1974).
        Welch: float
        /// Greatest |cosine| of two directions.
        MaxCosine: float
        /// Mean |cosine| over all pairs.
        MeanCosine: float
        /// Root mean square of the cosines beside independent directions, uniform in all d dimensions: what they leave unused
        /// shows here too.
        RmsCosine: AgainstChance
        /// Mean over the directions of the greatest |cosine| with another, with its 95 % bootstrap interval over directions.
        Nearest: Interval
        /// The headline: the same beside random directions with the same second moment, hence the same RmsCosine. Above chance,
        /// directions keep together in families or on common lines; below, they keep out of each other's way.
        Arrangement: AgainstChance
        /// How often chance is as far from its middle, to either side.
        P: float
    }

/// Question 1: how much superposition is there?
[<RequireQualifiedAccess>]
module HowMuch =
    [<Literal>]
    let private Resamples = 1000

    /// (Σ λ)² / Σ λ² for the eigenvalues of the covariance of rows: [samples, d]: the participation ratio, d where all dimensions
    /// vary alike, 1 where the rows lie on a line; NaN where they do not vary.
    let effectiveDimensions (rows: float[,]) : float =
        let samples = Array2D.length1 rows

        let columns =
            Array.init (Array2D.length2 rows) (fun c ->
                let column = rows[*, c]
                let mean = Array.average column
                column |> Array.map (fun value -> value - mean))

        // Σ λ² is the squared Frobenius norm: no eigenvalue is needed.
        let gram =
            Gram.ofRows (Array2D.init columns.Length samples (fun c s -> columns[c][s]))

        let trace = Seq.sum (seq { for c in 0 .. gram.Size - 1 -> gram[c, c] })

        trace * trace
        / Seq.sum (seq { for c in 0 .. gram.Size - 1 -> gram.SumOfSquares c })

    /// The bound of Welch 1974 on the greatest and the root mean square |cosine| of m directions in d dimensions.
    let welch (m: int) (d: int) : float =
        if m <= d then
            0.0
        else
            sqrt (float (m - d) / (float d * float (m - 1)))

    /// √ of the mean cos² over pairs, for rows of length 1.
    let private rms (rows: float[,]) =
        let gram = Gram.ofRows rows
        let m = float gram.Size

        let others =
            Seq.sum (seq { for i in 0 .. gram.Size - 1 -> gram.SumOfSquaresOfOthers i })

        sqrt (others / (m * (m - 1.0)))

    /// Dictionary: [m, d], row i a direction, those of length 0 left out; activations: [samples, d], the space it is to explain.
    /// Two directions and two draws are the least; P reaches 2 / (draws + 1).
    let ask (seed: int) (draws: int) (dictionary: float[,]) (activations: float[,]) : HowMuch =
        let d = Array2D.length2 dictionary

        if Array2D.length2 activations <> d then
            invalidArg
                (nameof activations)
                $"The activations have {Array2D.length2 activations} dimensions, the dictionary {d}; expected the same."

        let directions = RandomDictionary.unit dictionary
        let m = Array2D.length1 directions
        let coherence = Coherence.ofRows directions
        let effective = effectiveDimensions activations
        let random = Random seed
        let alike = RandomDictionary.withSecondMoment directions
        let anywhere = RandomDictionary.uniform m d
        let chance = Array.init draws (fun _ -> (Coherence.ofRows (alike random)).Mean)
        let arrangement = NullDraws.beside coherence.Mean chance

        let below =
            NullDraws.beside -coherence.Mean (chance |> Array.map (fun draw -> -draw))

        {
            Directions = m
            Dimensions = d
            EffectiveDimensions = effective
            PerDimension = float m / effective
            Capacity = Array.sum (Dimensionality.ofWeights dictionary)
            Welch = welch m d
            MaxCosine = coherence.Max
            MeanCosine = coherence.MeanCosine
            RmsCosine =
                Array.init draws (fun _ -> rms (anywhere random))
                |> NullDraws.beside (rms directions)
            Nearest =
                coherence.Nearest
                |> Array.map _.Cosine
                |> Statistics.bootstrap (random.Next()) Resamples Array.average
            Arrangement = arrangement
            P = min 1.0 (2.0 * min arrangement.P below.P)
        }
