/// Sparse codes as tensors of a run folder.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.CodesTensors

open System.Collections.Generic
open Superposition.Analysis
open Superposition.Storage

/// Whole numbers as a vector.
let vector (values: int[]) : StoredArray =
    StoredArray.Of(values, [| values.LongLength |])

/// A tensor of whole numbers.
let ints (tensor: StoredArray) : int[] = tensor.ToInt64s() |> Array.map int

/// starts [rows + 1], latents and values [entries], each with a prefix.
let ofCodes (prefix: string) (codes: SparseCodes) : (string * StoredArray) list =
    [
        prefix + "starts", vector codes.Starts
        prefix + "latents", vector codes.Columns
        prefix + "values", StoredArray.Of(codes.Values, [| codes.Values.LongLength |])
    ]

/// The codes of that prefix; width: m.
let codes (prefix: string) (width: int) (tensors: IReadOnlyDictionary<string, StoredArray>) : SparseCodes =
    {
        Width = width
        Starts = ints tensors[prefix + "starts"]
        Columns = ints tensors[prefix + "latents"]
        Values = tensors[prefix + "values"].ToSingles()
    }
