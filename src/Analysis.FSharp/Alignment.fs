namespace Superposition.Analysis

open System
open System.Numerics.Tensors

/// Whether directions prefer the neuron axes: a privileged basis. Rotating W and the activations together leaves a
/// bottleneck model as it is, so whatever it prefers of one basis came from training.
/// Elhage, Lasenby & Olah 2023, "Privileged Bases in the Transformer Residual Stream".
[<RequireQualifiedAccess>]
module Alignment =
    /// [n] E[(x − μ)⁴]/σ⁴ of each row, μ and σ over its coordinates: 3 for gaussian coordinates in many dimensions,
    /// d − 2 + 1/(d − 1) for one neuron alone, always 1 for d = 2. rows: [samples, d] of activations, or W. NaN for a row that does
    /// not vary. In few dimensions it lies below 3 for directions without preference: compare to the null.
    let kurtoses (rows: float[,]) : float[] =
        Array.init (Array2D.length1 rows) (fun s ->
            let row = rows[s, *]
            let mean = Array.average row
            let squares = row |> Array.map (fun x -> (x - mean) ** 2.0)

            match Array.average squares with
            | 0.0 -> nan
            | variance ->
                (squares |> Array.averageBy (fun square -> square * square))
                / (variance * variance))

    /// Mean of kurtoses over the rows that vary; NaN when none does.
    let kurtosis (rows: float[,]) : float =
        match kurtoses rows |> Array.filter (Double.IsNaN >> not) with
        | [||] -> nan
        | varying -> Array.average varying

    /// [n] max_c |W_ic| / ‖W_i‖: the greatest |cosine| of each row with an axis, from 1/√d to 1; 0 for a zero row.
    let axisCosines (W: float[,]) : float[] =
        Gram.norms W
        |> Array.mapi (fun i norm ->
            if norm = 0.0 then
                0.0
            else
                (W[i, *] |> Array.map abs |> Array.max) / norm)

    /// Mean of axisCosines over the rows that have a direction; NaN when none has.
    let meanAxisCosine (W: float[,]) : float =
        match axisCosines W |> Array.filter (fun cosine -> cosine > 0.0) with
        | [||] -> nan
        | cosines -> Array.average cosines

    /// [d, d] a random orthogonal matrix, uniform over all of them (Haar): Gram–Schmidt on gaussian directions.
    let rotation (seed: int) (d: int) : float[,] =
        let rows = Matching.random seed d d

        for i in 0 .. d - 1 do
            for j in 0 .. i - 1 do
                let along = TensorPrimitives.Dot(Gram.row rows i, Gram.row rows j)

                for c in 0 .. d - 1 do
                    rows[i, c] <- rows[i, c] - along * rows[j, c]

            let norm = TensorPrimitives.Norm(Gram.row rows i)

            for c in 0 .. d - 1 do
                rows[i, c] <- rows[i, c] / norm

        rows

    /// A measure of rows: [samples, d] beside what it is after random rotations of the d dimensions, all rows turned
    /// alike. Rotation r has the seed (seed + r).
    let excess (seed: int) (rotations: int) (measure: float[,] -> float) (rows: float[,]) : AgainstChance =
        if rotations < 2 then
            invalidArg (nameof rotations) $"There are {rotations} rotations; a spread needs at least two."

        Array.init rotations (fun r -> rotation (seed + r) (Array2D.length2 rows) |> Gram.between rows |> measure)
        |> NullDraws.beside (measure rows)
