namespace Superposition.Analysis.Experiments

open Superposition.Activations
open Superposition.Autoencoders

/// How the dictionaries of one layer are trained: BatchTopK, whose L0 is what is asked.
type DictionaryRecipe =
    {
        Latents: int
        L0: float
        Samples: int64
        LearningRate: float
        /// The second shows what of the first is the seed's.
        Seeds: int64[]
    }

[<RequireQualifiedAccess>]
module internal Dictionaries =
    /// Trains on activations [N, d], a seed each over one pass.
    let train (settings: RunSettings) (recipe: DictionaryRecipe) (stage: string) (seeds: int64[]) (values: float32[,]) =
        let options =
            seeds
            |> Array.map (fun seed ->
                Contender
                    .Find("batchtopk")
                    .Options(recipe.Latents, recipe.L0, recipe.Samples, seed, recipe.LearningRate)
                    .Watched(Settings.stage stage settings, settings.Cancellation))

        SparseAutoencoderSet.Train(ActivationView.Of values, "Activations", options)
        |> Seq.map _.Autoencoder
        |> Array.ofSeq

    /// Trains with the first seed alone on rows [N, d], and gives all directions [m, d].
    let directions (settings: RunSettings) (recipe: DictionaryRecipe) (stage: string) (rows: float[,]) : float[,] =
        let trained =
            rows |> Array2D.map float32 |> train settings recipe stage recipe.Seeds[..0]

        trained[0].Decoder |> Array2D.map float

    /// What an autoencoder does with all of these rows.
    let evaluate (settings: RunSettings) (autoencoder: SparseAutoencoder) (values: float32[,]) =
        SparseAutoencoderEvaluation.Of(
            autoencoder,
            ActivationView.Of values,
            "Activations",
            values.GetLength 0,
            cancellation = settings.Cancellation
        )

    /// [live, d] The directions that fired.
    let live (autoencoder: SparseAutoencoder) (evaluation: SparseAutoencoderEvaluation) : float[,] =
        let rows = autoencoder.Decoder |> Array2D.map float

        array2D
            [|
                for j in 0 .. autoencoder.Latents - 1 do
                    if evaluation.Firing[j] > 0.0 then
                        rows[j, *]
            |]
