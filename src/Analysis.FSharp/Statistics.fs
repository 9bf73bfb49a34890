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

/// A statistic and the interval that holds the true one 19 times in 20.
type Interval =
    {
        /// The statistic of the values as they are.
        Value: float
        Low: float
        High: float
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

    /// z with Φ(z) = 0.975.
    [<Literal>]
    let private NormalQuantile = 1.959964

    /// The 97.5 % quantile of Student's t, to three decimals: a table to 30 degrees of freedom,
    /// above it the expansion in 1/ν of Abramowitz & Stegun 26.7.5 about the normal quantile.
    let studentT (degreesOfFreedom: int) : float =
        if degreesOfFreedom < 1 then
            invalidArg (nameof degreesOfFreedom) $"Degrees of freedom are {degreesOfFreedom}; at least 1 is needed."

        if degreesOfFreedom <= tableOfT.Length then
            tableOfT[degreesOfFreedom - 1]
        else
            let x, v = NormalQuantile, float degreesOfFreedom

            x
            + (x ** 3.0 + x) / (4.0 * v)
            + (5.0 * x ** 5.0 + 16.0 * x ** 3.0 + 3.0 * x) / (96.0 * v * v)

    /// A draw of the standard normal distribution, by Box and Muller's transform.
    let normal (random: Random) : float =
        sqrt (-2.0 * log (1.0 - random.NextDouble()))
        * cos (2.0 * Math.PI * random.NextDouble())

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

    /// The share of successes among trials with its 95 % Wilson score interval, which stays in [0, 1] and says something
    /// even when all trials agree (Wilson 1927). Sd is that of the zeros and ones.
    let share (successes: int) (trials: int) : Estimate =
        if trials < 1 || successes < 0 || successes > trials then
            invalidArg
                (nameof successes)
                $"There are {successes} successes in {trials} trials; expected at least one trial and from 0 to {trials} successes."

        let n, p = float trials, float successes / float trials
        let z2 = NormalQuantile * NormalQuantile
        let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n)

        let half =
            NormalQuantile * sqrt (p * (1.0 - p) / n + z2 / (4.0 * n * n)) / (1.0 + z2 / n)

        {
            Mean = p
            // At p = 0 and p = 1 the interval reaches the end exactly, which rounding would miss.
            Low = if successes = 0 then 0.0 else centre - half
            High = if successes = trials then 1.0 else centre + half
            Sd = sqrt (p * (1.0 - p) * n / (n - 1.0))
            Count = trials
        }

    /// The value below which a share q of the values lies, interpolated between neighbours (type 7 of Hyndman & Fan 1996,
    /// as R and NumPy take it).
    let quantile (q: float) (values: float[]) : float =
        if values.Length = 0 || not (q >= 0.0 && q <= 1.0) then
            invalidArg
                (nameof q)
                $"The quantile at {q} of {values.Length} values was asked for; expected q in [0, 1] and at least one value."

        let sorted = Array.sort values
        let place = q * float (values.Length - 1)
        let below = int place
        let above = min (below + 1) (values.Length - 1)
        sorted[below] + (place - float below) * (sorted[above] - sorted[below])

    /// A statistic of the values with its 95 % percentile bootstrap interval: the middle of what it is on samples drawn
    /// from the values with replacement (Efron 1979). For medians, ratios and fits, which have no t-interval; with fewer
    /// than ten values it is too narrow.
    let bootstrap (seed: int) (resamples: int) (statistic: 'Value[] -> float) (values: 'Value[]) : Interval =
        if values.Length = 0 || resamples < 1 then
            invalidArg
                (nameof values)
                $"There are {values.Length} values and {resamples} resamples; at least one of each is needed."

        let random = Random seed

        let resampled =
            Array.init resamples (fun _ ->
                values |> Array.map (fun _ -> values[random.Next values.Length]) |> statistic)

        {
            Value = statistic values
            Low = quantile 0.025 resampled
            High = quantile 0.975 resampled
        }

    /// The mean least value of k drawn from the values without replacement, over all such draws: the loss that the best of
    /// k seeds comes to, from all the losses there are. The r-th least of N is the least of a draw with probability
    /// C(N − r, k − 1) / C(N, k).
    let expectedMinimum (k: int) (values: float[]) : float =
        if k < 1 || k > values.Length then
            invalidArg
                (nameof k)
                $"The least of {k} out of {values.Length} values was asked for; expected from 1 to all."

        let n = values.Length
        let mutable probability = float k / float n
        let mutable mean = 0.0

        for r, value in values |> Array.sort |> Array.indexed do
            mean <- mean + probability * value
            // Nothing is left at r = n − k, where the factor is 0.
            probability <- probability * float (n - r - k) / float (max 1 (n - r - 1))

        mean

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

    /// Cohen's κ of two yes-or-no judgements of the same things, (observed − expected) / (1 − expected) agreement: 1 for the
    /// same answers, 0 for what their shares of yes alone give; NaN where both say the same of everything (Cohen 1960).
    let kappa (a: bool[]) (b: bool[]) : float =
        if a.Length <> b.Length || a.Length = 0 then
            invalidArg
                (nameof b)
                $"There are {a.Length} and {b.Length} judgements; expected as many of each, at least one."

        let share (judgements: bool[]) =
            float (judgements |> Array.filter id |> Array.length) / float judgements.Length

        let observed = Array.map2 (=) a b |> share
        let expected = share a * share b + (1.0 - share a) * (1.0 - share b)

        if expected = 1.0 then
            nan
        else
            (observed - expected) / (1.0 - expected)

    /// [T] a series in time less its running median over the points at most so far to either side: what is sudden in it.
    let sudden (reach: int) (series: float[]) : float[] =
        series
        |> Array.mapi (fun t x ->
            let first, last = max 0 (t - reach), min (series.Length - 1) (t + reach)
            x - quantile 0.5 series[first..last])

    /// Where Spearman's ρ of two series in time stands among those with one of them shifted round by 1 … T − 1 points: the
    /// share of shifts with a smaller ρ. A shift keeps what each series owes to its own past, which a shuffle would not.
    let amongShifts (x: float[]) (y: float[]) : float =
        let found = spearman x y

        let shifted =
            [|
                for shift in 1 .. y.Length - 1 -> spearman x (Array.init y.Length (fun t -> y[(t + shift) % y.Length]))
            |]

        float (shifted |> Array.filter (fun rho -> rho < found) |> Array.length)
        / float shifted.Length
