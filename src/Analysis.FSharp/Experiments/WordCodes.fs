namespace Superposition.Analysis.Experiments

open System.IO
open Microsoft.ML
open Superposition
open Superposition.Activations
open Superposition.Autoencoders
open Superposition.Storage

/// The latents of every word: who is active, and how strongly.
type internal WordCodes =
    {
        Words: string[]
        /// [words] latent and activation of each active latent.
        Active: (int * float)[][]
        Latents: int
    }

[<RequireQualifiedAccess>]
module internal WordCodes =
    /// The 30,000 GloVe vectors, and their words.
    let vectors (settings: RunSettings) : ActivationView * string[] =
        let glove = Path.Combine(settings.Data, "glove")

        let view =
            MLContext()
                .Data.LoadActivations(Path.Combine(glove, "glove-30k-100d.f16.npy"), Path.Combine(glove, "words.txt"))

        view, view.Words |> Option.ofObj |> Option.map Array.ofSeq |> Option.defaultValue [||]

    /// [m] the words of each latent with their activations, strongest first.
    let byLatent (codes: WordCodes) : (string * float)[][] =
        let words = Array.init codes.Latents (fun _ -> ResizeArray())

        codes.Active
        |> Array.iteri (fun word active ->
            for latent, value in active do
                words[latent].Add(codes.Words[word], value))

        words |> Array.map (Seq.sortByDescending snd >> Seq.toArray)

    let write (folder: RunFolderWriter) (codes: WordCodes) =
        let flat = codes.Active |> Array.concat
        let counts = codes.Active |> Array.map (Array.length >> int64)

        folder.WriteSafetensors(
            "codes.safetensors",
            dict
                [
                    "counts", StoredArray.Of(counts, [| counts.LongLength |])
                    "latents", StoredArray.Of(flat |> Array.map fst, [| flat.LongLength |])
                    "values", StoredArray.Of(flat |> Array.map (snd >> float32), [| flat.LongLength |])
                ]
        )

        File.WriteAllLines(folder.Path "words.txt", codes.Words)

    let read (folder: RunFolder) (latents: int) : WordCodes =
        let tensors = folder.Safetensors "codes.safetensors"
        let counts = tensors["counts"].ToInt64s() |> Array.map int
        let starts = counts |> Array.scan (+) 0
        let active, values = tensors["latents"].ToInt64s(), tensors["values"].ToDoubles()

        {
            Words = File.ReadAllLines(folder.Path "words.txt")
            Active =
                counts
                |> Array.mapi (fun word count ->
                    Array.init count (fun i -> int active[starts[word] + i], values[starts[word] + i]))
            Latents = latents
        }

    [<Literal>]
    let private Decoder = "decoder.safetensors"

    /// W_dec [m, d], by which latents are compared.
    let writeDecoder (folder: RunFolderWriter) (autoencoder: SparseAutoencoder) =
        folder.WriteSafetensors(Decoder, dict [ "W_dec", StoredArray.Of autoencoder.Decoder ])

    /// None of a run that was made before decoders were kept.
    let readDecoder (folder: RunFolder) : float32[,] option =
        if folder.Files.ContainsKey Decoder then
            let stored = (folder.Safetensors Decoder)["W_dec"]
            let values, d = stored.ToSingles(), int stored.Shape[1]
            Some(Array2D.init (values.Length / d) d (fun j i -> values[j * d + i]))
        else
            None
