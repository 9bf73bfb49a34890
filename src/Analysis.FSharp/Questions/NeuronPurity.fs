namespace Superposition.Analysis.Questions

open Superposition.Analysis

/// What a neuron answers to in one stretch of its activation.
type ActivationInterval =
    {
        /// Least activation in it.
        Low: float
        /// Greatest.
        High: float
        /// Positions in it.
        Count: int
        /// The commonest label there, the first of equals.
        Commonest: int
        /// Its share of these positions.
        CommonestShare: float
        /// Some of the positions, drawn at random, ascending: the evidence.
        Positions: int[]
    }

/// What a neuron answers to over its whole range.
type NeuronPurity =
    {
        Neuron: int
        /// The label that it answers to best, over the whole range; −1 for a silent neuron.
        Answer: int
        /// (s − f) / (1 − f), the greatest over labels: s the mean share of the label over the intervals of both signs, each counted alike, f its
        /// share of all positions. 1 for a neuron that answers to one label and no other, 0 for one that takes labels as they come, and for a
        /// silent one; beside the same with labels dealt anew.
        Purity: AgainstChance
        /// The same among the strongest positions alone, whichever their sign: what top examples show.
        Top: float
        /// Purity of the positive side alone; NaN where it has no interval.
        Positive: float
        /// Purity of the negative side alone; NaN where it has no interval.
        Negative: float
        /// Whether the neuron answers to some label at all, more than chance gives, with the false share held over all neurons.
        Answers: bool
        /// From the least activation to the greatest.
        Intervals: ActivationInterval[]
    }

/// Are there truly monosemantic neurons?
type Monosemanticity =
    {
        /// The purest first.
        Ranked: NeuronPurity[]
        /// Purity of the purest, beside the purest of each draw: whether any neuron is purer than the best of so many by chance.
        Purest: AgainstChance
        /// Mean purity of the neurons that are not silent: what all of them together say of the labels.
        MeanPurity: AgainstChance
        /// The same with its 95 % interval over neurons.
        PurityInterval: Interval
        /// The purity that counts as monosemantic.
        Pure: float
    }

    /// The neurons that answer to a label, and to hardly anything else, over their whole range.
    member found.Monosemantic =
        found.Ranked
        |> Array.filter (fun one -> one.Answers && one.Purity.Value >= found.Pure)

    /// Those that look so by their strongest positions only.
    member found.Illusions =
        found.Ranked
        |> Array.filter (fun one -> one.Top >= found.Pure && one.Purity.Value < found.Pure)
