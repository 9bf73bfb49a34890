namespace Superposition.Analysis.Experiments

open System
open System.IO
open Microsoft.ML
open Superposition
open Superposition.Activations
open Superposition.Analysis
open Superposition.Analysis.Questions
open Superposition.Autoencoders
open Superposition.Models

/// A language model as it is asked: where, on how much of its own text, and through which dictionaries.
type RealModelRecipe =
    {
        /// Folder of the model in the folder of real inputs, or a path.
        Model: string
        /// A point of the residual stream of a block.
        Hook: string
        /// Tokens that autoencoders are trained on.
        Tokens: int
        /// Tokens of another text, which everything is measured on.
        HeldOut: int
        /// Tokens read together.
        Window: int
        Dictionary: DictionaryRecipe
    }

/// What was trained and measured of a model.
type internal RealModel =
    {
        Model: LanguageModel
        Text: TokenText
        /// The hook's block.
        Layer: int
        /// [held-out tokens, d] of the residual stream, and of the hidden layer.
        Residual: float32[,]
        Hidden: float32[,]
        /// Of the residual stream, a seed each.
        Autoencoders: SparseAutoencoder[]
        Evaluation: SparseAutoencoderEvaluation
        Loss: LossRecovered
        /// Of the hidden layer's neurons.
        HiddenAutoencoder: SparseAutoencoder
        HiddenEvaluation: SparseAutoencoderEvaluation
    }

[<RequireQualifiedAccess>]
module internal RealModel =
    /// [tokens, width] of a point over a text.
    let matrix (model: LanguageModel) (text: TokenText) (point: string) : float32[,] =
        MLContext().Data.ModelActivations(model, text, point).ToMatrix()

    /// A model by its folder in the folder of real inputs, or by a path.
    let load (settings: RunSettings) (name: string) : LanguageModel =
        let inData = Path.Combine(settings.Data, name)
        LanguageModel.Load(if Directory.Exists inData then inData else name)

    /// A text that the model wrote, for training, and another for what is measured.
    let texts (settings: RunSettings) (model: LanguageModel) tokens heldOut window : struct (TokenText * TokenText) =
        let sampled (tokens: int) seed =
            TokenText.Sampled(
                model,
                tokens,
                window,
                seed,
                progress = settings.Progress,
                cancellation = settings.Cancellation
            )

        struct (sampled tokens 1L, sampled heldOut 2L)

    /// The block of a hook of the residual stream after one.
    let layerOf (hook: string) : int =
        match hook.Split '.' with
        | [| "blocks"; layer; "hook_resid_post" |] when fst (Int32.TryParse layer) -> int layer
        | _ ->
            invalidArg
                (nameof hook)
                $"The questions are asked of the residual stream after a block, such as blocks.2.hook_resid_post, not of {hook}."

    /// The hidden layer of the block.
    let neurons (layer: int) = $"blocks.{layer}.mlp.hook_post"

    let measure (settings: RunSettings) (recipe: RealModelRecipe) : RealModel =
        let model = load settings recipe.Model
        HookPoints.Width(model.Config, recipe.Hook) |> ignore // refused by its name before anything is drawn
        let layer = layerOf recipe.Hook

        let struct (text, heldOut) =
            texts settings model recipe.Tokens recipe.HeldOut recipe.Window

        let train = Dictionaries.train settings recipe.Dictionary

        let autoencoders =
            matrix model text recipe.Hook |> train "residual stream" recipe.Dictionary.Seeds

        let hidden =
            matrix model text (neurons layer)
            |> train "hidden layer" recipe.Dictionary.Seeds[..0]
            |> Array.head

        let residual, active =
            matrix model heldOut recipe.Hook, matrix model heldOut (neurons layer)

        {
            Model = model
            Text = heldOut
            Layer = layer
            Residual = residual
            Hidden = active
            Autoencoders = autoencoders
            Evaluation = Dictionaries.evaluate settings autoencoders[0] residual
            Loss = LossRecovered.Of(autoencoders[0], model, heldOut, recipe.Hook, settings.Cancellation)
            HiddenAutoencoder = hidden
            HiddenEvaluation = Dictionaries.evaluate settings hidden active
        }

    /// [neurons] E[|a_j| / rms] times how far a unit of it moves the logits, rms the final norm's of each token.
    let private effects (real: RealModel) =
        let weights = real.Model.Weights
        let out = weights.Blocks[real.Layer].Down |> Array2D.map float |> Gram.transposed

        let perUnit =
            Smuggling.perUnit out (weights.FinalNorm |> Array.map float) (weights.Head |> Array2D.map float)

        let scale = matrix real.Model real.Text HookPoints.FinalScale

        perUnit
        |> Array.mapi (fun j effect ->
            effect
            * (Seq.init real.Text.Count (fun r -> abs (float real.Hidden[r, j]) / float scale[r, 0])
               |> Seq.average))

    /// The gate after its silu, what it multiplies, and their product.
    let private layers (real: RealModel) =
        let at name =
            matrix real.Model real.Text $"blocks.{real.Layer}.mlp.{name}"
            |> Array2D.map float

        [
            "gate", at "hook_pre" |> Array2D.map (fun x -> x / (1.0 + exp -x))
            "value", at "hook_pre_linear"
            "product", real.Hidden |> Array2D.map float
        ]
        |> List.map (fun (name, activations) ->
            {
                Name = name
                Activations = activations
            })

    /// The model as the questions see it.
    let subject (settings: RunSettings) (recipe: RealModelRecipe) (real: RealModel) : Subject =
        {
            Residual = real.Residual |> Array2D.map float
            Dictionary = Dictionaries.live real.Autoencoders[0] real.Evaluation
            Second = real.Autoencoders[1].Decoder |> Array2D.map float
            Hidden = real.Hidden |> Array2D.map float
            HiddenDictionary = Dictionaries.live real.HiddenAutoencoder real.HiddenEvaluation
            Effects = effects real
            Layers = layers real
            Labels = Array.init real.Text.Count (fun r -> real.Text[r])
            Window = recipe.Window
            Train = Dictionaries.directions settings recipe.Dictionary "planted directions"
        }
        |> Subject.withoutSilent

    /// What the latents of the residual stream do on so many held-out tokens.
    let latents (recipe: RealModelRecipe) (real: RealModel) (tokens: int) : TextLatents =
        let view = MLContext().Data.ModelActivations(real.Model, real.Text, recipe.Hook)
        TextBrowser.latents view real.Autoencoders[0] tokens
