namespace Superposition.Analysis

open Deedle

/// A table of the report, as text.
type Table =
    {
        Caption: string
        Columns: string[]
        /// Which columns hold numbers, and stand to the right.
        IsNumber: bool[]
        Rows: string[][]
    }

/// Frames as the report shows them.
[<RequireQualifiedAccess>]
module Table =
    /// The first rows of a frame, at most so many, with what is left said in the caption. Numbers have four digits.
    let ofFrame (caption: string) (limit: int) (frame: Frame<int, string>) : Table =
        let columns = frame.ColumnKeys |> Seq.toArray

        let cell (column: string) (row: int) =
            match frame.Columns[column].TryGet row with
            | value when not value.HasValue -> ""
            | value ->
                match value.Value with
                | :? float as x -> Html.number x
                | :? bool as yes -> if yes then "yes" else "no"
                | other -> string other

        let shown = frame.RowKeys |> Seq.truncate limit |> Seq.toArray

        {
            Caption =
                if frame.RowCount > limit then
                    $"{caption} The first {limit} of {frame.RowCount} rows."
                else
                    caption
            Columns = columns
            IsNumber =
                columns
                |> Array.map (fun column ->
                    frame.Columns[column].Values
                    |> Seq.forall (function
                        | :? float
                        | :? int -> true
                        | _ -> false))
            Rows =
                shown
                |> Array.map (fun row -> columns |> Array.map (fun column -> cell column row))
        }
