namespace Superposition.Analysis

/// A curve or a cloud of points, with a band around it where its spread is known.
type Series =
    {
        Name: string
        X: float[]
        Y: float[]
        /// Lower edge of the band, as long as X; empty for none.
        Low: float[]
        /// Upper edge of the band.
        High: float[]
    }

    static member Of(name, x, y) =
        {
            Name = name
            X = x
            Y = y
            Low = [||]
            High = [||]
        }

    /// Means over seeds with their 95 % intervals as the band.
    static member OfEstimates(name, x, estimates: Estimate[]) =
        {
            Name = name
            X = x
            Y = estimates |> Array.map _.Mean
            Low = estimates |> Array.map _.Low
            High = estimates |> Array.map _.High
        }
