/// Training superposition away: a penalty on hidden activations, and what it costs.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.WithoutSuperposition

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E21"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"The Strategic Picture of Superposition\": \"Approach 1: Creating Models Without Superposition\""

let private features, neurons, density = 10, 5, 0.06

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Penalties: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Penalties = [| 0.0; 0.01; 0.02; 0.05; 0.1; 0.2; 0.5; 1.0 |]
            Instances = 50
            Steps = 10_000
            Seed = 21L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 5
            Steps = 2_000
        }
    | Daily
    | Full -> full

let private cell recipe (penalty: float) =
    ToyModelOptions(
        Dimensions = neurons,
        Architecture = ToyArchitecture.ReluHidden,
        HiddenPenalty = penalty,
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Importance = PerFeature.Powers 0.75,
        Steps = recipe.Steps,
        HistoryEvery = recipe.Steps
    )
    |> Toys.cell (Toys.world features density recipe.Seed)

/// Means over the seeds of one penalty.
type private Outcome =
    {
        Loss: Estimate
        Monosemantic: Estimate
        Polysemantic: Estimate
        Represented: Estimate
    }

let private measure (losses: float[]) (models: float[,][]) =
    let codes = models |> Array.map NeuronCode.ofTied

    let over (count: NeuronCode -> int) =
        codes |> Array.map (count >> float) |> Statistics.estimate

    {
        Loss = Statistics.estimate losses
        Monosemantic = over _.Monosemantic
        Polysemantic = over _.Polysemantic
        Represented = over _.Represented
    }

/// The weakest penalty under which half a neuron of a model, on average, is polysemantic or less, while half of the neurons
/// still work: a penalty that silences them all removes superposition too, and everything else.
let private cured (outcomes: Outcome[]) =
    outcomes
    |> Array.tryFindIndex (fun outcome ->
        outcome.Polysemantic.Mean <= 0.5
        && outcome.Monosemantic.Mean >= float neurons / 2.0)

let private claims (recipe: Recipe) (outcomes: Outcome[]) =
    let plain = outcomes[0]

    let at =
        $"n = {features}, m = {neurons}, I = 0.75ⁱ, p = {density}, {recipe.Instances} seeds"

    /// The penalty that cures, or else the one with the fewest polysemantic neurons among those that leave half of them at work.
    let best =
        cured outcomes
        |> Option.map (fun found -> outcomes[found])
        |> Option.orElse (
            outcomes
            |> Array.filter (fun outcome ->
                outcome.Monosemantic.Mean + outcome.Polysemantic.Mean >= float neurons / 2.0)
            |> Array.sortBy _.Polysemantic.Mean
            |> Array.tryHead
        )
        |> Option.defaultValue plain

    [
        plain.Polysemantic
        |> Verdicts.atLeast
            $"{Name}.without-penalty"
            $"Without a penalty most neurons are polysemantic (mean number of polysemantic neurons; {at})."
            Source
            (float neurons / 2.0)
        best.Polysemantic
        |> Verdicts.atMost
            $"{Name}.vanishes"
            $"Some λ of λ‖h‖₁ removes superposition and leaves half of the neurons at work (mean number of polysemantic neurons there; {at}; the bar is our own)."
            Source
            0.5
        (let ratio (e: float) = e / plain.Loss.Mean

         { best.Loss with
             Mean = ratio best.Loss.Mean
             Low = ratio best.Loss.Low
             High = ratio best.Loss.High
         })
        |> Verdicts.atLeast
            $"{Name}.costs"
            $"There the loss, without the penalty, has risen by a tenth or more (as a multiple of the loss at λ = 0; {at}; the bar is our own)."
            Source
            1.1
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        recipe.Penalties |> Array.map (cell recipe) |> Toys.train Name None settings

    let models =
        cells
        |> Array.map (fun cell -> cell.Instances |> Seq.map Toys.weights |> Seq.toArray)

    let losses =
        cells |> Array.map (fun cell -> cell.Instances |> Seq.map _.Loss |> Seq.toArray)

    let tensors =
        dict
            [
                for penalty, losses, models in Array.zip3 recipe.Penalties losses models do
                    $"loss-{penalty}", Toys.vector losses
                    $"W-{penalty}", Toys.stack models
            ]

    settings
    |> Settings.leave Name recipe (claims recipe (Array.map2 measure losses models)) (fun folder ->
        folder.WriteSafetensors("penalties.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let tensors = folder.Safetensors "penalties.safetensors"

    let losses =
        recipe.Penalties
        |> Array.map (fun penalty -> tensors[$"loss-{penalty}"].ToDoubles())

    let models =
        recipe.Penalties
        |> Array.map (fun penalty -> Toys.unstack tensors[$"W-{penalty}"])

    let outcomes = Array.map2 measure losses models
    let plain = outcomes[0]

    /// The median seed by loss: neither the luckiest nor a stuck one.
    let typical at =
        let order = Array.init losses[at].Length id |> Array.sortBy (fun k -> losses[at][k])
        models[at][order[order.Length / 2]]

    /// A logarithmic axis has no place for λ = 0: the curves begin at the smallest penalty, and the table has the rest.
    let curve name (of': Outcome -> Estimate) =
        Series.OfEstimates(name, recipe.Penalties[1..], outcomes[1..] |> Array.map of')

    let penalty = Axis.Log "λ, weight of ‖h‖₁"

    {
        Lead =
            match cured outcomes with
            | Some at ->
                $"At λ = {recipe.Penalties[at]} superposition is gone: {outcomes[at].Polysemantic.Mean:F1} of five neurons are polysemantic, "
                + $"{plain.Polysemantic.Mean:F1} without the penalty. The model then represents {outcomes[at].Represented.Mean:F1} features instead of "
                + $"{plain.Represented.Mean:F1}, and its loss is {outcomes[at].Loss.Mean / plain.Loss.Mean:F2} times as high."
            | None ->
                $"No λ of the sweep leaves half of the neurons at work and removes superposition: {plain.Polysemantic.Mean:F1} of five neurons are "
                + "polysemantic without a penalty, and none goes below one in two models."
        Figures =
            [
                [
                    curve "polysemantic neurons" _.Polysemantic
                    curve "monosemantic neurons" _.Monosemantic
                    curve "represented features" _.Represented
                ]
                |> Charts.line penalty (Axis.Linear "number a model")
                |> Figure.captioned
                    "Neurons of more than one feature disappear as the penalty grows, and with them the features for which there is no neuron; mean over seeds with its 95 % interval."
                [| 0..2 .. recipe.Penalties.Length - 1 |]
                |> Array.map (fun at -> Toys.tiedPanel $"λ = {recipe.Penalties[at]}" (typical at))
                |> Charts.neuronBars
                |> Figure.captioned
                    "Positive weights of the model with the median loss under some of the penalties; neurons that carry nothing are left out."
            ]
        Tables =
            [
                {
                    Caption = "Means over seeds. The loss is that of the outputs, without the penalty."
                    Columns =
                        [|
                            "λ"
                            "Loss"
                            "Polysemantic neurons"
                            "Monosemantic neurons"
                            "Represented features"
                        |]
                    IsNumber = Array.create 5 true
                    Rows =
                        Array.map2
                            (fun (penalty: float) outcome ->
                                [|
                                    string penalty
                                    Html.number outcome.Loss.Mean
                                    Html.number outcome.Polysemantic.Mean
                                    Html.number outcome.Monosemantic.Mean
                                    Html.number outcome.Represented.Mean
                                |])
                            recipe.Penalties
                            outcomes
                }
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "A penalty that removes superposition"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
