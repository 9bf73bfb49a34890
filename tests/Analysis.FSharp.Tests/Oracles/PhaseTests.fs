module Superposition.Analysis.Tests.Oracles.PhaseTests

open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

let private expect (phase: Phase) (W: float list list) =
    Assert.Equal(phase, Phase.ofWeights (array2D W))

[<Fact>]
let ``Of two features in one dimension one is dropped, or they are opposite, or confused`` () =
    expect ExtraDropped [ [ 1.0 ]; [ 0.1 ] ]
    expect UnitDropped [ [ -0.3 ]; [ 1.0 ] ]
    expect ExtraPaired [ [ 1.0 ]; [ -0.9 ] ]
    expect Confused [ [ 0.7 ]; [ 0.7 ] ]
    expect Unsettled [ [ 0.1 ]; [ 0.1 ] ]

[<Fact>]
let ``Of three features in the plane one is dropped, or two are opposite, or all form a triangle`` () =
    expect ExtraDropped [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ 0.1; 0.1 ] ]
    expect UnitDropped [ [ 1.0; 0.0 ]; [ 0.0; 0.2 ]; [ 0.1; 1.0 ] ]
    expect UnitDropped [ [ 0.0; 0.2 ]; [ 1.0; 0.0 ]; [ 0.1; 1.0 ] ]
    expect ExtraPaired [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ 0.1; -1.0 ] ]
    expect ExtraPaired [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ -1.0; 0.1 ] ]
    expect UnitsPaired [ [ 1.0; 0.0 ]; [ -1.0; 0.1 ]; [ 0.0; 1.0 ] ]
    expect Confused [ [ 0.7; 0.0 ]; [ 0.0; 1.0 ]; [ 0.7; 0.1 ] ]
    Assert.Equal(Triangle, Phase.ofWeights Shapes.triangle)
    expect Unsettled [ [ 1.0; 0.0 ]; [ -1.0; 0.0 ]; [ 0.1; 0.1 ] ]
    expect Unsettled [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ 0.7; 0.7 ] ]

[<Fact>]
let ``A label is as clear as its nearest threshold is far`` () =
    Expect.near 1e-12 0.1 (Phase.clearance (array2D [ [ 1.0; 0.0 ]; [ 0.0; 0.4 ] ]))
    Expect.near 1e-12 0.1 (Phase.clearance (array2D [ [ 1.0 ]; [ -1.0 ] ]))
    Expect.near 1e-12 0.3 (Phase.clearance (array2D [ [ 1.0; 0.0 ]; [ -0.6; 0.8 ] ]))
