namespace Superposition.Analysis.Oracles

open Superposition.Features

/// The phase diagram of d unit features and an extra one of importance r in d dimensions, as one draws it by hand: unit
/// vectors, opposites or dropped, and biases of 0 where a feature is stored. Free biases and norms do better: their
/// edges of superposition lie 9 to 13 % higher in p, and 25 % where two unit features pair (see PhaseDiagram), so these are lines to draw,
/// not labels to train against.
/// Derived from Toy Models of Superposition, "Superposition as a Phase Change", with E x² − b² and E min(U, U')² = 1/6.
[<RequireQualifiedAccess>]
module Ansatz =
    /// The loss of a phase; None for what has no such form: unit features paired where there is but one, and all others.
    let loss (units: int) (r: float) (p: float) (phase: Phase) : float option =
        match phase with
        | ExtraDropped -> Some(r * ExactLoss.ofDropped p)
        | UnitDropped -> Some(ExactLoss.ofDropped p)
        | ExtraPaired -> Some((1.0 + r) * p * p / 6.0)
        | UnitsPaired when units >= 2 -> Some(p * p / 3.0)
        | UnitsPaired
        | Triangle
        | Confused
        | Unsettled -> None

    /// The phase of least loss; the first of equals.
    let best (units: int) (r: float) (p: float) : Phase =
        Phase.all
        |> Array.choose (fun phase -> loss units r p phase |> Option.map (fun loss -> phase, loss))
        |> Array.minBy snd
        |> fst

    /// p = 4r/(2 + 5r): below it the extra feature is stored opposite to a unit one, above it dropped (r ≤ 1).
    let extraStored (r: float) : float = 4.0 * r / (2.0 + 5.0 * r)

    /// p = 4/(5 + 2r): above it a single unit feature makes room for the extra one, below it they are opposites (r ≥ 1, one unit feature).
    let unitStored (r: float) : float = 4.0 / (5.0 + 2.0 * r)

    /// p = 4/7, where both lines meet at r = 1, three phases touch, and with two unit features the edge of pairing for every r ≥ 1.
    let triplePoint: float = 4.0 / 7.0

    /// p = E v²/(2 E min(v, v')² + (E v)²): below it features that are alike, worth v when active, are stored as opposites; 4/7 for v
    /// uniform in [0, 1]. A pair loses the lesser of its two where both are active, which costs 2p² E min(v, v')²; to store but one of
    /// them costs p E v² − p² (E v)², the variance of the other.
    let pairing (values: FeatureValues) : float =
        let cells = 6_000 // the steps of up to six levels fall between them

        let squaredMinimum =
            [| 0 .. cells - 1 |]
            |> Array.averageBy (fun cell ->
                let u = (float cell + 0.5) / float cells
                2.0 * (1.0 - u) * float (values.Quantile(float32 u)) ** 2.0)

        values.MeanSquare / (2.0 * squaredMinimum + values.Mean * values.Mean)
