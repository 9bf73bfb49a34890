namespace Superposition.Analysis

open System
open System.Numerics.Tensors
open System.Threading.Tasks

/// What attacks cost a model.
type Vulnerability =
    {
        /// λ, the norm of every attack.
        Norm: float
        /// L, the loss on the samples as they are.
        Clean: float
        /// [n] L'_i, the loss when every sample meets the attack on output i.
        Attacked: float[]
        /// The output whose attack costs most; the first of equals.
        Worst: int
        /// The loss when each sample meets the attack that costs it most; at least every L'_i.
        Chosen: float
    }

    /// L' − L for the worst attack. The paper plots this divided by the increase of a model without superposition, which
    /// is λ² max_i I_i where all features are stored.
    member vulnerability.Increase =
        vulnerability.Attacked[vulnerability.Worst] - vulnerability.Clean

    /// L' − L when each sample meets its worst attack.
    member vulnerability.ChosenIncrease = vulnerability.Chosen - vulnerability.Clean

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

    /// Losses Σ_i I_i (x_i − x̂_i)², the mean over samples: [S, n], without an attack and with each of the n attacks of
    /// norm λ = fraction · mean ‖x‖. x̂ is computed from x + δ and compared to x: an attacker wants the answer to be wrong,
    /// and against x + δ a model without superposition would lose nothing.
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

        let direct =
            Gram.between samples products |> Array2D.mapi (fun _ j pre -> pre + b[j])

        let norm = fraction * Array.average (Gram.norms samples)
        // [n, n] row i is what attack i adds to every pre-activation.
        let pushes = Gram.between (attacks norm W) products

        let loss s (pushes: float[,]) i (errors: float[]) =
            TensorPrimitives.Add<float>(Gram.row direct s, Gram.row pushes i, errors)
            TensorPrimitives.Max<float>(errors, 0.0, errors)
            TensorPrimitives.Subtract<float>(Gram.row samples s, errors, errors)
            TensorPrimitives.Multiply<float>(errors, errors, errors)
            TensorPrimitives.Dot<float>(errors, importance)

        let none = Array2D.zeroCreate 1 n
        // [S, n + 1] the last column without an attack.
        let losses = Array2D.zeroCreate S (n + 1)

        Parallel.For(
            0,
            S,
            fun s ->
                let errors = Array.zeroCreate n

                for i in 0 .. n - 1 do
                    losses[s, i] <- loss s pushes i errors

                losses[s, n] <- loss s none 0 errors
        )
        |> ignore

        let mean column = Array.average losses[*, column]
        let attacked = Array.init n mean

        {
            Norm = norm
            Clean = mean n
            Attacked = attacked
            Worst = Array.IndexOf(attacked, Array.max attacked)
            Chosen = Array.init S (fun s -> Array.max losses[s, .. n - 1]) |> Array.average
        }
