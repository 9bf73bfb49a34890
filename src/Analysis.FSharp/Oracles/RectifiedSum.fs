namespace Superposition.Analysis.Oracles

open System

/// A = E ½ReLU(z)² for z = b + Σ_j g_j x_j, and what else of z an output needs: E x_j ReLU(z) is ∂A/∂g_j.
type internal RectifiedMoments =
    {
        Square: float
        /// ∂A/∂b = E ReLU(z).
        ByBias: float
        /// [n] ∂A/∂g_j = E x_j ReLU(z).
        BySlope: float[]
        /// ∂²A/∂g_i∂b = E[x_i; z > 0] for the feature i that was asked for.
        OwnByBias: float
        /// [n] ∂²A/∂g_i∂g_j = E[x_i x_j; z > 0].
        OwnBySlope: float[]
    }

/// The moments in closed form. Averaging a function f of z over an x_j that is uniform in [0, 1] replaces it by
/// (F(z + g_j) − F(z)) / g_j, F' = f; so with H_k(t) = t₊ᵏ/k! and m features active, A is the sum over the corners ε of
/// the cube of ±H_{2+m}(b + ε·g) / Π g_j, and its derivatives are sums of H_m, H_{m+1}, H_{m+2} at the same corners.
/// The quotients lose digits as g_j → 0. Features with such slopes are integrated by Gauss–Legendre instead, between the
/// points where z changes sign at a corner: there the average over the other features is a polynomial of degree n + 1, which
/// four nodes integrate exactly up to n = 6. So every value is exact but for rounding.
[<Sealed>]
type private Corners(density: float[], slopes: float[], bias: float, own: int) =
    static let nodes, weights =
        let a, b =
            sqrt (3.0 / 7.0 - 2.0 / 7.0 * sqrt 1.2), sqrt (3.0 / 7.0 + 2.0 / 7.0 * sqrt 1.2)

        let heavy, light = (18.0 + sqrt 30.0) / 72.0, (18.0 - sqrt 30.0) / 72.0

        [| 0.5 - b / 2.0; 0.5 - a / 2.0; 0.5 + a / 2.0; 0.5 + b / 2.0 |], [| light; heavy; heavy; light |]

    let n = slopes.Length

    /// The features by |g_j|, smallest first: the outermost are integrated, the others take corners.
    let order =
        let order, keys = Array.init n id, Array.map abs slopes
        Array.Sort(keys, order)
        order

    /// How many are integrated: corners are taken as long as the second derivative, divided by g_j² once more, keeps ten digits.
    let integrated =
        let scale = abs bias + Array.sumBy abs slopes
        let mutable first = n
        let mutable rounding = 1e-16 / 2.0

        while first > 0
              && (let g = abs slopes[order[first - 1]] / scale
                  rounding <- rounding / (float (n - first + 3) * g)
                  rounding / (g * g) <= 1e-10) do
            first <- first - 1

        first

    /// How far z can still rise behind each depth; a z that stays below 0 contributes nothing.
    let reach = Array.scanBack (fun j rest -> max 0.0 slopes[j] + rest) order 0.0

    /// What the features behind an integrated one can add to z at the corners.
    let corners =
        Array.init integrated (fun depth ->
            Array.fold (fun sums j -> Array.append sums (Array.map ((+) slopes[j]) sums)) [| 0.0 |] order[depth + 1 ..])

    /// x_j, and 1/g_j where the feature takes corners, 0 where it does not.
    let x = Array.zeroCreate<float> n
    let quotient = Array.zeroCreate<float> n

    let bySlope = Array.zeroCreate<float> n
    let ownBySlope = Array.zeroCreate<float> n
    let mutable square = 0.0
    let mutable byBias = 0.0
    let mutable ownByBias = 0.0

    member private _.Add(z: float, weight: float, m: int) =
        let mutable h0 = weight

        for k in 1..m do
            h0 <- h0 * z / float k

        let h1 = h0 * z / float (m + 1)
        let h2 = h1 * z / float (m + 2)
        square <- square + h2
        byBias <- byBias + h1
        ownByBias <- ownByBias + x[own] * h0 - quotient[own] * h1

        for j in 0 .. n - 1 do
            bySlope[j] <- bySlope[j] + x[j] * h1 - quotient[j] * h2

            ownBySlope[j] <-
                ownBySlope[j] + x[own] * x[j] * h0
                - (x[own] * quotient[j] + x[j] * quotient[own]) * h1
                + (if j = own then 2.0 else 1.0) * quotient[own] * quotient[j] * h2

    member private this.Integrate(depth: int, z: float, weight: float, m: int) =
        let j = order[depth]
        let g = slopes[j]

        let kinks =
            corners[depth]
            |> Array.map (fun rest -> -(z + rest) / g)
            |> Array.filter (fun at -> at > 0.0 && at < 1.0)

        Array.sortInPlace kinks

        for piece in 0 .. kinks.Length do
            let low = if piece = 0 then 0.0 else kinks[piece - 1]
            let length = (if piece = kinks.Length then 1.0 else kinks[piece]) - low

            for node in 0 .. nodes.Length - 1 do
                x[j] <- low + length * nodes[node]
                this.Descend(depth + 1, z + g * x[j], weight * length * weights[node], m)

    member private this.Descend(depth: int, z: float, weight: float, m: int) : unit =
        if z + reach[depth] > 0.0 then
            if depth = n then
                this.Add(z, weight, m)
            else
                let j = order[depth]
                let p, g = density[j], slopes[j]
                x[j] <- 0.0
                quotient[j] <- 0.0

                if p < 1.0 then
                    this.Descend(depth + 1, z, weight * (1.0 - p), m)

                if p > 0.0 && depth < integrated then
                    this.Integrate(depth, z, weight * p, m)
                elif p > 0.0 then
                    quotient[j] <- 1.0 / g
                    this.Descend(depth + 1, z, -weight * p / g, m + 1)
                    x[j] <- 1.0
                    this.Descend(depth + 1, z + g, weight * p / g, m + 1)

    member this.Sum() : RectifiedMoments =
        this.Descend(0, bias, 1.0, 0)

        {
            Square = square
            ByBias = byBias
            BySlope = bySlope
            OwnByBias = ownByBias
            OwnBySlope = ownBySlope
        }

[<RequireQualifiedAccess>]
module internal RectifiedSum =
    /// The moments of z = b + Σ_j g_j x_j; the x_j are independent, 0 with probability 1 − p_j, else uniform in [0, 1].
    let moments (density: float[]) (slopes: float[]) (bias: float) (own: int) : RectifiedMoments =
        Corners(density, slopes, bias, own).Sum()
