namespace Superposition.Analysis.Questions

open System

/// How labels are dealt anew where neurons should answer to none. Positions near each other in a text are alike, in their tokens and in
/// their activations; a free shuffle forgets this and takes it for a finding.
[<RequireQualifiedAccess>]
type LabelNull =
    /// Stories of this length one after another; the labels of a whole story go to the activations of another one. Exact where stories
    /// can be exchanged, whatever hangs together within one; what hangs on the place in the story alone is no finding.
    | Stories of length: int
    /// All labels move along by one random number of positions, the end joined to the beginning: for one long text without a
    /// beat, or for stories of unequal length.
    | Shifted

/// Labels that know nothing of the activations.
[<RequireQualifiedAccess>]
module LabelNull =
    /// [N] labels dealt anew.
    let deal (labelNull: LabelNull) (seed: int) (labels: int[]) : int[] =
        let random = Random seed
        let n = labels.Length

        match labelNull with
        | LabelNull.Stories length ->
            let order = Array.init (n / length) id
            random.Shuffle order
            Array.init n (fun s -> labels[order[s / length] * length + s % length])
        | LabelNull.Shifted ->
            let shift = random.Next(1, n)
            Array.init n (fun s -> labels[(s + shift) % n])
