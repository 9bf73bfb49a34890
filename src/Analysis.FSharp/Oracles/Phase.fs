namespace Superposition.Analysis.Oracles

open Superposition.Analysis

/// What one feature too many does to a toy model: d unit features (importance 1) in d dimensions, d = 1 or 2, and behind
/// them the extra feature. Toy Models of Superposition, "Superposition as a Phase Change".
type Phase =
    /// The extra feature is not represented, the others are orthogonal.
    | ExtraDropped
    /// A unit feature gave its dimension to the extra one.
    | UnitDropped
    /// All are represented; the extra feature is opposite to a unit one.
    | ExtraPaired
    /// All are represented; two unit features are opposites, and the extra one has a dimension of its own.
    | UnitsPaired
    /// Three features in the plane, each at an obtuse angle to both others and none opposite: optimal near
    /// r = 1, p = 0.65, though the paper's diagram has no such region.
    | Triangle
    /// Two features share a direction and cannot be told apart, W_1 ≈ W_2: optimal for dense features of similar importance
    /// in a model without biases (McGrath's solution of n = 2, d = 1, printed with the paper); with biases, dropping is better.
    | Confused
    /// None of these: nothing represented, more than one dropped, or features at some other angle.
    | Unsettled

[<RequireQualifiedAccess>]
module Phase =
    /// Every phase, in the order of the cases.
    let all =
        [|
            ExtraDropped
            UnitDropped
            ExtraPaired
            UnitsPaired
            Triangle
            Confused
            Unsettled
        |]

    /// The phase of W: [d + 1, d], its last row the extra feature. A feature is dropped when ‖W_i‖ ≤ 0.5; two are opposite
    /// when their cosine is below −0.9, and confused above 0.9 (Geometry's thresholds).
    let ofWeights (W: float[,]) : Phase =
        let extra = Array2D.length1 W - 1
        let arrangement = Geometry.arrangement W
        let cosines = Geometry.cosines W
        let represented = arrangement.Represented

        let isConfused =
            Seq.allPairs represented represented
            |> Seq.exists (fun (i, j) -> i < j && cosines[i, j] > -Geometry.AntipodalCosine)

        match extra + 1 - represented.Length, arrangement.Pairs with
        | _ when isConfused -> Confused
        | 0, [| (_, j) |] -> if j = extra then ExtraPaired else UnitsPaired
        | 0, [||] when extra = 2 && Seq.forall (fun (i, j) -> cosines[i, j] < 0.0) [ 0, 1; 0, 2; 1, 2 ] -> Triangle
        | 1, [||] ->
            if Array.contains extra represented then
                UnitDropped
            else
                ExtraDropped
        | _ -> Unsettled

    /// How far W is from a change of label: the least distance of a ‖W_i‖ from 0.5 and of the |cosine| of two represented features from 0.9.
    /// Small on the edges that weights cross continuously, where losses show no rivals.
    let clearance (W: float[,]) : float =
        let represented = Geometry.represented W
        let cosines = Geometry.cosines W

        seq {
            for norm in Geometry.norms W do
                abs (norm - Geometry.RepresentedNorm)

            for i, j in Seq.allPairs represented represented do
                if i < j then
                    abs (abs cosines[i, j] + Geometry.AntipodalCosine)
        }
        |> Seq.min
