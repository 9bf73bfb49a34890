namespace Superposition.Analysis

open Superposition.Activations
open Superposition.Autoencoders
open Superposition.Models

/// The browser of an autoencoder of a language model's activations.
[<RequireQualifiedAccess>]
module TextBrowser =
    /// Tokens of a context before and behind the one that it was chosen for.
    [<Literal>]
    let private Before = 8

    [<Literal>]
    let private Behind = 7

    /// [m, vocabulary] what a direction of the residual stream adds to the logits, by way of the final norm's gain and less the mean over
    /// the vocabulary, which no probability sees: direct logit attribution. What later blocks make of it is left out.
    let internal logits (model: LanguageModel) (directions: float32[,]) : float32[,] =
        let gain = model.Weights.FinalNorm

        let rows =
            Gram.between (directions |> Array2D.mapi (fun _ c w -> w * gain[c])) model.Weights.Head

        let means = Array.init (Array2D.length1 rows) (fun j -> Array.average rows[j, *])

        rows |> Array2D.mapi (fun j _ logit -> logit - means[j])

    let private promoted (options: EvidenceOptions) (model: LanguageModel) (effects: float32[,]) sign latent =
        Leading.pairs options.Neighbours (Array2D.length2 effects) (fun token -> sign * float effects[latent, token])
        |> Array.map (fun (token, effect) -> model.Tokenizer.Piece token, sign * effect)

    /// rows: the tokens that are looked at, from the first.
    let page
        (title: string)
        (summary: string list)
        (options: EvidenceOptions)
        (view: ModelActivations)
        (autoencoder: SparseAutoencoder)
        (rows: int)
        : BrowserPage =
        let model, text = view.Model, view.Text
        let rows = min rows text.Count
        let tokens = Array.init rows (fun r -> model.Tokenizer.Piece text[r])
        let windows = Array.init rows (fun r -> r / text.Window)
        let codes = SparseCodes.ofAutoencoder autoencoder view "Activations" (int64 rows)

        let views =
            LatentEvidence.views
                options
                codes
                (Some autoencoder.Decoder)
                (LatentEvidence.window Before Behind tokens windows (codes.Transposed()))
                (fun _ -> LatentEvidence.labelOf 4)

        let views =
            if autoencoder.OutputDimensions <> model.Config.Dimensions then
                views
            else
                let effects = logits model autoencoder.Decoder

                views
                |> Array.mapi (fun latent shown ->
                    { shown with
                        Promoted = promoted options model effects 1.0 latent
                        Suppressed = promoted options model effects -1.0 latent
                    })

        {
            Title = title
            Summary = summary
            Terms = BrowserTerms.Text
            Latents = views
            Columns =
                [
                    autoencoder.Decoder
                    |> Array2D.map float
                    |> Alignment.axisCosines
                    |> BrowserColumn.Alignment
                ]
            Confusion = None
            Home = None
        }
