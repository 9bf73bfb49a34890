/// GELU against ReLU: which makes hidden neurons more polysemantic?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.GeluAgainstRelu

open Superposition.Analysis
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.41"

[<Literal>]
let private Source = "problem 4.41; a bar of our own"

let private p = HiddenActivations.ClaimDensity

let private setting = $"|x| of 20 features in 20 neurons, p = {p}, the same starts"

let private claims (measures: CsvTable) =
    let ratio name =
        let of' hidden =
            HiddenActivations.column measures name hidden p

        Array.map2 (/) (of' Activation.Gelu) (of' Activation.Relu)
        |> Statistics.estimate

    [
        ratio "participation"
        |> Verdicts.near
            $"{Name}.participation"
            $"GELU's neurons answer to as many features as ReLU's: ratio of participation ratios ({setting})."
            Source
            1.0
            0.2
        ratio "loss"
        |> Verdicts.near
            $"{Name}.loss"
            $"GELU computes |x| as well as ReLU, whose kink |x| has: ratio of losses ({setting})."
            Source
            1.0
            0.1
    ]

let private run (settings: RunSettings) =
    let trained = HiddenActivations.trained settings
    let claims = claims (trained.Csv "measures.csv")
    HiddenActivations.leave Name (HiddenActivations.recipeOf settings.Scale) claims ignore trained settings

let private shown = [ Activation.Relu; Activation.Gelu ]

let private finding (folder: RunFolder) : Finding =
    let measures = folder.Csv "measures.csv"
    let recipe = Settings.recipe<HiddenActivations.Recipe> folder

    let mean name hidden =
        HiddenActivations.column measures name hidden p |> Array.average

    let gelu, relu =
        mean "participation" Activation.Gelu, mean "participation" Activation.Relu

    let comparison =
        if abs (gelu / relu - 1.0) <= 0.05 then "as polysemantic as"
        elif gelu > relu then "more polysemantic than"
        else "less polysemantic than"

    {
        Lead =
            $"GELU's neurons are {comparison} ReLU's at p = {p}: they answer to {gelu:F1} features against {relu:F1}, "
            + $"""with {mean "monosemantic" Activation.Gelu:P0} against {mean "monosemantic" Activation.Relu:P0} of them on one feature alone, """
            + $"""at losses of {mean "loss" Activation.Gelu:G3} and {mean "loss" Activation.Relu:G3}."""
        Figures =
            [
                HiddenActivations.bars measures recipe "participation" "features a neuron answers to" shown
                |> Figure.captioned
                    "Mean participation ratio of the neurons' responses to single features. Bars are means over seeds with 95 % intervals."
                HiddenActivations.bars measures recipe "monosemantic" "share of neurons on one feature" shown
                |> Figure.captioned "Neurons of which no second feature reaches half of the greatest response."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "GELU against ReLU: which is more polysemantic?"
        Part = Part.Problems
        Answers = [ "4.41" ]
        IsLong = true
        Recipe = HiddenActivations.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
