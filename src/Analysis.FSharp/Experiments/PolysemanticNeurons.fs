/// Two features in one neuron: what tells them apart, over all polysemantic neurons of a block of a real model.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.PolysemanticNeurons

open System
open Deedle
open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "polysemantic"

[<Literal>]
let private Source = "problem 4.29, over all neurons; a bar of our own"

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Block: RealModelRecipe
        /// Places that a feature must have, half of them in the text that probes are judged on, and either of two features by itself half of that.
        Places: int
        /// Other neurons that probes read, ascending.
        Others: int[]
        /// Draws of the null, in which it is dealt anew which feature was there.
        Draws: int
    }

let private recipeOf scale =
    {
        Block = BlockOfModel.recipeOf scale
        Places = if scale = Quick then 40 else 200
        Others = [| 1; 2; 4; 8; 16 |]
        Draws = if scale = Quick then 2 else 19
    }

/// Half of the layer that tells is no longer a few neurons.
[<Literal>]
let private Few = 4

/// A neuron and the two features that it carries most of.
type private Found =
    {
        Neuron: int
        Carries: int
        First: int
        Second: int
        /// What each adds to the neuron when it is there.
        Adds: float * float
        Told: ToldApart
        /// [draws][counts] with labels dealt anew.
        Chance: float[][]
    }

let private find (block: BlockOfModel) (recipe: Recipe) =
    let on = BlockOfModel.rowsOf block.Hidden

    let latents =
        [| 0 .. on.Length - 1 |]
        |> Array.filter (fun latent -> on[latent].Length >= recipe.Places)

    let contributions =
        CarriedFeatures.contributions block.Hidden.Directions block.Hidden.Codes latents

    let enough (places: EitherFeature) =
        let first = places.IsFirst |> Array.filter id |> Array.length
        min first (places.Rows.Length - first) >= recipe.Places / 4

    CarriedFeatures.carried contributions
    |> Array.indexed
    |> Array.filter (fun (_, carried) -> carried.Length >= 2)
    |> Array.Parallel.choose (fun (neuron, carried) ->
        let first, second = latents[carried[0]], latents[carried[1]]

        // Probes are fitted on the even windows and judged on the odd.
        let fitting, judged =
            TwoFeatures.either block.Hidden.Codes first second
            |> TwoFeatures.partition (fun row -> row / recipe.Block.Window % 2 = 0)

        if not (enough fitting && enough judged) then
            None
        else
            let tell fitting =
                TwoFeatures.tell recipe.Others neuron block.Hidden.Activations fitting judged

            let random = Random neuron

            Some
                {
                    Neuron = neuron
                    Carries = carried.Length
                    First = first
                    Second = second
                    Adds = contributions[neuron, carried[0]], contributions[neuron, carried[1]]
                    Told = tell fitting
                    Chance = Array.init recipe.Draws (fun _ -> (TwoFeatures.dealt random fitting |> tell).Others)
                })

let private claims (recipe: Recipe) (found: Found[]) =
    let few = Array.IndexOf(recipe.Others, Few)

    let over (of': Found -> float) =
        found |> Array.map of' |> Statistics.estimate

    let setting =
        "the two features of the hidden dictionary that a neuron carries most of, mean over polysemantic neurons, held-out text"

    let chance =
        Array.init recipe.Draws (fun draw -> found |> Array.averageBy (fun one -> one.Chance[draw][few]))

    let told = over (fun one -> one.Told.Others[few])

    [
        over _.Told.Alone
        |> Verdicts.atMost
            $"{Name}.alone"
            $"A polysemantic neuron alone does not tell which of its features is there: AUC ({setting})."
            Source
            0.8
        told
        |> Verdicts.atLeast $"{Name}.others" $"{Few} other neurons of the layer tell ({setting})." Source 0.95
        NullDraws.beside told.Mean chance
        |> Verdicts.aboveChance
            $"{Name}.chance"
            $"{Few} other neurons tell more than where labels are dealt anew ({setting})."
            Source
            {
                Value = told.Mean
                Low = told.Low
                High = told.High
            }
        over (fun one -> one.Told.Others[few] - one.Told.Alone)
        |> Verdicts.atLeast
            $"{Name}.gain"
            $"{Few} others tell better than the neuron itself: difference of the AUCs ({setting})."
            Source
            0.1
    ]

let private columns (recipe: Recipe) =
    [|
        "neuron"
        "carries"
        "first"
        "second"
        "first_token"
        "second_token"
        "first_adds"
        "second_adds"
        "alone"
        for k in recipe.Others do
            $"others_{k}"
        for k in recipe.Others do
            $"chance_{k}"
        "helpers"
    |]

let private table (block: BlockOfModel) (recipe: Recipe) (found: Found[]) =
    let table = CsvTable(columns recipe)

    let names = TokenFeatures.names block.Hidden.Codes (fun row -> block.Pieces[row])

    for one in found do
        table.Add
            [|
                yield! [ box one.Neuron; one.Carries; one.First; one.Second ]
                yield! [ box names[one.First]; names[one.Second] ]
                yield! [ fst one.Adds; snd one.Adds; one.Told.Alone ] |> List.map box
                yield! one.Told.Others |> Array.map box
                for k in 0 .. recipe.Others.Length - 1 do
                    yield one.Chance |> Array.averageBy (fun draw -> draw[k]) |> box
                yield
                    one.Told.Helpers
                    |> Seq.truncate Few
                    |> Seq.map string
                    |> String.concat " "
                    |> box
            |]

    table

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    let block = BlockOfModel.measured settings recipe.Block
    use _ = block.Model
    let found = find block recipe

    settings
    |> Settings.leave Name recipe (claims recipe found) (fun folder ->
        folder.WriteCsv("neurons.csv", table block recipe found))

let private curve (recipe: Recipe) (neurons: CsvTable) (name: string) of' =
    let x = recipe.Others |> Array.map float

    Series.OfEstimates(
        name,
        x,
        recipe.Others
        |> Array.map (fun k -> Array.init neurons.Count (fun r -> of' r k) |> Statistics.estimate)
    )

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let neurons = folder.Csv "neurons.csv"
    let number row column = neurons.Number(row, column)
    let rows = [| 0 .. neurons.Count - 1 |]
    let mean of' = rows |> Array.averageBy of'
    let withFew = fun r -> number r $"others_{Few}"

    let opposite =
        rows
        |> Array.filter (fun r -> number r "first_adds" * number r "second_adds" < 0.0)

    let alone rows =
        rows |> Array.averageBy (fun r -> number r "alone")

    let alike = Array.except opposite rows

    let byHelp = rows |> Array.sortByDescending (fun r -> withFew r - number r "alone")

    {
        Lead =
            $"""{neurons.Count} neurons of the hidden layer before {recipe.Block.Hook} of {recipe.Block.Model} carry two features or more of its dictionary. Which of a neuron's two strongest is there, the neuron itself tells with an AUC of {alone rows:F3}"""
            + (if opposite.Length > 0 && alike.Length > 0 then
                   $" ({alone opposite:F3} in the {opposite.Length} neurons where the features push it to opposite sides, {alone alike:F3} in the other {alike.Length})"
               else
                   "")
            + $""", one other neuron with {mean (fun r -> number r "others_1"):F3}, the {Few} best others with {mean withFew:F3}: what else is active says what the neuron means."""
        Figures =
            [
                Charts.line
                    (Axis.Log "other neurons that are read")
                    (Axis.Linear "AUC")
                    [
                        curve recipe neurons "the best other neurons" (fun r k -> number r $"others_{k}")
                        curve recipe neurons "labels dealt anew" (fun r k -> number r $"chance_{k}")
                    ]
                |> Charts.withLevels [ "the neuron alone", alone rows ]
                |> Figure.captioned
                    "How well the two features of a polysemantic neuron are told apart on held-out text, mean over neurons with its 95 % interval: 0.5 is a guess, 1 never errs."
                Charts.scatter
                    (Axis.Linear "the neuron alone")
                    (Axis.Linear $"the {Few} best other neurons")
                    [
                        for name, rows in [ "pushed to opposite sides", opposite; "to the same side", alike ] do
                            Series.Of(name, rows |> Array.map (fun r -> number r "alone"), rows |> Array.map withFew)
                    ]
                |> Figure.captioned
                    "AUC, a point a polysemantic neuron: what it tells by itself of its two features, and what the others tell."
            ]
        Tables =
            [
                byHelp
                |> Array.map (fun r ->
                    let adds column = $"{number r column:F2}"

                    series
                        [
                            "Neuron", box (int (number r "neuron"))
                            "Features carried", int (number r "carries")
                            "First feature", neurons[r, "first_token"]
                            "It adds", adds "first_adds"
                            "Second feature", neurons[r, "second_token"]
                            "Adds", adds "second_adds"
                            "Alone", $"""{number r "alone":F3}"""
                            $"{Few} others", $"{withFew r:F3}"
                            "Which", neurons[r, "helpers"]
                        ])
                |> Seq.indexed
                |> Frame.ofRows
                |> Table.ofFrame
                    "The neurons that others help most. A feature is called by the commonest token among its twenty strongest places, with its share of them."
                    12
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Every polysemantic neuron: what tells its features apart"
        Part = Part.RealModels
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
