namespace Superposition.Analysis

/// A dimensionality that uniform geometries settle at, and the shape that has it.
type Level = { Name: string; Value: float }

/// How much of a dimension each feature has to itself.
[<RequireQualifiedAccess>]
module Dimensionality =
    /// [n] as ofWeights, from the inner products.
    let ofGram (gram: Gram) : float[] =
        Array.init gram.Size (fun i ->
            match gram[i, i] * gram[i, i] with
            | 0.0 -> 0.0
            | own -> own / (own + gram.SumOfSquaresOfOthers i))

    /// [n] D_i = ‖W_i‖⁴ / Σ_j (W_i·W_j)², in [0, 1]; 0 for a feature that is not represented (W_i = 0).
    /// W: [n, d], row i is feature i. Equal to the capacity C_i of Scherlis et al. 2022 (eq. 1);
    /// introduced in Toy Models of Superposition, "The Geometry of Superposition". Σ_i D_i ≤ rank W.
    /// Rows of activations h_j in place of W give the dimensionality of samples (Henighan et al. 2023).
    let ofWeights (W: float[,]) : float[] = ofGram (Gram.ofRows W)

    /// D* = d / ‖W‖_F², dimensions per represented feature; ∞ when nothing is represented.
    /// It counts features by their squared norms, so it falls below the mean D_i where norms exceed 1: a trained
    /// pentagon has D_i = 2/5 and D* near 0.31 (Toy Models of Superposition, "Uniform Superposition").
    let perFeature (W: float[,]) : float =
        let d = Array2D.length2 W
        float d / (Gram.norms W |> Array.sumBy (fun norm -> norm * norm))

    /// The levels of Toy Models of Superposition, "Feature Dimensionality". N equal vectors that form a tight frame of
    /// d dimensions have D_i = d/N, and a sum of such shapes in orthogonal subspaces keeps the level of each.
    let levels: Level[] =
        [|
            "dedicated", 1.0
            "tetrahedron", 3.0 / 4.0
            "triangle", 2.0 / 3.0
            "digon", 1.0 / 2.0
            "pentagon", 2.0 / 5.0
            "square antiprism", 3.0 / 8.0
            "not represented", 0.0
        |]
        |> Array.map (fun (name, value) -> { Name = name; Value = value })

    /// The level nearest to a dimensionality, if one lies within the tolerance (pentagon and antiprism are 0.025 apart).
    let level (tolerance: float) (dimensionality: float) : Level option =
        let nearest =
            levels |> Array.minBy (fun level -> abs (level.Value - dimensionality))

        if abs (nearest.Value - dimensionality) <= tolerance then
            Some nearest
        else
            None
