namespace Superposition.Analysis

open System
open Microsoft.ML
open Superposition.Autoencoders

/// Which columns of a wide row are not 0, row by row: the latents of an autoencoder, or the features of a world. A few bytes an entry,
/// so that a million rows of thirty fit in memory.
type SparseCodes =
    {
        /// Columns: m latents, or n features.
        Width: int
        /// [rows + 1] Where each row begins and ends.
        Starts: int[]
        /// [entries] Columns, ascending within a row.
        Columns: int[]
        /// [entries] Their values.
        Values: float32[]
    }

    member codes.Rows = codes.Starts.Length - 1

    /// The columns of a row that are not 0.
    member codes.ColumnsOf(row: int) : ReadOnlySpan<int> =
        ReadOnlySpan(codes.Columns, codes.Starts[row], codes.Starts[row + 1] - codes.Starts[row])

    /// Their values.
    member codes.ValuesOf(row: int) : ReadOnlySpan<float32> =
        ReadOnlySpan(codes.Values, codes.Starts[row], codes.Starts[row + 1] - codes.Starts[row])

    /// The same by column: the codes' transpose, rows ascending within a column.
    member codes.Transposed() : SparseCodes =
        let starts = Array.zeroCreate<int>(codes.Width + 1)

        for column in codes.Columns do
            starts[column + 1] <- starts[column + 1] + 1

        for column in 1 .. codes.Width do
            starts[column] <- starts[column] + starts[column - 1]

        let next = Array.copy starts

        let rows, values =
            Array.zeroCreate codes.Columns.Length, Array.zeroCreate codes.Columns.Length

        for row in 0 .. codes.Rows - 1 do
            for entry in codes.Starts[row] .. codes.Starts[row + 1] - 1 do
                let at = next[codes.Columns[entry]]
                rows[at] <- row
                values[at] <- codes.Values[entry]
                next[codes.Columns[entry]] <- at + 1

        {
            Width = codes.Rows
            Starts = starts
            Columns = rows
            Values = values
        }

    /// An entry; 0 where there is none.
    member codes.Value(row: int, column: int) : float =
        let first = codes.Starts[row]

        match Array.BinarySearch(codes.Columns, first, codes.Starts[row + 1] - first, column) with
        | at when at >= 0 -> float codes.Values[at]
        | _ -> 0.0

/// Takes rows as they come.
[<Sealed>]
type SparseCodesBuilder(width: int) =
    let starts, columns, values =
        ResizeArray [ 0 ], ResizeArray<int>(), ResizeArray<float32>()

    /// A row: columns from 0 to width − 1, ascending, each once; values of 0 are left out.
    member _.Add(latents: ReadOnlySpan<int>, active: ReadOnlySpan<float32>) : unit =
        let mutable last = -1

        for i in 0 .. latents.Length - 1 do
            if latents[i] <= last || latents[i] >= width then
                invalidArg
                    (nameof latents)
                    $"Row {starts.Count - 1} has column {latents[i]} after {last}; columns must ascend, from 0 to {width - 1}."

            last <- latents[i]

            if active[i] <> 0.0f then
                columns.Add latents[i]
                values.Add active[i]

        starts.Add columns.Count

    member _.Build() : SparseCodes =
        {
            Width = width
            Starts = starts.ToArray()
            Columns = columns.ToArray()
            Values = values.ToArray()
        }

[<RequireQualifiedAccess>]
module SparseCodes =
    /// Codes held as pairs of column and value, in any order.
    let ofPairs (width: int) (rows: (int * float)[][]) : SparseCodes =
        let builder = SparseCodesBuilder width

        for row in rows do
            let ordered = row |> Array.sortBy fst
            builder.Add(ReadOnlySpan(Array.map fst ordered), ReadOnlySpan(ordered |> Array.map (snd >> float32)))

        builder.Build()

    /// What an autoencoder makes of the first rows of a column.
    let ofAutoencoder (autoencoder: SparseAutoencoder) (view: IDataView) (column: string) (rows: int64) : SparseCodes =
        let builder = SparseCodesBuilder autoencoder.Latents

        SparseAutoencoderEvaluation.Of(
            autoencoder,
            view,
            column,
            rows,
            observe = LatentsOfRow(fun _ latents values -> builder.Add(latents, values))
        )
        |> ignore

        builder.Build()
