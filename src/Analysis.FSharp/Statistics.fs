namespace Superposition.Analysis

open System

/// A mean over seeds and the interval that holds the true one 19 times in 20.
type Estimate =
    {
        Mean: float
        /// Lower end of the 95 % interval; −∞ for a single value, which says nothing about spread.
        Low: float
        /// Upper end; +∞ for a single value.
        High: float
        /// Sample standard deviation (divides by Count − 1); NaN for a single value.
        Sd: float
        /// How many seeds.
        Count: int
    }

/// What is said about a handful of seeds.
[<RequireQualifiedAccess>]
module Statistics =
    /// t with P(T ≤ t) = 0.975 for 1…30 degrees of freedom.
    /// NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
    let private tableOfT =
        [|
            12.706
            4.303
            3.182
            2.776
            2.571
            2.447
            2.365
            2.306
            2.262
            2.228
            2.201
            2.179
            2.160
            2.145
            2.131
            2.120
            2.110
            2.101
            2.093
            2.086
            2.080
            2.074
            2.069
            2.064
            2.060
            2.056
            2.052
            2.048
            2.045
            2.042
        |]

    /// The 97.5 % quantile of Student's t, to three decimals: a table to 30 degrees of freedom,
    /// above it the expansion in 1/ν of Abramowitz & Stegun 26.7.5 about the normal quantile 1.959964.
    let studentT (degreesOfFreedom: int) : float =
        if degreesOfFreedom < 1 then
            invalidArg (nameof degreesOfFreedom) $"Degrees of freedom are {degreesOfFreedom}; at least 1 is needed."

        if degreesOfFreedom <= tableOfT.Length then
            tableOfT[degreesOfFreedom - 1]
        else
            let x, v = 1.959964, float degreesOfFreedom

            x
            + (x ** 3.0 + x) / (4.0 * v)
            + (5.0 * x ** 5.0 + 16.0 * x ** 3.0 + 3.0 * x) / (96.0 * v * v)

    /// Mean of the values with its 95 % t-interval, x̄ ± t_{0.975, K−1} s/√K. A network's outcome hangs on its seed,
    /// so no number is reported without the spread over seeds. Values are in any order; at least one is needed.
    let estimate (values: float[]) : Estimate =
        match values.Length with
        | 0 -> invalidArg (nameof values) "There are no values; a mean needs at least one."
        | 1 ->
            {
                Mean = values[0]
                Low = -infinity
                High = infinity
                Sd = nan
                Count = 1
            }
        | count ->
            let mean = Array.average values

            let sd =
                sqrt (Array.sumBy (fun x -> (x - mean) * (x - mean)) values / float (count - 1))

            let half = studentT (count - 1) * sd / sqrt (float count)

            {
                Mean = mean
                Low = mean - half
                High = mean + half
                Sd = sd
                Count = count
            }

    /// [K] ranks from 1; equal values share the mean of the ranks they take.
    let ranks (values: float[]) : float[] =
        let order = Array.init values.Length id |> Array.sortBy (fun i -> values[i])
        let ranks = Array.zeroCreate values.Length
        let mutable first = 0

        while first < order.Length do
            let mutable last = first

            while last + 1 < order.Length && values[order[last + 1]] = values[order[first]] do
                last <- last + 1

            for place in first..last do
                ranks[order[place]] <- float (first + last) / 2.0 + 1.0

            first <- last + 1

        ranks

    /// Pearson's correlation of two series of one length, in [−1, 1]; NaN where one of them does not vary.
    let pearson (x: float[]) (y: float[]) : float =
        if x.Length <> y.Length || x.Length < 2 then
            invalidArg
                (nameof y)
                $"The series have {x.Length} and {y.Length} values; a correlation needs two of one length."

        let meanX, meanY = Array.average x, Array.average y
        let mutable sxy, sxx, syy = 0.0, 0.0, 0.0

        for i in 0 .. x.Length - 1 do
            let dx, dy = x[i] - meanX, y[i] - meanY
            sxy <- sxy + dx * dy
            sxx <- sxx + dx * dx
            syy <- syy + dy * dy

        if sxx = 0.0 || syy = 0.0 then
            nan
        else
            Math.Clamp(sxy / sqrt (sxx * syy), -1.0, 1.0)

    /// Spearman's ρ, Pearson's correlation of the ranks: whether one quantity rises with the other, whatever the curve.
    let spearman (x: float[]) (y: float[]) : float = pearson (ranks x) (ranks y)
