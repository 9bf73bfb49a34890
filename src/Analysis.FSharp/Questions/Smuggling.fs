namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// Neurons that say little and do much.
type Smuggling =
    {
        /// The quarter of the neurons with the least mean |activation|, the least first.
        Weak: int[]
        /// Their share of all direct effect, beside effects per activation dealt anew among all neurons.
        WeakShare: AgainstChance
        /// The same with its 95 % interval over neurons.
        WeakInterval: Interval
        /// Spearman's ρ of activation and effect per activation. Below 0 the weak make up for it; a network can scale a neuron down and its
        /// output weights up without any change.
        Trend: float
        /// The weak neurons' share of all effects per activation over what the trend foretells, log effect = α + β log activation; beside these
        /// ratios dealt anew among all: a quarter by chance, small p where the weak do more than the trend of all says.
        BeyondTrend: AgainstChance
        /// Weak neurons among the quarter with the greatest effect, the greatest first: the smugglers, if there are any.
        Smugglers: int[]
        /// How many, beside effects per activation dealt anew.
        Count: AgainstChance
    }

/// Do some neurons smuggle: low activation, high effect on the logits? P4.39 asks it of rows of a toy, where a neuron is weak in a row; here
/// it is weak over all of them, and its share of what is added is that of its direct effect on the logits.
[<RequireQualifiedAccess>]
module Smuggling =
    /// [neurons] ‖P (w_j ⊙ γ) W_U‖, of DirectLogits: how far the logits move for a unit of activation over the rms that the final norm divides
    /// by. out: [neurons, d] output weights w_j; gain: [d] γ of the final norm; unembedding: [vocabulary, d].
    let perUnit (out: float[,]) (gain: float[]) (unembedding: float[,]) : float[] =
        let logits = DirectLogits.ofDirections gain unembedding out

        Array.init (Array2D.length1 logits) (fun j -> logits[j, *] |> Array.sumBy (fun x -> x ** 2.0) |> sqrt)

    let private shareOf (weak: int[]) (effect: float[]) =
        (weak |> Array.sumBy (fun j -> effect[j])) / Array.sum effect

    let private least count (values: float[]) =
        [ 0 .. values.Length - 1 ]
        |> List.sortBy (fun j -> values[j])
        |> List.truncate count
        |> Array.ofList

    /// [n] a line through (x, y) that a tenth of the neurons do not tilt, and what of y is above it: its slope is the median over pairs half of the
    /// neurons apart in x, its height the median of what is left (Theil 1950, incomplete method). order: by x.
    let private beyond (order: int[]) (x: float[]) (y: float[]) =
        let half = order.Length / 2
        let apart = order.Length - half

        let slopes =
            Array.init half (fun rank ->
                let low, high = order[rank], order[rank + apart]
                (y[high] - y[low]) / (x[high] - x[low]))

        let slope = slopes |> Array.filter Double.IsFinite |> Statistics.quantile 0.5
        let height = Array.map2 (fun x y -> y - slope * x) x y |> Statistics.quantile 0.5
        let fitted = x |> Array.map (fun x -> height + slope * x)
        fitted, Array.map2 (-) y fitted

    /// activation: [neurons] E|a_j|; effect: [neurons] E[|a_j| / rms] · perUnit, both above 0 (leave silent neurons out). The null deals effect /
    /// activation anew, not the effect: what is active has an effect for that alone.
    let measure (seed: int) (draws: int) (activation: float[]) (effect: float[]) : Smuggling =
        let n = activation.Length

        if
            n < 8
            || effect.Length <> n
            || draws < 2
            || Array.exists (fun x -> not (x > 0.0 && Double.IsFinite x)) (Array.append activation effect)
            || Array.distinct activation |> Array.length <= n / 2 + 1
        then
            invalidArg
                (nameof effect)
                $"There are activations of {n} neurons, effects of {effect.Length} and {draws} draws; expected as many of both, above 0, at least 8 neurons that differ in activation, and two draws."

        let weak = least (n / 4) activation
        let perActivation = Array.map2 (/) effect activation
        let trend = Statistics.spearman activation perActivation
        let random = Random seed

        let smugglers effect =
            let strong = least (n / 4) (effect |> Array.map (~-)) |> Set.ofArray

            weak
            |> Array.filter strong.Contains
            |> Array.sortByDescending (fun j -> effect[j])

        let dealt =
            Array.init draws (fun _ ->
                let perActivation = Array.copy perActivation
                random.Shuffle perActivation
                Array.map2 (*) activation perActivation)

        let x, y = Array.map log activation, Array.map log perActivation
        let order = least n x
        let fitted, above = beyond order x y
        let shareAbove (above: float[]) = above |> Array.map exp |> shareOf weak

        let kept =
            Array.init draws (fun _ ->
                let above = Array.copy above
                random.Shuffle above
                // A line is fitted to what is dealt as well: what was fitted once is closer to its line than what was not.
                Array.map2 (+) fitted above |> beyond order x |> snd |> shareAbove)

        let share = shareOf weak effect
        let found = smugglers effect

        {
            Weak = weak
            WeakShare = dealt |> Array.map (shareOf weak) |> NullDraws.beside share
            WeakInterval =
                Array.zip activation effect
                |> Statistics.bootstrap seed 1000 (fun sample ->
                    let activation, effect = Array.unzip sample
                    shareOf (least (n / 4) activation) effect)
            Trend = trend
            BeyondTrend = NullDraws.beside (shareAbove above) kept
            Smugglers = found
            Count =
                dealt
                |> Array.map (smugglers >> Array.length >> float)
                |> NullDraws.beside (float found.Length)
        }
