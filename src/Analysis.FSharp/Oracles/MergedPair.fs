namespace Superposition.Analysis.Oracles

/// Why an L1 penalty merges a parent with its child: y = v₁ in a share 1 − ρ of rows and v₁ + v₂ in a share ρ, unit vectors at an angle
/// θ ≤ π/2. The costs are E min_{c≥0} ‖y − Ψc‖²/(2λ) + ‖c‖₁ for two dictionaries of two atoms, 0 ≤ λ < 1; λ = 0 demands y = Ψc.
/// Levine, MAIS, problem A3, proposition 3.1.
[<RequireQualifiedAccess>]
module MergedPair =
    let private demand penalty share angle =
        if
            not (
                penalty >= 0.0
                && penalty < 1.0
                && share >= 0.0
                && share <= 1.0
                && angle > 0.0
                && angle <= System.Math.PI / 2.0
            )
        then
            invalidArg
                (nameof angle)
                $"λ is {penalty}, ρ {share} and θ {angle}; they must be in [0, 1), [0, 1] and (0, π/2]."

    /// {v₁, v₂}: (1 − ρ)(1 − λ/2) + ρ(2 − λ/(1 + cos θ)), which is 1 + ρ at λ = 0.
    let ofTruth (penalty: float) (share: float) (angle: float) : float =
        demand penalty share angle

        (1.0 - share) * (1.0 - penalty / 2.0)
        + share * (2.0 - penalty / (1.0 + cos angle))

    /// {v₁, (v₁ + v₂)/‖v₁ + v₂‖}: 1 − λ/2 + ρ(2 cos(θ/2) − 1), for one atom is enough on every row. Less than ofTruth for every ρ > 0.
    let ofMerged (penalty: float) (share: float) (angle: float) : float =
        demand penalty share angle
        1.0 - penalty / 2.0 + share * (2.0 * cos (angle / 2.0) - 1.0)
