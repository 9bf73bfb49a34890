/// What a run folder keeps of a dictionary's latents on a text, for its browser.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.TextLatentsFiles

open Superposition.Analysis
open Superposition.Models
open Superposition.Storage

[<Literal>]
let private Tensors = "latents.safetensors"

[<Literal>]
let private Vocabulary = "vocabulary.csv"

/// The effects follow from the model's last norm and its head, which are smaller.
let write (folder: RunFolderWriter) (weights: LlamaWeights) (latents: TextLatents) =
    folder.WriteSafetensors(
        Tensors,
        dict
            [
                "W_dec", StoredArray.Of latents.Decoder
                "gain", StoredArray.Of(weights.FinalNorm, [| weights.FinalNorm.LongLength |])
                "W_U", StoredArray.Of weights.Head
                "tokens", CodesTensors.vector latents.Tokens
                yield! CodesTensors.ofCodes "" latents.Codes
            ]
    )

    let pieces = CsvTable [| "piece" |]

    for piece in latents.Vocabulary do
        pieces.Add [| box piece |]

    folder.WriteCsv(Vocabulary, pieces)

let read (folder: RunFolder) (window: int) : TextLatents =
    let tensors = folder.Safetensors Tensors
    let pieces = folder.Csv Vocabulary

    let rows (name: string) =
        tensors[name].ToMatrix() |> Array2D.map float32

    let decoder = rows "W_dec"

    {
        Codes = CodesTensors.codes "" (Array2D.length1 decoder) tensors
        Decoder = decoder
        Tokens = CodesTensors.ints tensors["tokens"]
        Window = window
        Vocabulary = Array.init pieces.Count (fun r -> pieces[r, "piece"])
        Effects =
            DirectLogits.ofDirections (tensors["gain"].ToSingles()) (rows "W_U") decoder
            |> Some
    }
