namespace Superposition.Analysis

open System

/// A linear probe that reads some neurons of a layer: a yes-or-no property of a position as Σ w_j a_j.
type SparseProbe =
    {
        /// [k] which it reads.
        Neurons: int[]
        /// [k] weights of the activations as they are.
        Weights: float[]
    }

    /// [N] what it says of each row of [N, neurons]; only the order of what it says counts.
    member probe.Scores(activations: float[,]) : float[] =
        Array.init (Array2D.length1 activations) (fun r ->
            let mutable sum = 0.0

            for i in 0 .. probe.Neurons.Length - 1 do
                sum <- sum + probe.Weights[i] * activations[r, probe.Neurons[i]]

            sum)

/// Fits probes of one property on any neurons of one layer; the inner products of all are formed once. activations: [N, neurons]; labels: [N],
/// with some of either kind.
[<Sealed>]
type SparseProbes(activations: float[,], labels: bool[]) =
    /// Of the mean variance: neurons that nearly repeat each other get no huge weights of opposite signs.
    [<Literal>]
    let Ridge = 1e-4

    let n, neurons = Array2D.length1 activations, Array2D.length2 activations
    let positive = labels |> Array.filter id |> Array.length

    do
        if labels.Length <> n || positive = 0 || positive = n then
            invalidArg
                (nameof labels)
                $"There are {n} positions and {labels.Length} labels, {positive} of them true; expected as many, and some of either kind."

    // [neurons] columns without their mean, at length √N; a silent neuron stays 0.
    let deviations =
        Array.init neurons (fun j ->
            let column = activations[*, j]
            let mean = Array.average column
            sqrt (column |> Array.averageBy (fun x -> (x - mean) ** 2.0)))

    let standardised =
        Array2D.init neurons n (fun j r -> activations[r, j])
        |> fun columns ->
            for j in 0 .. neurons - 1 do
                let mean = Array.average columns[j, *]

                for r in 0 .. n - 1 do
                    columns[j, r] <-
                        if deviations[j] = 0.0 then
                            0.0
                        else
                            (columns[j, r] - mean) / deviations[j]

            columns

    let products = Gram.ofRows standardised

    // [neurons] Σ over positions of the standardised neuron times the label without its mean.
    let towards =
        let share = float positive / float n

        Array.init neurons (fun j ->
            let mutable sum = 0.0

            for r in 0 .. n - 1 do
                sum <- sum + standardised[j, r] * ((if labels[r] then 1.0 else 0.0) - share)

            sum)

    /// [neurons] All of them, first those whose means with the property and without differ most, in their standard deviations: maximum mean
    /// difference (Gurnee et al. 2023, "Finding Neurons in a Haystack", section 3).
    member _.Ranked: int[] =
        Array.init neurons id |> Array.sortByDescending (fun j -> abs towards[j])

    /// The probe with least squares on these neurons.
    member _.Fit(neurons: int[]) : SparseProbe =
        let k = neurons.Length

        let own =
            Array2D.init k k (fun a b -> products[neurons[a], neurons[b]] / float n + (if a = b then Ridge else 0.0))
            |> Eigen.symmetric

        let c = neurons |> Array.map (fun j -> towards[j] / float n)

        let along =
            Array.init k (fun s ->
                let mutable sum = 0.0

                for i in 0 .. k - 1 do
                    sum <- sum + own.Vectors[s, i] * c[i]

                sum / own.Values[s])

        {
            Neurons = neurons
            Weights =
                Array.init k (fun i ->
                    let w = Seq.sum (seq { for s in 0 .. k - 1 -> own.Vectors[s, i] * along[s] })

                    if deviations[neurons[i]] = 0.0 then
                        0.0
                    else
                        w / deviations[neurons[i]])
        }

/// How well probes tell.
[<RequireQualifiedAccess>]
module SparseProbe =
    /// Area under the ROC curve: the chance that a position with the property scores above one without, ties counted half; 0.5 for a probe that
    /// knows nothing (Hanley & McNeil 1982). Some labels of either kind are needed.
    let auc (scores: float[]) (labels: bool[]) : float =
        let positive = labels |> Array.filter id |> Array.length

        if scores.Length <> labels.Length || positive = 0 || positive = labels.Length then
            invalidArg
                (nameof labels)
                $"There are {scores.Length} scores and {labels.Length} labels, {positive} of them true; expected as many, and some of either kind."

        let ranks = Statistics.ranks scores

        let sum =
            Array.fold2 (fun sum rank label -> if label then sum + rank else sum) 0.0 ranks labels

        let p, q = float positive, float (labels.Length - positive)
        (sum - p * (p + 1.0) / 2.0) / (p * q)
