/// SoLU against GELU under the SoLU paper's measure, in a toy whose features are known.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.SoluPolysemanticity

open Superposition.Analysis
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.37"

[<Literal>]
let private Source =
    "problem 4.37, after \"Softmax Linear Units\" (Elhage et al. 2022); a bar of our own"

let private p = HiddenActivations.ClaimDensity

let private setting = $"|x| of 20 features in 20 neurons, p = {p}, the same starts"

let private claims (measures: CsvTable) =
    let of' name hidden =
        HiddenActivations.column measures name hidden p

    let against (op: float -> float -> float) name hidden =
        Array.map2 op (of' name hidden) (of' name Activation.Gelu)
        |> Statistics.estimate

    [
        against (-) "pure" Activation.SoluLayerNorm
        |> Verdicts.atLeast
            $"{Name}.strongest-examples"
            $"More neurons of SoLU with LayerNorm than of GELU have strongest examples that share one side of one feature: by a tenth of the neurons or more ({setting})."
            Source
            0.1
        against (/) "participation" Activation.SoluLayerNorm
        |> Verdicts.atMost
            $"{Name}.participation"
            $"Neurons of SoLU with LayerNorm, before it, answer to fewer features than GELU's: ratio of participation ratios ({setting})."
            Source
            0.8
        against (/) "participation" Activation.Solu
        |> Verdicts.atMost $"{Name}.without-norm" $"So do SoLU's without LayerNorm ({setting})." Source 0.8
    ]

let private run (settings: RunSettings) =
    let trained = HiddenActivations.trained settings
    let claims = claims (trained.Csv "measures.csv")
    HiddenActivations.leave Name (HiddenActivations.recipeOf settings.Scale) claims ignore trained settings

let private shown = [ Activation.Gelu; Activation.Solu; Activation.SoluLayerNorm ]

let private finding (folder: RunFolder) : Finding =
    let measures = folder.Csv "measures.csv"
    let recipe = Settings.recipe<HiddenActivations.Recipe> folder

    let mean name hidden =
        HiddenActivations.column measures name hidden p |> Array.average

    {
        Lead =
            $"""At p = {p}, the strongest examples of {mean "pure" Activation.SoluLayerNorm:P0} of the neurons of SoLU with LayerNorm, """
            + $"""{mean "pure" Activation.Solu:P0} of SoLU's and {mean "pure" Activation.Gelu:P0} of GELU's share one side of one feature; counted over all features, """
            + $"""a neuron answers to {mean "participation" Activation.SoluLayerNorm:F1}, {mean "participation" Activation.Solu:F1} and {mean "participation" Activation.Gelu:F1} of {recipe.Features}. """
            + $"""They return {mean "represented" Activation.SoluLayerNorm:F1}, {mean "represented" Activation.Solu:F1} and {mean "represented" Activation.Gelu:F1} features, at losses of {mean "loss" Activation.SoluLayerNorm:G3}, {mean "loss" Activation.Solu:G3} and {mean "loss" Activation.Gelu:G3}."""
        Figures =
            [
                HiddenActivations.bars measures recipe "pure" "share of neurons that a rater would pass" shown
                |> Figure.captioned
                    $"The SoLU paper's measure: neurons of whose {HiddenActivations.strongest} strongest examples {HiddenActivations.purity:P0} or more share one side of one feature. Bars are means over seeds with 95 %% intervals."
                HiddenActivations.bars measures recipe "participation" "features a neuron answers to" shown
                |> Figure.captioned
                    "Mean participation ratio of the neurons' responses to single features, before LayerNorm: it sees the features that never come out on top."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "SoLU against GELU: what the strongest examples say"
        Part = Part.Problems
        Answers = [ "4.37" ]
        IsLong = true
        Recipe = HiddenActivations.recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
