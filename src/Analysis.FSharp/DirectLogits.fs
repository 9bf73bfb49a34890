namespace Superposition.Analysis

open System.Numerics

/// What directions of the residual stream do to the logits by themselves.
[<RequireQualifiedAccess>]
module DirectLogits =
    /// [m, vocabulary] P (w_j ⊙ γ) W_U: what a unit along each direction adds to the logits over the rms that the final norm divides by, P taking
    /// the mean over the vocabulary away, which softmax does not see: direct logit attribution. What later blocks make of it is left out.
    /// gain: [d] γ of the final norm; unembedding: [vocabulary, d]; directions: [m, d].
    let ofDirections<'T when 'T :> INumberBase<'T>> (gain: 'T[]) (unembedding: 'T[,]) (directions: 'T[,]) : 'T[,] =
        if gain.Length <> Array2D.length2 directions then
            invalidArg
                (nameof gain)
                $"The final norm has {gain.Length} gains, the directions {Array2D.length2 directions} dimensions; expected as many."

        let logits =
            Gram.between (directions |> Array2D.mapi (fun _ c w -> 'T.(*) (w, gain[c]))) unembedding

        let count = 'T.CreateChecked(Array2D.length2 logits)

        for j in 0 .. Array2D.length1 logits - 1 do
            let mutable sum = 'T.Zero

            for t in 0 .. Array2D.length2 logits - 1 do
                sum <- 'T.(+) (sum, logits[j, t])

            let mean = 'T.(/) (sum, count)

            for t in 0 .. Array2D.length2 logits - 1 do
                logits[j, t] <- 'T.(-) (logits[j, t], mean)

        logits
