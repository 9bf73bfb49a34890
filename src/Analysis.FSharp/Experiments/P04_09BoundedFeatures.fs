/// Problem 4.9: features that are never weak.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.BoundedFeatures

open Superposition.Features

let experiment: Experiment =
    UniformValues(0.5f, 1.0f)
    |> ValuesOfFeatures.experiment "P4.9" "Features that are at least a half" "features uniform in [½, 1]"
