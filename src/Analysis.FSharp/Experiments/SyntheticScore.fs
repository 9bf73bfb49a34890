namespace Superposition.Analysis.Experiments

open System
open System.Globalization
open System.Threading
open Superposition.Activations
open Superposition.Analysis
open Superposition.Autoencoders

/// How an autoencoder does on a world whose features are known; a row of SynthSAEBench.
type SyntheticScore =
    {
        L0: float
        /// Mean F1 of latents as detectors of their nearest features, dead ones included.
        F1: float
        Mcc: float
        Uniqueness: float
        /// Explained variance.
        Ev: float
        Dead: float
        Shrinkage: float
        /// Rows it was measured on.
        Rows: int64
    }

[<RequireQualifiedAccess>]
module Scoring =
    /// What an autoencoder is judged by: SynthSAEBench keeps the selection of training, which for BatchTopK is by batch.
    let private judged (options: SparseAutoencoderOptions) (autoencoder: SparseAutoencoder) =
        let withBatch k =
            let served = autoencoder

            SparseAutoencoder(
                served.Encoder,
                served.EncoderBias,
                served.Decoder,
                served.DecoderBias,
                BatchTopKActivation k
            )

        match options with
        | :? BatchTopKOptions as batch -> withBatch batch.K
        | :? MatryoshkaOptions as batch -> withBatch batch.K
        | _ -> autoencoder

    /// Active features of a world's rows on stream −1, in order, drawn many at a time.
    type private Truth(world: SyntheticActivations) =
        let block = 1024
        let n = world.World.Features
        let starts = Array.zeroCreate<int>(block + 1)

        let indices, values =
            Array.zeroCreate<int>(4 * n + block * 64), Array.zeroCreate<float32>(4 * n + block * 64)

        let mutable first, drawn = 0L, 0

        member _.Row(row: int64) : ReadOnlySpan<int> =
            if row >= first + int64 drawn then
                first <- row
                drawn <- world.Draw(-1L, row, starts.AsSpan(), indices.AsSpan(), values.AsSpan())

            let r = int (row - first)
            ReadOnlySpan(indices, starts[r], starts[r + 1] - starts[r])

    /// Measures on so many rows that nobody trained on.
    let measure
        (world: SyntheticActivations)
        (truth: float32[,])
        (options: SparseAutoencoderOptions)
        (rows: int64)
        (cancellation: CancellationToken)
        (autoencoder: SparseAutoencoder)
        : SyntheticScore =
        let dictionary = DictionaryScore.measure truth autoencoder.Decoder

        let counts =
            DetectionCounts(world.World.Features, dictionary.Nearest |> Array.map _.Partner)

        let features = Truth world

        let evaluation =
            SparseAutoencoderEvaluation.Of(
                judged options autoencoder,
                world,
                "Activations",
                rows,
                observe = LatentsOfRow(fun row latents _ -> counts.Add(latents, features.Row row)),
                cancellation = cancellation
            )

        {
            L0 = evaluation.L0
            F1 = counts.Measure().MeanF1
            Mcc = dictionary.Mcc
            Uniqueness = dictionary.Uniqueness
            Ev = evaluation.ExplainedVariance
            Dead = evaluation.Dead
            Shrinkage = evaluation.Shrinkage
            Rows = rows
        }

    /// Whether an L0 is that far from what was asked, as a share, that its row is marked.
    let missesL0 (asked: float) (score: SyntheticScore) : bool = abs (score.L0 - asked) > 0.05 * asked

    /// `row WORLD SAE l0=… f1=… mcc=… uniqueness=… ev=… dead=… samples=… samples_per_s=…`, with `off-target` where the L0 missed.
    let line
        (world: string)
        (sae: string)
        (asked: float)
        (samples: int64)
        (perSecond: float)
        (score: SyntheticScore)
        : string =
        let number (value: float) =
            value.ToString("0.0000", CultureInfo.InvariantCulture)

        let mark = if missesL0 asked score then " off-target" else ""

        let l0, speed =
            score.L0.ToString("0.00", CultureInfo.InvariantCulture),
            perSecond.ToString("0", CultureInfo.InvariantCulture)

        $"row {world} {sae} l0={l0} f1={number score.F1} mcc={number score.Mcc} uniqueness={number score.Uniqueness} "
        + $"ev={number score.Ev} dead={number score.Dead} samples={samples} samples_per_s={speed}{mark}"
