/// Problem 4.6: the greater of two inputs in [0, 1], by fewer neurons than outputs.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Maximum

open Superposition.Analysis
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.6"

let private neighbours =
    {
        Name = "max of neighbours"
        Output = Activation.Relu
        Function = TargetFunction.Max
        AllPairs = false
        Inputs = 16
        Neurons = 6
    }

let private linear =
    { neighbours with
        Name = "max of neighbours, linear outputs"
        Output = Activation.Identity
    }

let private allPairs =
    {
        Name = "max of all pairs, linear outputs"
        Output = Activation.Identity
        Function = TargetFunction.Max
        AllPairs = true
        Inputs = 10
        Neurons = 15
    }

let private tasks = [| neighbours; linear; allPairs |]

let private claims (recipe: PairRecipe) values =
    let dense, sparse = recipe.Densities[0], Array.last recipe.Densities

    [
        PairFunctions.pays $"{Name}.neighbours" values sparse neighbours
        PairFunctions.pays $"{Name}.all-pairs" values sparse allPairs
        PairFunctions.paysNot $"{Name}.linear" values sparse linear
        PairFunctions.writesMore $"{Name}.more-outputs" values (dense, sparse) neighbours
    ]

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<PairRecipe> folder
    let tensors = PairFunctions.tensors folder
    let dense, sparse = recipe.Densities[0], Array.last recipe.Densities

    let mean task p measure =
        PairFunctions.read tensors task p measure |> Array.average

    let loss task p = mean task p PairMeasure.AgainstNaive

    let outputs p =
        mean neighbours p PairMeasure.OutputsANeuron

    {
        Lead =
            $"Against neurons that each work for one output, the loss is {loss neighbours dense:F2} at p = {dense} and {loss neighbours sparse:F2} at p = {sparse} for the maxima of neighbours ({neighbours.Outputs} outputs, {neighbours.Neurons} neurons, output ReLU), {loss linear sparse:F2} with linear outputs at p = {sparse}, "
            + $"{loss allPairs dense:F2} and {loss allPairs sparse:F2} for all pairs of {allPairs.Inputs} ({allPairs.Outputs} outputs, {allPairs.Neurons} neurons). "
            + $"A neuron writes {outputs dense:F1} maxima of neighbours at p = {dense} and {outputs sparse:F1} at p = {sparse}. "
            + "Where only one of two inputs is on, their maximum is their sum: sparse maxima are nearly linear."
        Figures = PairFunctions.figures recipe tasks tensors
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "The greater of two inputs"
        Part = Part.Problems
        Answers = [ "4.6" ]
        IsLong = true
        Recipe = PairFunctions.recipeOf >> Settings.json
        Run = PairFunctions.run Name tasks claims
        Finding = finding
    }
