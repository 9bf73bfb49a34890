namespace Superposition.Analysis

/// A measurement beside what it is where there is nothing to find.
type AgainstChance =
    {
        /// The measurement.
        Value: float
        /// Its mean over the draws of the null.
        NullMean: float
        /// The 2.5 % quantile over the draws.
        NullLow: float
        /// The 97.5 % quantile.
        NullHigh: float
        /// (value − mean) / standard deviation over the draws; NaN where these do not differ beyond rounding.
        Z: float
        /// (1 + draws that reach the value) / (1 + draws): how often chance does as well. Near 1 for a value below all draws,
        /// which is a finding of its own.
        P: float
    }

/// What chance would give: the yardstick of every question that is asked of a real model.
[<RequireQualifiedAccess>]
module NullDraws =
    /// A value beside the same measurement on draws of the null; at least two are needed.
    /// P is exact for exchangeable draws (Phipson & Smyth 2010).
    let beside (value: float) (draws: float[]) : AgainstChance =
        let estimate = Statistics.estimate draws
        let rounding = 1e-9 * abs estimate.Mean

        {
            Value = value
            NullMean = estimate.Mean
            NullLow = Statistics.quantile 0.025 draws
            NullHigh = Statistics.quantile 0.975 draws
            Z =
                if estimate.Sd > rounding then
                    (value - estimate.Mean) / estimate.Sd
                else
                    nan
            P =
                let reached = draws |> Array.filter (fun draw -> draw >= value - rounding)
                float (1 + reached.Length) / float (1 + draws.Length)
        }

    /// [K] which of many hypotheses are discoveries, at most a share q of them false on average: those up to the largest p
    /// that lies below q·rank/K (Benjamini & Hochberg 1995), for independent or positively dependent tests.
    let discoveries (q: float) (p: float[]) : bool[] =
        let bound =
            Array.sort p
            |> Array.indexed
            |> Array.filter (fun (place, one) -> one <= q * float (place + 1) / float p.Length)
            |> Array.map snd
            |> Array.fold max -1.0

        p |> Array.map (fun one -> one <= bound)
