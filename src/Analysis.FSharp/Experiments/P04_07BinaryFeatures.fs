/// Problem 4.7: features that are either 0 or 1.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.BinaryFeatures

open Superposition.Features

let experiment: Experiment =
    BinaryValues()
    |> ValuesOfFeatures.experiment "P4.7" "Features that are on or off" "binary features"
