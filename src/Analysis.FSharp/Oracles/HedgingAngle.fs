namespace Superposition.Analysis.Oracles

/// How far the only latent leans from a parent feature towards its child, both of length 1 at a right angle and worth 1 where they are on:
/// radians, for the tied, unit latent u = (cos θ, sin θ), z = ReLU(u·x), that minimises E‖x − u z‖². Chanin et al. 2025
/// (arXiv 2505.11756) train this pair; the angles are derived here.
[<RequireQualifiedAccess>]
module HedgingAngle =
    let private demandShares (both: float) (parentOnly: float) (childOnly: float) =
        for name, share in
            [
                nameof both, both
                nameof parentOnly, parentOnly
                nameof childOnly, childOnly
            ] do
            if not (share >= 0.0 && share <= 1.0) then
                invalidArg name $"{name} is {share}; it is a share of the rows, from 0 to 1."

        if both + parentOnly + childOnly > 1.0 + 1e-12 then
            invalidArg (nameof both) $"The shares sum to {both + parentOnly + childOnly}; they are of all rows."

    /// θ in [0, π/2] with tan 2θ = 2 p_both / (p_parentOnly − p_childOnly), without any bias: 13.3° where a child is on with a fifth of its
    /// parents and never alone. Every x there has u·x ≥ 0, so the loss is E‖x‖² − E(u·x)² and u the first eigenvector of E xxᵀ.
    let withoutBias (both: float) (parentOnly: float) (childOnly: float) : float =
        demandShares both parentOnly childOnly
        0.5 * atan2 (2.0 * both) (parentOnly - childOnly)

    /// θ in [0, π/2] when a decoder bias is free too, x̂ = u z + b: tan 2θ = 2 Cov / (Var_parent − Var_child), as b takes the mean of the
    /// residual and leaves its covariance; 14.1° in the example above. So independent features are not hedged: b = p_child f_child takes
    /// the child. Only where Cov ≥ 0: a latent that leans away is silent on a lone child, and u is no eigenvector.
    let withBias (both: float) (parentOnly: float) (childOnly: float) : float =
        demandShares both parentOnly childOnly
        let parent, child = both + parentOnly, both + childOnly
        let covariance = both - parent * child

        if covariance < -1e-15 then
            invalidArg
                (nameof both)
                $"The covariance is {covariance}; the closed form holds where parent and child are not anticorrelated."

        0.5
        * atan2 (2.0 * max 0.0 covariance) (parent * (1.0 - parent) - child * (1.0 - child))
