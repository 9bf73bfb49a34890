namespace Superposition.Analysis

/// y ≈ a + s x.
type Line =
    {
        /// s.
        Slope: float
        /// a.
        Intercept: float
        /// Of the slope: √(Σ residual² / (K − 2) / Σ (x − x̄)²); NaN for two points.
        StandardError: float
        /// Lower end of the slope's 95 % t-interval with K − 2 degrees of freedom; −∞ for two points.
        Low: float
        /// Upper end; +∞ for two points.
        High: float
    }

/// Lines through measured points.
[<RequireQualifiedAccess>]
module LeastSquares =
    /// The line with the least Σ (y − a − s x)² through K ≥ 2 points.
    let line (x: float[]) (y: float[]) : Line =
        if x.Length <> y.Length || x.Length < 2 then
            invalidArg
                (nameof y)
                $"There are {x.Length} x and {y.Length} y; a line needs as many of both, at least two."

        let meanX, meanY = Array.average x, Array.average y
        let sxx = x |> Array.sumBy (fun x -> (x - meanX) ** 2.0)

        if sxx = 0.0 then
            invalidArg (nameof x) $"All x are {x[0]}; a slope needs two that differ."

        let slope =
            Array.fold2 (fun sum x y -> sum + (x - meanX) * (y - meanY)) 0.0 x y / sxx

        let intercept = meanY - slope * meanX

        if x.Length = 2 then
            {
                Slope = slope
                Intercept = intercept
                StandardError = nan
                Low = -infinity
                High = infinity
            }
        else
            let residuals =
                Array.fold2 (fun sum x y -> sum + (y - intercept - slope * x) ** 2.0) 0.0 x y

            let error = sqrt (residuals / float (x.Length - 2) / sxx)
            let half = Statistics.studentT (x.Length - 2) * error

            {
                Slope = slope
                Intercept = intercept
                StandardError = error
                Low = slope - half
                High = slope + half
            }

    /// y ≈ e^a x^s: the line through (log x, log y), all of them above 0. Scaling laws are read from its slope.
    let powerLaw (x: float[]) (y: float[]) : Line =
        for name, values in [ nameof x, x; nameof y, y ] do
            match values |> Array.tryFindIndex (fun value -> not (value > 0.0)) with
            | Some i -> invalidArg name $"{name}[{i}] is {values[i]}; a logarithm needs values above 0."
            | None -> ()

        line (Array.map log x) (Array.map log y)
