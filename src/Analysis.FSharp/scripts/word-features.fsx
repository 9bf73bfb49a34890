// What do the features of real word vectors mean? A small autoencoder on GloVe, and the words each latent answers to.
//   dotnet fsi src/Analysis.FSharp/scripts/word-features.fsx
#load "load.fsx"

open Load

open System.IO
open Deedle
open Microsoft.ML
open Microsoft.ML.Data
open Superposition
open Superposition.Analysis
open Superposition.Autoencoders
open Superposition.Training

let ml = MLContext()
let glove = Path.Combine(repository, "data", "glove")
let wordsFile = Path.Combine(glove, "words.txt")
let words = File.ReadAllLines wordsFile

let view =
    ml.Data.LoadActivations(Path.Combine(glove, "glove-30k-100d.f16.npy"), wordsFile)

let options =
    TopKOptions(Latents = 256, K = 8, Seed = 1L, Samples = 600_000L, Optimizer = AdamWOptions(LearningRate = 2e-3))

let fitted =
    ml.Transforms.SparseAutoencoder("Latents", "Activations", options).Fit view

let byLatent =
    (fitted.Transform view).GetColumn<VBuffer<float32>> "Latents"
    |> Seq.mapi (fun word latents -> [ for item in latents.Items() -> item.Key, words[word], item.Value ])
    |> Seq.concat
    |> Seq.groupBy (fun (latent, _, _) -> latent)
    |> Seq.map (fun (latent, active) ->
        let strongest =
            active |> Seq.sortByDescending (fun (_, _, value) -> value) |> Seq.truncate 8

        let share = float (Seq.length active) / float words.Length

        latent,
        Series.ofObservations
            [
                "Density", box share
                "Strongest words", box (strongest |> Seq.map (fun (_, word, _) -> word) |> String.concat ", ")
            ])
    |> Seq.sortBy fst
    |> Frame.ofRows

printfn $"{byLatent.RowCount} of {options.Latents} latents are active somewhere"
(byLatent |> Frame.take 12).Print()

show
    "word-features"
    $"{byLatent.RowCount} of {options.Latents} latents are active on some word."
    [
        Charts.histogram
            "log₁₀ of the share of words a latent is active on"
            30
            [| "latents", byLatent?Density.Values |> Seq.map log10 |> Seq.toArray |]
        |> Figure.captioned "How often latents fire."
    ]
    [ byLatent |> Table.ofFrame "Every latent by its strongest words." 256 ]
