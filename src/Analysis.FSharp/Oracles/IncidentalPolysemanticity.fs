namespace Superposition.Analysis.Oracles

open System.Numerics.Tensors
open System.Runtime.InteropServices
open Superposition.Analysis

/// Polysemantic neurons without need: m ≥ n neurons could serve one feature each, but an L1 penalty lets every feature grow on the
/// neuron where it happened to start largest, and two may start on the same with opposite signs.
/// Lecomte, Thaman, Schaeffer, Bashkansky, Chow & Koyejo 2023, arXiv 2312.03096.
[<RequireQualifiedAccess>]
module IncidentalPolysemanticity =
    /// The neurons expected to hold two features, n²/(4m): n²/2 pairs, each on one neuron with probability 1/m, with opposite signs half the time.
    let expected (n: int) (m: int) : float = float n * float n / (4.0 * float m)

    /// How many neurons hold two features or more, with |W_ij| in [0.8, 1.2]. W: [n, m].
    let count (W: float[,]) : int =
        Seq.length (
            seq {
                for j in 0 .. Array2D.length2 W - 1 do
                    let held = W[*, j] |> Array.filter (fun w -> abs w >= 0.8 && abs w <= 1.2)

                    if held.Length >= 2 then
                        j
            }
        )

    let private row (W: float[,]) i =
        MemoryMarshal.CreateSpan(&W[i, 0], Array2D.length2 W)

    /// [n, m] the weights of y = ReLU(W Wᵀ x), trained on the n one-hots from random unit rows (the paper's N(0, 1/m), but for its
    /// few per cent of difference in length). Gradient flow on ¼ Σ_i ‖e_i − ReLU(W W_i)‖² + λ‖W‖₁, which are the paper's three forces:
    /// dW_i/dt = (1 − ‖W_i‖²) W_i − Σ_{j≠i} ReLU(W_i·W_j) W_j − λ sign W_i, by Euler steps whose last force shrinks towards 0
    /// and stops there. Rows sparsify as ‖W_i‖₁ = 1/(1/√m + λt), so λ·steps·step of a few is an end.
    let train (seed: int) (n: int) (m: int) (penalty: float) (step: float) (steps: int) : float[,] =
        if m < n then
            invalidArg
                (nameof m)
                $"There are {m} neurons for {n} features; polysemanticity is incidental only where m ≥ n."

        let W = Matching.random seed n m
        let next = Array2D.zeroCreate<float> n m
        let shrink = step * penalty

        for _ in 1..steps do
            let gram = Gram.ofRows W

            for i in 0 .. n - 1 do
                let target = row next i
                TensorPrimitives.Multiply(Gram.row W i, 1.0 + step * (1.0 - gram[i, i]), target)

                for j in 0 .. n - 1 do
                    if j <> i && gram[i, j] > 0.0 then
                        TensorPrimitives.MultiplyAdd(Gram.row W j, -step * gram[i, j], target, target)

                for j in 0 .. m - 1 do
                    let w = next[i, j]
                    next[i, j] <- if abs w <= shrink then 0.0 else w - shrink * float (sign w)

            System.Array.Copy(next, W, W.Length)

        W
