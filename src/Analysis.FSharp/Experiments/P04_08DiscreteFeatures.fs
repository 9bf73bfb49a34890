/// Problem 4.8: features of a few levels.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.DiscreteFeatures

open Superposition.Features

let experiment: Experiment =
    DiscreteValues(1.0f, 2.0f, 3.0f)
    |> ValuesOfFeatures.experiment "P4.8" "Features that are 1, 2 or 3" "features of 1, 2 or 3"
