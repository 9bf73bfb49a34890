module Superposition.Analysis.Tests.Oracles.AnsatzTests

open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Superposition.Features
open Xunit

/// Weights of a phase, unit vectors; d unit features and an extra one.
let private weights units phase =
    match units, phase with
    | 1, ExtraDropped -> array2D [ [ 1.0 ]; [ 0.0 ] ], Some 1
    | 1, UnitDropped -> array2D [ [ 0.0 ]; [ 1.0 ] ], Some 0
    | 1, _ -> array2D [ [ 1.0 ]; [ -1.0 ] ], None
    | _, ExtraDropped -> array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ 0.0; 0.0 ] ], Some 2
    | _, UnitDropped -> array2D [ [ 1.0; 0.0 ]; [ 0.0; 0.0 ]; [ 0.0; 1.0 ] ], Some 1
    | _, ExtraPaired -> array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ 0.0; -1.0 ] ], None
    | _, _ -> array2D [ [ 1.0; 0.0 ]; [ -1.0; 0.0 ]; [ 0.0; 1.0 ] ], None

[<Fact>]
let ``The losses are the exact losses of unit vectors and of the best bias of the feature dropped`` () =
    for units in 1..2 do
        for phase in Phase.all do
            for r, p in [ 0.3, 0.2; 2.0, 0.7; 1.0, 1.0 ] do
                match Ansatz.loss units r p phase with
                | None -> ()
                | Some expected ->
                    let W, dropped = weights units phase

                    let features =
                        {
                            Density = Array.create (units + 1) p
                            Importance = Array.init (units + 1) (fun i -> if i = units then r else 1.0)
                        }

                    let b = Array.init (units + 1) (fun i -> if Some i = dropped then p / 2.0 else 0.0)
                    Expect.near 1e-14 expected (ExactLoss.lossAndGradient features W b).Loss

[<Fact>]
let ``On the lines two phases cost the same`` () =
    let at units r p phase = (Ansatz.loss units r p phase).Value

    for r in [ 0.1; 0.5; 1.0 ] do
        let p = Ansatz.extraStored r
        Expect.near 1e-15 (at 1 r p ExtraDropped) (at 1 r p ExtraPaired)
        Assert.Equal(ExtraPaired, Ansatz.best 1 r (0.99 * p))
        Assert.Equal(ExtraDropped, Ansatz.best 1 r (1.01 * p))

    for r in [ 1.0; 3.0; 10.0 ] do
        let p = Ansatz.unitStored r
        Expect.near 1e-15 (at 1 r p UnitDropped) (at 1 r p ExtraPaired)
        Assert.Equal(ExtraPaired, Ansatz.best 1 (r + 1e-9) (0.99 * p))
        Assert.Equal(UnitDropped, Ansatz.best 1 (r + 1e-9) (1.01 * p))
        Expect.near 1e-15 (at 2 r Ansatz.triplePoint UnitDropped) (at 2 r Ansatz.triplePoint UnitsPaired)

[<Fact>]
let ``The lines meet at four sevenths`` () =
    Expect.near 1e-15 Ansatz.triplePoint (Ansatz.extraStored 1.0)
    Expect.near 1e-15 Ansatz.triplePoint (Ansatz.unitStored 1.0)

[<Fact>]
let ``Below the pairing density opposites cost less than one feature stored, whatever the values`` () =
    Expect.near 1e-7 Ansatz.triplePoint (Ansatz.pairing (UniformValues()))
    // E min² is 1 for two ones, 26/9 for two of {1, 2, 3} and 11/24 for two from [½, 1].
    Expect.near 1e-7 (1.0 / 3.0) (Ansatz.pairing (BinaryValues()))
    Expect.near 1e-7 (14.0 / 3.0 / (52.0 / 9.0 + 4.0)) (Ansatz.pairing (DiscreteValues(1.0f, 2.0f, 3.0f)))
    Expect.near 1e-7 (7.0 / 12.0 / (11.0 / 12.0 + 9.0 / 16.0)) (Ansatz.pairing (UniformValues(0.5f, 1.0f)))
