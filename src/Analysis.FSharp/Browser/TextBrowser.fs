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
                let effects =
                    DirectLogits.ofDirections model.Weights.FinalNorm model.Weights.Head autoencoder.Decoder

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
