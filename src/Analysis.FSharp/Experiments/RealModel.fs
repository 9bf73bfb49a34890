namespace Superposition.Analysis.Experiments

open System
open System.IO
open System.Threading
open Microsoft.ML
open Superposition
open Superposition.Activations
open Superposition.Analysis
open Superposition.Autoencoders
open Superposition.Models
open Superposition.Training

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
        Latents: int
        L0: float
        Samples: int64
        LearningRate: float
        /// Of the autoencoders; the second shows what of it is the seed's.
        Seeds: int64[]
    }

/// What the questions follow from, as run.json holds it.
type RealQuestionsRecipe =
    {
        Model: RealModelRecipe
        /// Draws of each null.
        Draws: int
        /// Draws of whole dictionaries, which are searched for polytopes.
        Dictionaries: int
        /// Directions that are planted.
        Planted: int
    }

/// What was trained and measured of a model.
type internal RealModel =
    {
        Model: LanguageModel
        Text: TokenText
        /// The hook's block.
        Layer: int
        /// [held-out tokens, d] of the residual stream, and of the hidden layer.
        Residual: float[,]
        Hidden: float[,]
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
    let private context = lazy MLContext()

    let private view (values: float32[,]) = ActivationView.Of values

    let private matrix (model: LanguageModel) text point =
        context.Value.Data.ModelActivations(model, text, point).ToMatrix()

    let private contender (recipe: RealModelRecipe) seed =
        Contender.Find("batchtopk").Options(recipe.Latents, recipe.L0, recipe.Samples, seed, recipe.LearningRate)

    /// Trains on activations, a seed each over one pass.
    let train (settings: RunSettings) (recipe: RealModelRecipe) (stage: string) (seeds: int64[]) (values: float32[,]) =
        let options =
            seeds
            |> Array.map (fun seed ->
                (contender recipe seed).Watched(Settings.stage stage settings, settings.Cancellation))

        SparseAutoencoderSet.Train(view values, "Activations", options)
        |> Seq.map _.Autoencoder
        |> Array.ofSeq

    let private layerOf (hook: string) =
        match hook.Split '.' with
        | [| "blocks"; layer; "hook_resid_post" |] when fst (Int32.TryParse layer) -> int layer
        | _ ->
            invalidArg
                (nameof hook)
                $"The questions are asked of the residual stream after a block, such as blocks.2.hook_resid_post, not of {hook}."

    /// The hidden layer of the block.
    let neurons (layer: int) = $"blocks.{layer}.mlp.hook_post"

    let measure (settings: RunSettings) (recipe: RealModelRecipe) : RealModel =
        let inData = Path.Combine(settings.Data, recipe.Model)

        let model =
            LanguageModel.Load(if Directory.Exists inData then inData else recipe.Model)

        HookPoints.Width(model.Config, recipe.Hook) |> ignore // refused by its name before anything is drawn
        let layer = layerOf recipe.Hook
        let cancellation: CancellationToken = settings.Cancellation

        let sampled (tokens: int) seed =
            TokenText.Sampled(model, tokens, recipe.Window, seed, cancellation = cancellation)

        let text, heldOut = sampled recipe.Tokens 1L, sampled recipe.HeldOut 2L

        let autoencoders =
            matrix model text recipe.Hook
            |> train settings recipe "residual stream" recipe.Seeds

        let hidden =
            matrix model text (neurons layer)
            |> train settings recipe "hidden layer" recipe.Seeds[..0]

        let residual, active =
            matrix model heldOut recipe.Hook, matrix model heldOut (neurons layer)

        let evaluate (autoencoder: SparseAutoencoder) (values: float32[,]) =
            SparseAutoencoderEvaluation.Of(
                autoencoder,
                view values,
                "Activations",
                values.GetLength(0),
                cancellation = cancellation
            )

        {
            Model = model
            Text = heldOut
            Layer = layer
            Residual = residual |> Array2D.map float
            Hidden = active |> Array2D.map float
            Autoencoders = autoencoders
            Evaluation = evaluate autoencoders[0] residual
            Loss = LossRecovered.Of(autoencoders[0], model, heldOut, recipe.Hook, cancellation)
            HiddenAutoencoder = hidden[0]
            HiddenEvaluation = evaluate hidden[0] active
        }

    /// [live, d] The directions that fired, of one length.
    let dictionary (autoencoder: SparseAutoencoder) (firing: float[]) : float[,] =
        let rows = autoencoder.Decoder |> Array2D.map float

        let live =
            firing
            |> Array.indexed
            |> Array.filter (fun (_, share) -> share > 0.0)
            |> Array.map fst

        array2D [| for j in live -> rows[j, *] |]

    /// [held-out tokens, neurons] silu of the gate, and what it multiplies.
    let parts (real: RealModel) : float[,] * float[,] =
        let at name =
            matrix real.Model real.Text $"blocks.{real.Layer}.mlp.{name}"
            |> Array2D.map float

        at "hook_pre" |> Array2D.map (fun x -> x / (1.0 + exp -x)), at "hook_pre_linear"

    /// What the first autoencoder of the residual stream makes of the held-out tokens.
    let codes (real: RealModel) : SparseCodes =
        real.Residual
        |> Array2D.map float32
        |> view
        |> fun rows -> SparseCodes.ofAutoencoder real.Autoencoders[0] rows "Activations" (int64 real.Text.Count)
