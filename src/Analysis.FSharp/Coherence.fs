namespace Superposition.Analysis

open System
open System.Numerics
open System.Numerics.Tensors

/// How much the rows of a dictionary resemble one another.
type Coherence =
    {
        /// [m] the other row with the greatest |cosine| to each.
        Nearest: Match[]
        /// Mean of these cosines: SAEBench's "max decoder cosine", and the mean max |cos| of SynthSAEBench's features.
        Mean: float
        /// Greatest of these cosines, the mutual coherence μ of compressed sensing.
        Max: float
        /// Mean |cosine| over the m(m − 1)/2 pairs; about √(2/πd) for random directions.
        MeanCosine: float
    }

/// Interference within a dictionary: latents split or merged, and features that share dimensions, both show here, without any truth.
[<RequireQualifiedAccess>]
module Coherence =
    /// So many rows are compared with all at once: [m, m] cosines of 16,384 rows would take a gigabyte, these take 16 MB.
    [<Literal>]
    let private Strip = 256

    /// max_{j'≠j} |cos(W_j, W_j')| for W: [m, d], m ≥ 2, and their mean and greatest. A zero row resembles nothing and counts with 0.
    /// SAEBench, core metrics; SAELens, synthetic/stats.py; μ of Donoho & Elad 2003.
    let ofRows<'T when 'T :> IBinaryFloatingPointIeee754<'T>> (W: 'T[,]) : Coherence =
        let m = Array2D.length1 W

        if m < 2 then
            invalidArg (nameof W) $"The dictionary has {m} rows; coherence needs at least two."

        let sums = Array.zeroCreate<float> m

        let nearest =
            Array.concat (
                seq {
                    for first in 0..Strip .. m - 1 do
                        let cosines = Matching.cosines Absolute W[first .. min m (first + Strip) - 1, *] W

                        // A row is not its own neighbour.
                        for i in 0 .. Array2D.length1 cosines - 1 do
                            cosines[i, first + i] <- 'T.Zero
                            let mutable sum = 0.0

                            for j in 0 .. m - 1 do
                                sum <- sum + Double.CreateTruncating cosines[i, j]

                            sums[first + i] <- sum
                            cosines[i, first + i] <- -'T.One

                        Matching.nearest cosines
                }
            )

        let greatest = nearest |> Array.map _.Cosine

        {
            Nearest = nearest
            Mean = Array.average greatest
            Max = Array.max greatest
            MeanCosine = Array.sum sums / (float m * float (m - 1))
        }

    /// [m] cos(e_j, d_j) for encoder and decoder, both [m, d], row j is latent j; 0 where either row is zero. 1 for tied weights; a latent
    /// that reads another direction than it writes, as one that subtracts its children when it absorbs, lies below.
    let encoderDecoder<'T when 'T :> IBinaryFloatingPointIeee754<'T>> (encoder: 'T[,]) (decoder: 'T[,]) : float[] =
        let shape W = Array2D.length1 W, Array2D.length2 W

        if shape encoder <> shape decoder then
            invalidArg
                (nameof decoder)
                $"The encoder is {shape encoder}, the decoder {shape decoder}; both are [m, d], a row a latent."

        let ofEncoder, ofDecoder = Gram.norms encoder, Gram.norms decoder

        Array.init ofEncoder.Length (fun j ->
            let length = ofEncoder[j] * ofDecoder[j]

            if 'T.IsZero length then
                0.0
            else
                let product = TensorPrimitives.Dot<'T>(Gram.row encoder j, Gram.row decoder j)
                Math.Clamp(Double.CreateTruncating(product / length), -1.0, 1.0))
