/// The phase diagram of three features in two dimensions.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.PhaseDiagramOfThree

open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Storage

[<Literal>]
let private Name = "E5"

let private edges: PhaseChange.Edge list =
    [
        {
            Id = "edge-shift-unimportant"
            Statement =
                "n = 3, d = 2: with biases, an extra feature of r < 1 is stored up to denser features than the closed form 4r/(2 + 5r) without them says (mean relative shift over importances)."
            IsWithin = fun r -> r < 1.0
            Low = 0.05
            High = 0.15
        }
        {
            Id = "edge-shift-important"
            Statement =
                "n = 3, d = 2: with biases, two unit features share a dimension up to denser features than the closed form 4/7 without them says, for r > 1 (mean relative shift over importances)."
            IsWithin = fun r -> r > 1.0
            Low = 0.2
            High = 0.3
        }
    ]

let private finding (folder: RunFolder) : Finding =
    let agreement = PhaseChange.claim folder ".agreement"
    let unimportant = PhaseChange.claim folder ".edge-shift-unimportant"
    let important = PhaseChange.claim folder ".edge-shift-important"

    {
        Lead =
            $"The extra feature is dropped or stored opposite a unit one, and where it matters more than they do it has a dimension of its own while the other two share one; the best trained model is in the phase of the exact optimum in {100.0 * agreement.Measured:F1} %% of the cells that are decided. "
            + $"Biases move the end of superposition by {100.0 * unimportant.Measured:F0} %% in density where the extra feature matters less, by {100.0 * important.Measured:F0} %% where it matters more."
        Figures = PhaseChange.figures 2 folder
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Phase diagram of three features in the plane"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = PhaseChange.recipe >> Settings.json
        Run = PhaseChange.run Name 2 [ ExtraDropped; UnitDropped; ExtraPaired; UnitsPaired ] edges
        Finding = finding
    }
