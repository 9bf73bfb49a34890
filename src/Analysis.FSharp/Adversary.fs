namespace Superposition.Analysis

open System
open System.Threading.Tasks

/// What the best attack on each output costs a model.
type Vulnerability =
    {
        /// L, the loss on the samples as they are.
        Clean: float
        /// [n] L'_i, the loss on the samples with the attack on output i added.
        Attacked: float[]
        /// The output whose attack costs most; the first of equals.
        Worst: int
    }

    /// L' − L for the worst attack. The paper plots this divided by the increase of a model without superposition.
    member vulnerability.Increase =
        vulnerability.Attacked[vulnerability.Worst] - vulnerability.Clean

    /// L' / L for the worst attack; ∞ for a model without clean loss.
    member vulnerability.Ratio =
        vulnerability.Attacked[vulnerability.Worst] / vulnerability.Clean

/// Adversarial examples for the ReLU output model x̂ = ReLU(W(Wᵀx) + b). W: [n, d], row i is feature i. Interference
/// gives an attacker a handle: many small inputs add up in the output of another feature.
/// Toy Models of Superposition, "Relationship to Adversarial Robustness".
[<RequireQualifiedAccess>]
module Adversary =
    /// The paper's attacks have a tenth of the mean input norm.
    [<Literal>]
    let NormFraction = 0.1

    /// [n, n] row i is δ_i = λ (WWᵀ)_i / ‖(WWᵀ)_i‖, the perturbation of norm λ that moves the pre-activation of output i
    /// most. A feature with W_i = 0 cannot be attacked: its row is 0. No gradient is used, for most ReLUs are off.
    let attacks (norm: float) (W: float[,]) : float[,] =
        let products = (Gram.ofRows W).Products
        let lengths = Gram.norms products

        products
        |> Array2D.mapi (fun i _ product ->
            if lengths[i] = 0.0 then
                0.0
            else
                norm * product / lengths[i])

    /// Losses Σ_i I_i (x_i − x̂_i)², the mean over samples: [S, n], without an attack and with each of the n attacks
    /// λ = fraction · mean ‖x‖. x̂ is computed from x + δ and compared to x: an attacker wants the answer to be wrong, and
    /// against x + δ a model without superposition would lose nothing. Every sample meets the same attack.
    let vulnerability
        (fraction: float)
        (W: float[,])
        (b: float[])
        (importance: float[])
        (samples: float[,])
        : Vulnerability =
        let n, S = Array2D.length1 W, Array2D.length1 samples

        if b.Length <> n || importance.Length <> n || Array2D.length2 samples <> n then
            invalidArg
                (nameof samples)
                $"W has {n} features, b {b.Length}, importance {importance.Length}, samples {Array2D.length2 samples}; all must have as many."

        if S = 0 then
            invalidArg (nameof samples) "There are no samples; a loss needs at least one."

        let products = (Gram.ofRows W).Products
        let direct = Gram.between samples products
        let attacks = attacks (fraction * Array.average (Gram.norms samples)) W
        // [n, n] row i is what attack i adds to every pre-activation.
        let pushes = Gram.between attacks products

        let loss (push: int -> float) =
            let mutable sum = 0.0

            for s in 0 .. S - 1 do
                for j in 0 .. n - 1 do
                    let error = samples[s, j] - max 0.0 (direct[s, j] + push j + b[j])
                    sum <- sum + importance[j] * error * error

            sum / float S

        let attacked = Array.zeroCreate n

        Parallel.For(0, n, (fun i -> attacked[i] <- loss (fun j -> pushes[i, j])))
        |> ignore

        {
            Clean = loss (fun _ -> 0.0)
            Attacked = attacked
            Worst = Array.IndexOf(attacked, Array.max attacked)
        }
