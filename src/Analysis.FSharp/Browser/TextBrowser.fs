namespace Superposition.Analysis

open Superposition.Activations
open Superposition.Autoencoders

/// What the latents of a language model's activations do on a text.
type TextLatents =
    {
        /// [rows, m].
        Codes: SparseCodes
        /// [m, d].
        Decoder: float32[,]
        /// [rows] the number of each token.
        Tokens: int[]
        /// Tokens that the model sees together.
        Window: int
        /// Every token of the model as text.
        Vocabulary: string[]
        /// [m, vocabulary] what a unit of each latent adds to the logits; None where it writes elsewhere than into the residual stream.
        Effects: float32[,] option
    }

/// The browser of an autoencoder of a language model's activations.
[<RequireQualifiedAccess>]
module TextBrowser =
    /// Tokens of a context before and behind the one that it was chosen for.
    [<Literal>]
    let private Before = 8

    [<Literal>]
    let private Behind = 7

    let private promoted (options: EvidenceOptions) (vocabulary: string[]) (effects: float32[,]) sign latent =
        Leading.pairs options.Neighbours (Array2D.length2 effects) (fun token -> sign * float effects[latent, token])
        |> Array.map (fun (token, effect) -> vocabulary[token], sign * effect)

    let private views (options: EvidenceOptions) (latents: TextLatents) =
        let words = latents.Tokens |> Array.map (fun token -> latents.Vocabulary[token])
        let windows = Array.init words.Length (fun r -> r / latents.Window)

        let views =
            LatentEvidence.views
                options
                latents.Codes
                (Some latents.Decoder)
                (LatentEvidence.window Before Behind words windows (latents.Codes.Transposed()))
                (fun _ -> LatentEvidence.labelOf 4)

        match latents.Effects with
        | None -> views
        | Some effects ->
            views
            |> Array.mapi (fun latent shown ->
                { shown with
                    Promoted = promoted options latents.Vocabulary effects 1.0 latent
                    Suppressed = promoted options latents.Vocabulary effects -1.0 latent
                })

    let page (title: string) (summary: string list) (options: EvidenceOptions) (latents: TextLatents) : BrowserPage =
        {
            Title = title
            Summary = summary
            Terms = BrowserTerms.Text
            Latents = views options latents
            Columns =
                [
                    latents.Decoder
                    |> Array2D.map float
                    |> Alignment.axisCosines
                    |> BrowserColumn.Alignment
                ]
            Confusion = None
            Home = None
        }

    /// What an autoencoder's latents do on the first rows of a model's activations.
    let latents (view: ModelActivations) (autoencoder: SparseAutoencoder) (rows: int) : TextLatents =
        let model, text = view.Model, view.Text
        let rows = min rows text.Count

        {
            Codes = SparseCodes.ofAutoencoder autoencoder view "Activations" (int64 rows)
            Decoder = autoencoder.Decoder
            Tokens = Array.init rows (fun r -> text[r])
            Window = text.Window
            Vocabulary = Array.init model.Tokenizer.Vocabulary model.Tokenizer.Piece
            Effects =
                if autoencoder.OutputDimensions <> model.Config.Dimensions then
                    None
                else
                    DirectLogits.ofDirections model.Weights.FinalNorm model.Weights.Head autoencoder.Decoder
                    |> Some
        }
