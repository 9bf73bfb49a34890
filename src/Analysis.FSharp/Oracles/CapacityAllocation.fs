namespace Superposition.Analysis.Oracles

open System
open Superposition.Analysis

/// Capacity as a budget: the quadratic model, whose loss depends on the directions only through the capacities C_i.
/// Target Σ_i v_i x_i², the x_i independent with mean 0, variance 1 and kurtosis F = E x⁴; model ŷ = ‖Wᵀx‖² + b; W: [n, d].
/// Scherlis, Sachan, Jermyn, Benton & Shlegeris 2022, arXiv 2210.01892.
[<RequireQualifiedAccess>]
module CapacityAllocation =
    /// L = (F − 1) Σ_i (v_i − ‖W_i‖²)² + 2 Σ_{i≠j} (W_i·W_j)² and [n, d] ∂L/∂W; b is at its best, Σ_i v_i − ‖W_i‖².
    let lossAndGradient (F: float) (v: float[]) (W: float[,]) : struct (float * float[,]) =
        let n = Array2D.length1 W

        if v.Length <> n then
            invalidArg (nameof v) $"v has {v.Length} entries, W has {n} rows; each feature needs one."

        let gram = Gram.ofRows W

        let loss =
            Seq.sum (
                seq {
                    for i in 0 .. n - 1 -> (F - 1.0) * (v[i] - gram[i, i]) ** 2.0 + 2.0 * gram.SumOfSquaresOfOthers i
                }
            )

        let gradient =
            W
            |> Array2D.mapi (fun i c w ->
                let mutable interference = 0.0

                for j in 0 .. n - 1 do
                    if j <> i then
                        interference <- interference + gram[i, j] * W[j, c]

                4.0 * (F - 1.0) * (gram[i, i] - v[i]) * w + 8.0 * interference)

        struct (loss, gradient)

    /// [n] C_i(λ) = clip((v_i (F − 1) √(2/λ) − 2) / (F − 3), 0, 1): the marginal benefit −∂L_i/∂C_i = 2 v_i² (F − 1)²/(2 + (F − 3) C_i)²
    /// of every feature that is stored in part is λ, above it for one stored whole, below it for one dropped.
    let private capacities (F: float) (v: float[]) (root: float) =
        v
        |> Array.map (fun v -> Math.Clamp((v * (F - 1.0) * root - 2.0) / (F - 3.0), 0.0, 1.0))

    /// [n] the optimal capacities for d dimensions: water-filling, Σ_i C_i = d. Needs F > 3, where benefits diminish and sharing pays:
    /// at F = 3 they are constant, and below it a feature is stored whole or not at all.
    let optimal (F: float) (v: float[]) (d: int) : float[] =
        if not (F > 3.0) then
            invalidArg
                (nameof F)
                $"F is {F}; water-filling needs a kurtosis above 3, below it the d largest v_i get one dimension each."

        if d >= v.Length then
            Array.create v.Length 1.0
        elif not (Array.forall (fun v -> v > 0.0) v) then
            invalidArg (nameof v) "Every v_i must be above 0; a feature without value gets no capacity."
        else
            // √(2/λ) from where nothing is stored to where everything is.
            let rec bisect low high =
                let middle = 0.5 * (low + high)

                if middle <= low || middle >= high then
                    middle
                elif Array.sum (capacities F v middle) < float d then
                    bisect middle high
                else
                    bisect low middle

            capacities F v (bisect 0.0 (1.0 / Array.min v))

    /// Whether two features share one dimension: 2/(F − 1) < v₂/v₁ < (F − 1)/2; outside, the smaller is ignored.
    let isShared (F: float) (ratio: float) : bool =
        2.0 / (F - 1.0) < ratio && ratio < (F - 1.0) / 2.0

    /// The loss that the capacities leave: Σ_i 2 v_i² (F − 1)(1 − C_i)/(2 + (F − 3) C_i), norms at their best.
    let loss (F: float) (v: float[]) (C: float[]) : float =
        Array.map2 (fun v C -> 2.0 * v * v * (F - 1.0) * (1.0 - C) / (2.0 + (F - 3.0) * C)) v C
        |> Array.sum
