namespace Superposition.Analysis

open System

/// What a unit, a neuron or a latent, is tuned to among labelled features. A silent unit has 0 everywhere.
type Tuning =
    {
        /// Index of the unit.
        Index: int
        /// The feature with the greatest response, the first of equals; −1 for a silent unit.
        Favourite: int
        /// How many features reach the threshold share of the greatest response.
        Responding: int
        /// (Σ r²)² / Σ r⁴, from 1 (one feature) to n (all alike).
        ParticipationRatio: float
        /// (r_max − mean of the others) / (r_max + mean of the others), from 0 to 1.
        Selectivity: float
        /// r_max / Σ r, from 1/n to 1.
        Share: float
    }

/// Mean responses to labels, and how many samples stand behind each.
type LabelledResponses =
    {
        /// [units, labels] mean activation over the samples that carry the label; 0 for a label no sample carries.
        Responses: float[,]
        /// [labels] samples that carry the label.
        Samples: int[]
    }

/// How many features a unit speaks for. R: [units, features], r_uf ≥ 0 the response of unit u to feature f.
[<RequireQualifiedAccess>]
module Polysemanticity =
    /// Half of the greatest response, as the width of a tuning curve is taken at half its height.
    [<Literal>]
    let HalfMaximum = 0.5

    /// A neuron whose favourite has more than this share of its responses is monosemantic (Jermyn et al. 2022).
    [<Literal>]
    let MonosemanticShare = 0.999

    /// [units, features] max(0, W_ij): how neuron j of h = ReLU(Wᵀx) answers to feature i alone, at 1. W: [n, units], row i is
    /// feature i. Where inputs have both signs a neuron also answers to −1: hand over |W|.
    let ofToyNeurons (W: float[,]) : float[,] =
        Array2D.init (Array2D.length2 W) (Array2D.length1 W) (fun j i -> max 0.0 W[i, j])

    /// [units, features] R with responses up to three standard deviations of a unit's noise set to 0, so that the measures below see
    /// what stands above it. The deviation is the median response / 0.6745, as that of |N(0, σ)| is: right where less than half
    /// of the features drive a unit; without noise it is 0, and R stays as it is.
    let aboveNoise (R: float[,]) : float[,] =
        let floors =
            Array.init (Array2D.length1 R) (fun u ->
                if Array2D.length2 R = 0 then
                    0.0
                else
                    3.0 * Statistics.quantile 0.5 R[u, *] / 0.6745)

        R |> Array2D.mapi (fun u _ r -> if r <= floors[u] then 0.0 else r)

    /// Row u, checked: a negative response has no share of a whole.
    let private responses (R: float[,]) u =
        Array.init (Array2D.length2 R) (fun f ->
            let r = R[u, f]

            if not (r >= 0.0 && Double.IsFinite r) then
                invalidArg
                    (nameof R)
                    $"R[{u}, {f}] is {r}; responses must be finite and at least 0. Take max(0, r) or |r| first, whichever is meant."

            r)

    /// The whole row divided by its greatest response, so that no power under- or overflows; None for a silent unit.
    let private scaled (R: float[,]) u =
        let row = responses R u

        match (if row.Length = 0 then 0.0 else Array.max row) with
        | 0.0 -> None
        | greatest -> Some(row |> Array.map (fun r -> r / greatest))

    let private ofUnits (measure: float[] -> float) (R: float[,]) =
        Array.init (Array2D.length1 R) (fun u -> scaled R u |> Option.map measure |> Option.defaultValue 0.0)

    let private counting share (row: float[]) =
        row |> Array.filter (fun r -> r >= share) |> Array.length

    let private ratio (row: float[]) =
        let squares = row |> Array.sumBy (fun r -> r * r)
        squares * squares / Array.sumBy (fun r -> r ** 4.0) row

    let private selectivityOf (row: float[]) =
        if row.Length = 1 then
            1.0
        else
            let others = (Array.sum row - 1.0) / float (row.Length - 1)
            (1.0 - others) / (1.0 + others)

    let private shareOf (row: float[]) = 1.0 / Array.sum row

    /// [units] how many features reach the given share, in (0, 1], of the unit's greatest response; 0 for a silent unit.
    /// The plainest count, and the one a reader checks by eye; it hangs on the threshold, the others do not.
    let responding (share: float) (R: float[,]) : int[] =
        if not (share > 0.0 && share <= 1.0) then
            invalidArg (nameof share) $"The share is {share}; it must lie in (0, 1]."

        ofUnits (counting share >> float) R |> Array.map int

    /// [units] (Σ r²)² / Σ r⁴: 1 for a monosemantic unit, n for one that responds to all alike, 0 for a silent one.
    /// The effective number of features, with r² as weights: no threshold to choose.
    let participationRatio (R: float[,]) : float[] = ofUnits ratio R

    /// [units] (r_max − r̄_rest) / (r_max + r̄_rest): 1 when the favourite alone gives a response, 0 when all are alike
    /// or the unit is silent. The class selectivity index of Morcos et al. 2018 ("On the importance of single directions").
    let selectivity (R: float[,]) : float[] = ofUnits selectivityOf R

    /// [units] r_max / Σ r: 1 for a monosemantic unit, 1/n for a uniform one, 0 for a silent one.
    let share (R: float[,]) : float[] = ofUnits shareOf R

    /// How many units have a share above 0.999, the count of Jermyn et al. 2022 ("Engineering Monosemanticity"), who take the
    /// responses to unit features; silent units do not count.
    let monosemantic (R: float[,]) : int =
        share R |> Array.filter (fun share -> share > MonosemanticShare) |> Array.length

    /// [units] all of these at once, with the given threshold share.
    let ofResponses (threshold: float) (R: float[,]) : Tuning[] =
        let counts = responding threshold R

        Array.init (Array2D.length1 R) (fun u ->
            match scaled R u with
            | None ->
                {
                    Index = u
                    Favourite = -1
                    Responding = 0
                    ParticipationRatio = 0.0
                    Selectivity = 0.0
                    Share = 0.0
                }
            | Some row ->
                {
                    Index = u
                    Favourite = Array.IndexOf(row, 1.0)
                    Responding = counts[u]
                    ParticipationRatio = ratio row
                    Selectivity = selectivityOf row
                    Share = shareOf row
                })

    /// Mean responses of units to labels, where features are not known but samples carry labels. activations:
    /// [samples, units]; carried: [samples], the distinct labels of each sample, from 0 to labels − 1, none or several.
    let ofLabels (labels: int) (activations: float[,]) (carried: int[][]) : LabelledResponses =
        let samples, units = Array2D.length1 activations, Array2D.length2 activations

        if carried.Length <> samples then
            invalidArg (nameof carried) $"There are {samples} samples of activations and labels for {carried.Length}."

        let sums = Array2D.zeroCreate<float> units labels
        let counts = Array.zeroCreate<int> labels

        for s in 0 .. samples - 1 do
            for label in carried[s] do
                if label < 0 || label >= labels then
                    invalidArg (nameof carried) $"Sample {s} carries label {label}; labels run from 0 to {labels - 1}."

                counts[label] <- counts[label] + 1

                for u in 0 .. units - 1 do
                    sums[u, label] <- sums[u, label] + activations[s, u]

        {
            Responses = sums |> Array2D.mapi (fun _ label sum -> sum / float (max 1 counts[label]))
            Samples = counts
        }

    /// [units] the greatest share of a unit's strongest samples that carry one label: near 1 where its strongest examples have
    /// something in common, 0 for a unit no sample drives. activations: [samples, units]; carried as for ofLabels, and at
    /// most so many samples are looked at, those above 0. What people see when they rate neurons by their top examples (Elhage
    /// et al. 2022, "Softmax Linear Units"); a second feature that never comes out on top stays unseen.
    let ofStrongest (count: int) (labels: int) (activations: float[,]) (carried: int[][]) : float[] =
        let samples = Array2D.length1 activations

        if carried.Length <> samples || count < 1 then
            invalidArg
                (nameof carried)
                $"There are {samples} samples of activations, labels for {carried.Length}, and the {count} strongest are asked for; expected labels for each and at least one."

        Array.init (Array2D.length2 activations) (fun u ->
            let strongest =
                [| 0 .. samples - 1 |]
                |> Array.filter (fun s -> activations[s, u] > 0.0)
                |> Array.sortByDescending (fun s -> activations[s, u])
                |> Array.truncate count

            let carrying = Array.zeroCreate<int> labels

            for s in strongest do
                for label in carried[s] do
                    carrying[label] <- carrying[label] + 1

            if strongest.Length = 0 || labels = 0 then
                0.0
            else
                float (Array.max carrying) / float strongest.Length)
