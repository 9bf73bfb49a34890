/// The phase diagram of two features in one dimension.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.PhaseDiagramOfTwo

open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Storage

[<Literal>]
let private Name = "E4"

let private edges: PhaseChange.Edge list =
    [
        {
            Id = "edge-shift"
            Statement =
                "n = 2, d = 1: with biases, superposition ends at denser features than the closed forms 4r/(2 + 5r) and 4/(5 + 2r) without them say (mean relative shift over importances)."
            IsWithin = fun _ -> true
            Low = 0.05
            High = 0.15
        }
    ]

let private finding (folder: RunFolder) : Finding =
    let agreement, shift =
        PhaseChange.claim folder ".agreement", PhaseChange.claim folder ".edge-shift"

    {
        Lead =
            $"The extra feature is dropped, takes the only dimension, or shares it as the opposite of the other; the best trained model is in the phase of the exact optimum in {100.0 * agreement.Measured:F1} %% of the cells that are decided. "
            + $"Biases move the end of superposition by {100.0 * shift.Measured:F0} %% in density from where unit vectors without them would have it."
        Figures = PhaseChange.figures 1 folder
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Phase diagram of two features in one dimension"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = PhaseChange.recipe >> Settings.json
        Run = PhaseChange.run Name 1 [ ExtraDropped; UnitDropped; ExtraPaired ] edges
        Finding = finding
    }
