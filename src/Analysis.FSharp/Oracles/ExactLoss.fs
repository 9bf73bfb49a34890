namespace Superposition.Analysis.Oracles

open System

/// Independent features: x_i is 0 with probability 1 − p_i, else uniform in [0, 1].
type IndependentFeatures =
    {
        /// [n] p_i, in [0, 1].
        Density: float[]
        /// [n] I_i, the weight of feature i in the loss.
        Importance: float[]
    }

/// Where a loss stands and where it falls.
type LossAndGradient =
    {
        Loss: float
        /// [n, d] ∂L/∂W.
        W: float[,]
        /// [n] ∂L/∂b.
        b: float[]
    }

[<RequireQualifiedAccess>]
module IndependentFeatures =
    /// n features of one density, all of importance 1.
    let uniform (n: int) (density: float) : IndependentFeatures =
        {
            Density = Array.create n density
            Importance = Array.create n 1.0
        }

/// The ReLU output model's loss without sampling: L = Σ_i I_i E(x_i − x̂_i)², x̂ = ReLU(W Wᵀ x + b); W: [n, d], b: [n].
[<RequireQualifiedAccess>]
module ExactLoss =
    /// The quadrature of small slopes is exact up to this many features, and the time grows as 3ⁿ.
    [<Literal>]
    let MostFeatures = 6

    /// v(p) = p/3 − p²/4, the variance of a feature: what it costs, per unit of importance, not to represent it (b_i = p/2).
    /// Toy Models of Superposition, notebook.
    let ofDropped (density: float) : float = density / 3.0 - density * density / 4.0

    let private demand (features: IndependentFeatures) (W: float[,]) (b: float[]) =
        let n = Array2D.length1 W

        if n < 1 || n > MostFeatures then
            invalidArg (nameof W) $"W has {n} rows; the exact loss is for 1 to {MostFeatures} features."

        for name, length in
            [
                nameof b, b.Length
                "Density", features.Density.Length
                "Importance", features.Importance.Length
            ] do
            if length <> n then
                invalidArg name $"{name} has {length} entries, W has {n} rows; each feature needs one."

        for p in features.Density do
            if not (p >= 0.0 && p <= 1.0) then
                invalidArg "Density" $"Density has {p}; a density is a probability, from 0 to 1."

    /// L, ∂L/∂W and ∂L/∂b, exact but for rounding. Output i sees only row i of G = W Wᵀ and b_i:
    /// L_i = I_i (p_i/3 − 2 E x_i ReLU(z_i) + E ReLU(z_i)²) with z_i = b_i + Σ_j G_ij x_j, and ∂L/∂W = (∂L/∂G + (∂L/∂G)ᵀ) W.
    let lossAndGradient (features: IndependentFeatures) (W: float[,]) (b: float[]) : LossAndGradient =
        demand features W b
        let n, d = Array2D.length1 W, Array2D.length2 W

        let product i j =
            let mutable sum = 0.0

            for c in 0 .. d - 1 do
                sum <- sum + W[i, c] * W[j, c]

            sum

        let mutable loss = 0.0
        let byG = Array2D.zeroCreate n n
        let byB = Array.zeroCreate n

        for i in 0 .. n - 1 do
            let z = RectifiedSum.moments features.Density (Array.init n (product i)) b[i] i

            let I = features.Importance[i]
            loss <- loss + I * (features.Density[i] / 3.0 + 2.0 * (z.Square - z.BySlope[i]))
            byB[i] <- 2.0 * I * (z.ByBias - z.OwnByBias)

            for j in 0 .. n - 1 do
                byG[i, j] <- 2.0 * I * (z.BySlope[j] - z.OwnBySlope[j])

        {
            Loss = loss
            W =
                Array2D.init n d (fun i c ->
                    let mutable sum = 0.0

                    for j in 0 .. n - 1 do
                        sum <- sum + (byG[i, j] + byG[j, i]) * W[j, c]

                    sum)
            b = byB
        }
