/// Are neurons a better basis for simple features than the same layer turned at random? The control of problem 4.35.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.TurnedNeurons

open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "turned"

[<Literal>]
let private Source = "problem 4.35; random rotations of the layer"

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Block: RealModelRecipe
        /// Neurons, or directions, that probes read, ascending.
        Counts: int[]
        /// Random rotations.
        Draws: int
    }

let private recipeOf scale =
    {
        Block = BlockOfModel.recipeOf scale
        Counts = [| 1; 2; 4; 8; 16; 32; 64 |]
        Draws = if scale = Quick then 2 else 39
    }

/// The size that is judged; the others are shown.
[<Literal>]
let private Few = 8

/// AUCs that differ by less are nearly alike.
[<Literal>]
let private Nearly = 0.02

/// What the mean over features is called in the table.
[<Literal>]
let private All = "all"

let private turned (block: BlockOfModel) (seed: int) : BlockOfModel =
    let turn = Alignment.rotation seed (Array2D.length2 block.Hidden.Activations)

    { block with
        Hidden =
            { block.Hidden with
                Activations = Gram.between block.Hidden.Activations turn
            }
    }

/// [features][counts] AUC of the probes that read the directions that differ most.
let private curves (recipe: Recipe) (block: BlockOfModel) =
    SimpleFeatures.ofBlock block None
    |> List.map (fun feature ->
        let ranked = feature.Probes.Ranked
        feature.Name, recipe.Counts |> Array.map (fun k -> feature.Auc ranked[.. k - 1]))

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe.Block
    use _ = block.Model
    let own = curves recipe block

    let drawn =
        [|
            for seed in 1 .. recipe.Draws do
                settings.Cancellation.ThrowIfCancellationRequested()
                turned block seed |> curves recipe |> List.map snd
        |]

    let few = System.Array.IndexOf(recipe.Counts, Few)

    let table =
        CsvTable [| "feature"; "read"; "neurons"; "turned"; "low"; "high"; "p" |]

    // aucs: of all features, of the neurons or of a draw.
    let beside name (one: float[] list -> int -> float) =
        let at i =
            drawn
            |> Array.map (fun draw -> one draw i)
            |> NullDraws.beside (one (List.map snd own) i)

        recipe.Counts
        |> Array.iteri (fun i k ->
            let chance = at i

            table.Add
                [|
                    box name
                    k
                    chance.Value
                    chance.NullMean
                    chance.NullLow
                    chance.NullHigh
                    chance.P
                |])

        at few

    let all = beside All (fun aucs i -> aucs |> List.averageBy (Array.item i))

    let claims =
        [
            all
            |> Verdicts.aboveChanceAlone
                $"{Name}.all"
                $"{Few} neurons tell simple features better than {Few} directions of the layer turned at random: AUC on text that probes were not fitted on, mean over {own.Length} features."
                Source
            for f, (name, _) in List.indexed own do
                beside name (fun aucs i -> aucs[f][i])
                |> Verdicts.aboveChanceAlone
                    $"{Name}.{name.Replace(' ', '-')}"
                    $"The same of one feature alone, “{name}”."
                    Source
        ]

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteCsv("probes.csv", table))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let table = folder.Csv "probes.csv"
    let number column r = table.Number(r, column)

    let byFeature =
        [| 0 .. table.Count - 1 |] |> Array.groupBy (fun r -> table[r, "feature"])

    let all = byFeature |> Array.find (fun (name, _) -> name = All) |> snd
    let features = byFeature |> Array.filter (fun (name, _) -> name <> All)
    let values rows of' = rows |> Array.map of'

    let atFew (rows: int[]) =
        rows |> Array.find (fun r -> number "read" r = float Few)

    let better =
        features |> Array.filter (fun (_, rows) -> number "p" (atFew rows) <= 0.05)

    let many = if better.Length = 0 then "none" else string better.Length
    let few column = number column (atFew all)

    {
        Lead =
            $"""{Few} neurons tell a simple feature with an AUC of {few "neurons":F3}, {Few} directions of the same layer turned at random with {few "turned":F3} ({few "low":F3} to {few "high":F3}, p = {few "p":G2}), mean over {features.Length} features; taken one by one, neurons are the better basis for {many} of them."""
            + (if few "neurons" - few "turned" < Nearly then
                   " That few neurons tell a feature says little of neurons: as many directions of any basis tell nearly as well."
               else
                   "")
        Figures =
            [
                Charts.line
                    (Axis.Log "neurons, or directions, that the probe reads")
                    (Axis.Linear "AUC")
                    [
                        Series.Of("neurons", values all (number "read"), values all (number "neurons"))
                        { Series.Of(
                              "the layer turned at random",
                              values all (number "read"),
                              values all (number "turned")
                          ) with
                            Low = values all (number "low")
                            High = values all (number "high")
                        }
                    ]
                |> Figure.captioned
                    $"AUC of linear probes, mean over {features.Length} simple features; the band holds the middle 95 %% of {recipe.Draws} rotations."
                Charts.line
                    (Axis.Log "neurons, or directions, that the probe reads")
                    (Axis.Linear "AUC gained over the layer turned")
                    [
                        for name, rows in features ->
                            Series.Of(
                                name,
                                values rows (number "read"),
                                values rows (fun r -> number "neurons" r - number "turned" r)
                            )
                    ]
                |> Charts.withLevels [ "no better", 0.0 ]
                |> Figure.captioned
                    "What probes on neurons tell of each feature beyond probes on as many directions of the layer turned at random, mean over rotations: above 0 neurons are the better basis."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Neurons, or any basis? Sparse probes on a layer turned at random"
        Part = Part.RealModels
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
