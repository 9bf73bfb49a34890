namespace Superposition.Analysis.Oracles

open System
open Superposition.Analysis

/// The limit of high sparsity: x = μ e_i, one feature active at a time, i uniform in 1…n, μ uniform in [0, 1].
/// Chen, Lau, Mendel, Wei & Murfet 2023, arXiv 2310.06301; their W is our Wᵀ, their c our n.
[<RequireQualifiedAccess>]
module OneActive =
    /// L = E‖x − ReLU(W Wᵀ x + b)‖² (not halved) with its gradient. Output j at x = μ e_i is open on an interval [lo, hi] of μ,
    /// and with g = W_i·W_j, a = δ_ij its share is (1/n) { (a − g)² (hi³ − lo³)/3 − (a − g) b_j (hi² − lo²) + b_j² (hi − lo)
    /// + a² (1 − (hi³ − lo³))/3 }. The ends of the interval add nothing to the gradient: there the error is the same on both sides.
    let lossAndGradient (W: float[,]) (b: float[]) : LossAndGradient =
        let n, d = Array2D.length1 W, Array2D.length2 W

        if b.Length <> n then
            invalidArg (nameof b) $"b has {b.Length} entries, W has {n} rows; each feature needs one."

        let gram = Gram.ofRows W
        let mutable loss = 0.0
        let byG = Array2D.zeroCreate n n
        let byB = Array.zeroCreate n
        let share = 1.0 / float n

        for i in 0 .. n - 1 do
            for j in 0 .. n - 1 do
                let g, b = gram[i, j], b[j]
                let a = if i = j then 1.0 else 0.0
                let zero = Math.Clamp(-b / g, 0.0, 1.0)

                let lo, hi =
                    if g > 0.0 then zero, 1.0
                    elif g < 0.0 then 0.0, zero
                    elif b > 0.0 then 0.0, 1.0
                    else 0.0, 0.0

                let first, second, third = hi - lo, hi * hi - lo * lo, hi * hi * hi - lo * lo * lo

                loss <-
                    loss
                    + share
                      * ((a - g) * (a - g) * third / 3.0 - (a - g) * b * second
                         + b * b * first
                         + a * a * (1.0 - third) / 3.0)

                byG[i, j] <- share * (b * second - 2.0 * (a - g) * third / 3.0)
                byB[j] <- byB[j] + share * (2.0 * b * first - (a - g) * second)

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

    /// The critical point of n features whose first k are a regular k-gon; of the others, which are zero, the first σ have the
    /// bias 1/(2n), which is best for a dropped feature, and the rest −1, where the gradient vanishes too. The length l and the
    /// bias of the k-gon minimise the loss, which the k-gon's symmetry makes critical in all of W and b.
    let polygon (n: int) (k: int) (positive: int) : float[,] * float[] =
        if k < 4 || k + positive > n then
            invalidArg
                (nameof k)
                $"A {k}-gon and {positive} dropped features of positive bias among {n}: k is at least 4, and together they are at most n."

        let place (l: float) (bias: float) =
            Array2D.init n 2 (fun i c ->
                let angle = 2.0 * Math.PI * float i / float k

                if i >= k then 0.0
                elif c = 0 then l * cos angle
                else l * sin angle),
            Array.init n (fun i ->
                if i < k then bias
                elif i < k + positive then 1.0 / (2.0 * float n)
                else -1.0)

        let best =
            Minimum.from
                500
                (fun at ->
                    let W, b = place at[0] at[1]
                    let value = lossAndGradient W b
                    let mutable byLength = 0.0

                    for i in 0 .. k - 1 do
                        byLength <- byLength + (value.W[i, 0] * W[i, 0] + value.W[i, 1] * W[i, 1]) / at[0]

                    struct (value.Loss, [| byLength; Array.sum value.b[.. k - 1] |]))
                [| 1.1; -0.2 |]

        place best.Point[0] best.Point[1]

    /// ½‖(W, b)‖² without the biases of −1, whose value does not matter: a gaussian prior's cost of a point.
    let halfSquaredNorm (W: float[,], b: float[]) : float =
        let squares = Seq.cast<float> W |> Seq.sumBy (fun w -> w * w)

        0.5
        * (squares
           + (b |> Array.filter (fun b -> b > -1.0) |> Array.sumBy (fun b -> b * b)))

    /// The number of samples n at which the Bayesian posterior moves from one phase to another of lower loss: the root of
    /// n ΔL + Δλ ln n + Δc = 0, each difference the new phase less the old: L the loss, λ the learning coefficient, c the cost of
    /// constant order. The paper's 601 for 5-gon to 6-gon comes of Δλ = 8.5 − 7 and Δc the difference of ½‖(W, b)‖².
    let transition (lossGap: float) (coefficientGap: float) (constantGap: float) : float =
        let balance n =
            n * lossGap + coefficientGap * log n + constantGap

        let rec bisect low high =
            let middle = 0.5 * (low + high)

            if high - low < 1e-9 * high then middle
            elif balance middle > 0.0 then bisect middle high
            else bisect low middle

        // Beyond the last point where it still rises, the balance falls for good.
        let top = max 1.0 (-coefficientGap / lossGap)

        if lossGap >= 0.0 || balance top <= 0.0 then
            invalidArg
                (nameof lossGap)
                $"The loss gap is {lossGap}: a transition needs a phase of lower loss that pays for it in complexity."

        let rec beyond n =
            if balance n > 0.0 then beyond (2.0 * n) else n

        bisect top (beyond top)
