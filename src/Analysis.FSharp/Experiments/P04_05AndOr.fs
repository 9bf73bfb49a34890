/// Problem 4.5: AND and OR of pairs of binary inputs, by fewer neurons than outputs.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.AndOr

open Superposition.Analysis
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.5"

/// Neighbours share no input: what their outputs have in common is only the neurons.
let private neighbours name of' output =
    {
        Name = name
        Output = output
        Function = of'
        AllPairs = false
        Inputs = 16
        Neurons = 4
    }

let private allPairs name of' =
    {
        Name = name
        Output = Activation.Identity
        Function = of'
        AllPairs = true
        Inputs = 10
        Neurons = 15
    }

let private andNeighbours =
    neighbours "AND of neighbours" TargetFunction.And Activation.Relu

let private orNeighbours =
    neighbours "OR of neighbours" TargetFunction.Or Activation.Relu

let private andLinear =
    neighbours "AND of neighbours, linear outputs" TargetFunction.And Activation.Identity

let private orLinear =
    neighbours "OR of neighbours, linear outputs" TargetFunction.Or Activation.Identity

let private andAll = allPairs "AND of all pairs, linear outputs" TargetFunction.And
let private orAll = allPairs "OR of all pairs, linear outputs" TargetFunction.Or

let private tasks =
    [| andNeighbours; orNeighbours; andLinear; orLinear; andAll; orAll |]

let private claims (recipe: PairRecipe) values =
    let dense, sparse = recipe.Densities[0], Array.last recipe.Densities

    [
        PairFunctions.pays $"{Name}.and-neighbours" values sparse andNeighbours
        PairFunctions.pays $"{Name}.or-neighbours" values sparse orNeighbours
        PairFunctions.pays $"{Name}.and-all" values sparse andAll
        PairFunctions.paysNot $"{Name}.or-linear" values sparse orLinear
        PairFunctions.writesMore $"{Name}.more-outputs" values (dense, sparse) orNeighbours
    ]

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<PairRecipe> folder
    let tensors = PairFunctions.tensors folder
    let dense, sparse = recipe.Densities[0], Array.last recipe.Densities

    let mean task p measure =
        PairFunctions.read tensors task p measure |> Array.average

    let loss task p = mean task p PairMeasure.AgainstNaive
    let outputs task p = mean task p PairMeasure.OutputsANeuron

    {
        Lead =
            $"Against neurons with one output each, the loss at p = {dense} and at p = {sparse} is {loss andNeighbours dense:F2} and {loss andNeighbours sparse:F2} for AND, {loss orNeighbours dense:F2} and {loss orNeighbours sparse:F2} for OR of neighbours ({andNeighbours.Outputs} outputs, {andNeighbours.Neurons} neurons, output ReLU), {loss andLinear sparse:F2} and {loss orLinear sparse:F2} with linear outputs at p = {sparse}, "
            + $"{loss andAll dense:F2} and {loss andAll sparse:F2} for AND, {loss orAll dense:F2} and {loss orAll sparse:F2} for OR of all pairs of {andAll.Inputs} ({andAll.Outputs} outputs, {andAll.Neurons} neurons). "
            + $"A neuron writes {outputs andNeighbours dense:F1} ANDs of neighbours at p = {dense} and {outputs andNeighbours sparse:F1} at p = {sparse}; {outputs orNeighbours dense:F1} and {outputs orNeighbours sparse:F1} ORs."
        Figures = PairFunctions.figures recipe tasks tensors
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "AND and OR of pairs of binary inputs"
        Part = Part.Problems
        Answers = [ "4.5" ]
        IsLong = true
        Recipe = PairFunctions.recipeOf >> Settings.json
        Run = PairFunctions.run Name tasks claims
        Finding = finding
    }
