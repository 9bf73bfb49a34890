namespace Superposition.Analysis

/// Which latents are on together.
[<RequireQualifiedAccess>]
module CoActivity =
    /// [m, m] rows on which both are on, on the diagonal those on which one is. The time is Σ L0² over rows.
    let counts (codes: SparseCodes) : int[,] =
        let counts = Array2D.zeroCreate codes.Width codes.Width

        for r in 0 .. codes.Rows - 1 do
            let on = codes.ColumnsOf r

            for a in on do
                for b in on do
                    counts[a, b] <- counts[a, b] + 1

        counts

    /// Correlation of being on, φ = (N n_ij − n_i n_j) / √(n_i n_j (N − n_i) (N − n_j)): 1 for latents always on together, 0 for independent ones,
    /// below for those that avoid each other; NaN where one is on always or never. rows: N.
    let phi (rows: int) (together: int) (a: int) (b: int) : float =
        let n, i, j = float rows, float a, float b
        (n * float together - i * j) / sqrt (i * j * (n - i) * (n - j))
