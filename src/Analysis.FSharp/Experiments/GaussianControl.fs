/// What an autoencoder by itself makes of co-activity: the local bases of a real model, beside those of activations that hold no features.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.GaussianControl

open System.Globalization
open Superposition.Activations
open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "gaussian"

[<Literal>]
let private Source = "problem 4.26; gaussian rows of the same mean and covariance"

/// What is trained, as run.json holds it.
type Recipe =
    {
        /// As problem 4.26 has it, an autoencoder a seed.
        Model: RealModelRecipe
        /// Rows on which chance must have two latents on together before they are a pair.
        Expected: float
        /// Share of the pairs that counts as those most, and least, together.
        Extreme: float
        /// Draws in which directions are dealt anew among the latents.
        Draws: int
    }

let private recipeOf scale =
    let model = BlockOfModel.recipeOf scale

    {
        Model =
            { model with
                Dictionary =
                    { model.Dictionary with
                        Seeds = if scale = Quick then [| 1L; 2L |] else [| 1L; 2L; 3L |]
                    }
            }
        Expected = 5.0
        Extreme = 0.01
        Draws = if scale = Quick then 5 else 99
    }

/// Of one autoencoder on rows that it was not trained on: what directions dealt anew among the latents give is taken away.
type private Bases =
    {
        /// Mean angle of the pairs most on together, in degrees.
        Together: float
        /// Mean cosine of those least.
        Apart: float
    }

/// "text": the model's activations; "same autoencoder": it on gaussian rows; "gaussian": one trained on gaussian rows, on others.
let private kinds = [ "text"; "same autoencoder"; "gaussian" ]

let private bases (recipe: Recipe) (directions: float[,]) (codes: SparseCodes) =
    let cosines = Matching.cosines Signed directions directions
    let pairs = CoActivePairs.ofCodes recipe.Expected codes
    let least, most = CoActivePairs.extremes recipe.Extreme pairs

    let own = Array.init codes.Width id
    let orders = CoActivePairs.dealt 1 recipe.Draws codes.Width pairs

    let beyond (of': float -> float) (pairs: CoActivePair[]) =
        let mean = CoActivePairs.mean cosines of' pairs
        mean own - (orders |> Array.averageBy mean)

    {
        Together = beyond CoActivePairs.angle most
        Apart = beyond id least
    }

let private codesOf autoencoder (rows: float32[,]) =
    SparseCodes.ofAutoencoder autoencoder (ActivationView.Of rows) "Activations" (int64 (rows.GetLength 0))

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    use model = RealModel.load settings recipe.Model.Model

    let struct (text, heldOut) =
        RealModel.texts settings model recipe.Model.Tokens recipe.Model.HeldOut recipe.Model.Window

    let activations, judged =
        RealModel.matrix model text recipe.Model.Hook, RealModel.matrix model heldOut recipe.Model.Hook

    let train stage =
        Dictionaries.train settings recipe.Model.Dictionary stage recipe.Model.Dictionary.Seeds

    // Another text's mean and covariance are another's; rows of either kind are of the text that autoencoders are trained on.
    let alike seed count =
        GaussianRows.alike seed (activations |> Array2D.map float)
        |> fun rows -> rows[.. count - 1, *] |> Array2D.map float32

    let gaussian = alike 1 (Array2D.length1 activations)
    let others = alike 2 (Array2D.length1 judged)
    let ofText, ofGaussian = train "text" activations, train "gaussian rows" gaussian

    let measured =
        [|
            for seed in 0 .. ofText.Length - 1 do
                let of' autoencoder rows =
                    bases
                        recipe
                        ((autoencoder: Superposition.Autoencoders.SparseAutoencoder).Decoder
                         |> Array2D.map float)
                        (codesOf autoencoder rows)

                [
                    of' ofText[seed] judged
                    of' ofText[seed] others
                    of' ofGaussian[seed] others
                ]
        |]

    let table = CsvTable [| "seed"; "kind"; "together"; "apart" |]

    measured
    |> Array.iteri (fun seed ofKinds ->
        List.iter2
            (fun (kind: string) one ->
                table.Add [| box recipe.Model.Dictionary.Seeds[seed]; box kind; one.Together; one.Apart |])
            kinds
            ofKinds)

    let beyond (of': Bases -> float) =
        measured
        |> Array.map (fun ofKinds -> of' ofKinds[0] - (ofKinds |> List.tail |> List.map of' |> List.average))
        |> Statistics.estimate

    let claims =
        [
            beyond _.Together
            |> Verdicts.atLeast
                $"{Name}.together"
                "Latents that are on together most lie nearer to right angles on text than on gaussian rows, where there are no features to be local bases of: difference of mean angles in degrees, each beyond directions dealt anew (mean over seeds)."
                Source
                0.5
            beyond _.Apart
            |> Verdicts.atMost
                $"{Name}.apart"
                "Latents that avoid each other most point away from each other more on text than on gaussian rows: difference of mean cosines, each beyond directions dealt anew (mean over seeds)."
                Source
                -0.02
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteCsv("bases.csv", table))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let table = folder.Csv "bases.csv"

    let of' column kind =
        [|
            for r in 0 .. table.Count - 1 do
                if table[r, "kind"] = kind then
                    table.Number(r, column)
        |]
        |> Statistics.estimate

    let words =
        function
        | "text" -> "the model's activations"
        | "gaussian" -> "gaussian rows, an autoencoder of their own"
        | _ -> "gaussian rows, the same autoencoder"

    let bars column axis =
        [| "", [| for kind in kinds -> words kind, of' column kind |] |]
        |> Charts.bars "" (Axis.Linear axis)

    let signed (format: string) column kind =
        (of' column kind).Mean.ToString(format, CultureInfo.InvariantCulture)

    let degrees = signed "+0.00;−0.00" "together"
    let cosine = signed "+0.000;−0.000" "apart"

    {
        Lead =
            $"""Beyond directions dealt anew, latents of {recipe.Model.Hook} of {recipe.Model.Model} that are on together most lie at an angle of {degrees "text"}°, those that avoid each other most at a cosine of {cosine "text"}. Gaussian rows of the same mean and covariance hold no features; on them the same autoencoders give {degrees "same autoencoder"}° and {cosine "same autoencoder"}, and autoencoders of their own {degrees "gaussian"}° and {cosine "gaussian"}. So much is the autoencoder's, and only what differs from it speaks of the model."""
        Figures =
            [
                bars "together" "angle beyond chance, degrees"
                |> Figure.captioned
                    $"The {recipe.Extreme:P0} of pairs most on together: mean angle less that of directions dealt anew, mean over seeds with its 95 %% interval. Above 0 they are nearer to right angles than by chance."
                bars "apart" "cosine beyond chance"
                |> Figure.captioned
                    $"The {recipe.Extreme:P0} of pairs least on together: mean cosine less that of directions dealt anew. Below 0 they point away from each other."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Local bases: how much of them is the autoencoder's own"
        Part = Part.RealModels
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
