namespace Superposition.Analysis

/// The eigenspaces of a frame operator, and how the features' norms are spread over them.
type Spectrum =
    {
        /// [S] the eigenvalue of each eigenspace, descending: the mean of those merged into it. The kernel is left out,
        /// for no feature reaches into it.
        Eigenvalues: float[]
        /// [S] the dimension of each eigenspace; they add up to the rank of W.
        Multiplicities: int[]
        /// [n, S] μ_i: the share of ‖W_i‖² in each eigenspace. A row adds up to 1; a feature with W_i = 0 has only zeros.
        Measures: float[,]
    }

    /// [n] max_s μ_is: 1 for a feature that lies in one eigenspace; 0 for W_i = 0.
    member spectrum.Localisation: float[] =
        Array.init (Array2D.length1 spectrum.Measures) (fun i -> Array.fold max 0.0 spectrum.Measures[i, *])

    /// [n] 1 / Σ_s μ_is²: over how many eigenspaces a feature is spread, from 1 to S; 0 for W_i = 0.
    member spectrum.Participation: float[] =
        Array.init (Array2D.length1 spectrum.Measures) (fun i ->
            match spectrum.Measures[i, *] |> Array.sumBy (fun share -> share * share) with
            | 0.0 -> 0.0
            | squares -> 1.0 / squares)

/// The geometry of all features at once, read from the spectrum of F = WᵀW (WWᵀ in the papers, whose W is [d, n]).
/// W: [n, d], row i is feature i. Ivanov et al. 2026, "Spectral Superposition" (arXiv 2602.02224).
[<RequireQualifiedAccess>]
module Spectrum =
    /// Eigenvalues of trained tight frames differ by up to a tenth.
    [<Literal>]
    let MergedWithin = 0.1

    /// Eigenvalues below this share of the largest are rounding: W does not reach there.
    [<Literal>]
    let private Rounding = 1e-12

    /// [d, d] F = Σ_i W_i W_iᵀ.
    let frameOperator (W: float[,]) : float[,] =
        let columns =
            Array2D.init (Array2D.length2 W) (Array2D.length1 W) (fun c i -> W[i, c])

        Gram.between columns columns

    /// [first, end) of each run of descending values that lie within the tolerance of the run's first, relative to it.
    let private runs tolerance (values: float[]) =
        let rec from first =
            if first = values.Length then
                []
            else
                let leaves value =
                    value < (1.0 - tolerance) * values[first]

                let last =
                    values
                    |> Array.skip first
                    |> Array.tryFindIndex leaves
                    |> Option.map (fun offset -> first + offset)
                    |> Option.defaultValue values.Length

                (first, last) :: from last

        from 0

    /// Eigenspaces of F and the spectral measure of every feature: μ_is = ‖P_s W_i‖² / ‖W_i‖², P_s the projection onto
    /// eigenspace s. Eigenvalues within the relative tolerance of the largest of their space share one space.
    let ofWeights (tolerance: float) (W: float[,]) : Spectrum =
        if not (tolerance >= 0.0 && tolerance < 1.0) then
            invalidArg (nameof tolerance) $"The tolerance is {tolerance}; it must lie in [0, 1)."

        let eigen = Eigen.symmetric (frameOperator W)
        let beyondRounding value = value > Rounding * eigen.Values[0]

        let spaces =
            eigen.Values |> Array.takeWhile beyondRounding |> runs tolerance |> Array.ofList

        let along = Gram.between W eigen.Vectors
        let norms = Gram.norms W

        {
            Eigenvalues =
                spaces
                |> Array.map (fun (first, last) -> Array.average eigen.Values[first .. last - 1])
            Multiplicities = spaces |> Array.map (fun (first, last) -> last - first)
            Measures =
                Array2D.init norms.Length spaces.Length (fun i s ->
                    let first, last = spaces[s]

                    if norms[i] = 0.0 then
                        0.0
                    else
                        Seq.sum (seq { for v in first .. last - 1 -> (along[i, v] / norms[i]) ** 2.0 }))
        }

    /// Σ_i D_i / d, in [0, 1]: 1 when capacity is saturated. Since Σ_i D_i = rank W only if every feature lies in one
    /// eigenspace (Jensen, on D_i = ‖W_i‖² / Σ_s λ_s μ_is), saturation forces localisation.
    let saturation (W: float[,]) : float =
        Array.sum (Dimensionality.ofWeights W) / float (Array2D.length2 W)
