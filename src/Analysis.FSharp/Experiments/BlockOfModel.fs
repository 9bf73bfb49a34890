namespace Superposition.Analysis.Experiments

open System.Collections.Generic
open Microsoft.ML
open Superposition
open Superposition.Activations
open Superposition.Analysis
open Superposition.Models
open Superposition.Storage

/// Activations and the dictionary of them.
type internal CodedLayer =
    {
        /// [N, d] on held-out text.
        Activations: float[,]
        /// [m, d] row j is what latent j writes.
        Directions: float[,]
        /// [N, m] what the latents do on the same text.
        Codes: SparseCodes
    }

/// A block of a language model, as the problems of the list are asked of it.
type internal BlockOfModel =
    {
        Model: LanguageModel
        /// Held out from the dictionaries' training.
        Text: TokenText
        /// [N] every token of the text in words, as the model's vocabulary has it.
        Pieces: string[]
        Layer: int
        /// The residual stream after the block.
        Residual: CodedLayer
        /// What the neurons of its hidden layer write.
        Hidden: CodedLayer
    }

/// Trained once for all problems that ask of it.
[<RequireQualifiedAccess>]
module internal BlockOfModel =
    /// As the questions have it, with one seed.
    let recipeOf (scale: Scale) : RealModelRecipe =
        let recipe = (RealQuestions.recipeFor scale null null).Model

        { recipe with
            Dictionary =
                { recipe.Dictionary with
                    Seeds = recipe.Dictionary.Seeds[..0]
                }
        }

    let private train (settings: RunSettings) (recipe: RealModelRecipe) (folder: RunFolderWriter) =
        use model = RealModel.load settings recipe.Model

        let struct (text, heldOut) =
            RealModel.texts settings model recipe.Tokens recipe.HeldOut recipe.Window

        let coded (name: string) point =
            let autoencoder =
                RealModel.matrix model text point
                |> Dictionaries.train settings recipe.Dictionary point recipe.Dictionary.Seeds
                |> Array.head

            let codes =
                SparseCodes.ofAutoencoder
                    autoencoder
                    (MLContext().Data.ModelActivations(model, heldOut, point))
                    "Activations"
                    (int64 heldOut.Count)

            [
                $"{name}.W_dec", StoredArray.Of autoencoder.Decoder
                yield! CodesTensors.ofCodes $"{name}." codes
            ]

        folder.WriteSafetensors(
            "block.safetensors",
            dict
                [
                    "tokens", Array.init heldOut.Count (fun r -> heldOut[r]) |> CodesTensors.vector
                    yield! coded "residual" recipe.Hook
                    yield! coded "hidden" (RealModel.layerOf recipe.Hook |> RealModel.neurons)
                ]
        )

    let private layer (tensors: IReadOnlyDictionary<string, StoredArray>) (name: string) activations =
        let directions = tensors[$"{name}.W_dec"].ToMatrix()

        {
            Activations = activations |> Array2D.map float
            Directions = directions
            Codes = CodesTensors.codes $"{name}." (Array2D.length1 directions) tensors
        }

    /// Trains, unless it lies beside the experiment's folder; the model is the caller's to dispose of.
    let measured (settings: RunSettings) (recipe: RealModelRecipe) : BlockOfModel =
        let folder = Settings.shared "block" recipe (train settings recipe) settings
        let tensors = folder.Safetensors "block.safetensors"
        let model = RealModel.load settings recipe.Model
        let text = TokenText(CodesTensors.ints tensors["tokens"], recipe.Window)
        let block = RealModel.layerOf recipe.Hook

        {
            Model = model
            Text = text
            Pieces = Array.init text.Count (fun r -> model.Tokenizer.Piece text[r])
            Layer = block
            Residual = RealModel.matrix model text recipe.Hook |> layer tensors "residual"
            Hidden = RealModel.neurons block |> RealModel.matrix model text |> layer tensors "hidden"
        }

    /// Where each latent is on: [latents][…] rows, ascending.
    let rowsOf (layer: CodedLayer) : int[][] =
        let byLatent = layer.Codes.Transposed()

        Array.init layer.Codes.Width (fun latent ->
            byLatent.Columns[byLatent.Starts[latent] .. byLatent.Starts[latent + 1] - 1])

    /// Latents that are on somewhere, ascending.
    let live (layer: CodedLayer) : int[] =
        layer.Codes.Columns |> Array.distinct |> Array.sort
