module Superposition.Analysis.Tests.Oracles.PhaseDiagramTests

open System
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

let private logSpaced (low: float) (high: float) count =
    Array.init count (fun at -> low * (high / low) ** (float at / float (count - 1)))

/// The share of the cells of a 32 × 32 grid, r in [0.1, 10] and p in [0.01, 1], whose optimum has the ansatz's phase.
let private agreement units =
    PhaseDiagram.grid 1 16 units (logSpaced 0.1 10.0 32) (logSpaced 0.01 1.0 32)
    |> Seq.cast<PhaseCell>
    |> Seq.averageBy (fun cell ->
        if cell.Phase = Ansatz.best units cell.ExtraImportance cell.Density then
            1.0
        else
            0.0)

[<Fact>]
let ``An optimum is no worse than any ansatz`` () =
    for units in 1..2 do
        for r, p in [ 0.2, 0.1; 0.2, 0.8; 5.0, 0.1; 5.0, 0.9; 0.9, 0.5 ] do
            let cell = PhaseDiagram.cell 1 8 units r p

            for phase in Phase.all do
                match Ansatz.loss units r p phase with
                | Some loss -> Assert.True(cell.Optimum.Loss <= loss + 1e-12, $"{phase} at r = {r}, p = {p}")
                | None -> ()

            Assert.Equal(cell.Phase, Phase.ofWeights cell.Optimum.W)
            Assert.Equal(cell.Optimum.Loss, snd cell.Losses[0])

[<Fact>]
let ``Far from its edges the diagram is the ansatz's`` () =
    let phase units r p = (PhaseDiagram.cell 1 8 units r p).Phase
    Assert.Equal(ExtraPaired, phase 1 0.5 0.1)
    Assert.Equal(ExtraDropped, phase 1 0.2 0.8)
    Assert.Equal(UnitDropped, phase 1 5.0 0.8)
    Assert.Equal(ExtraPaired, phase 2 0.5 0.1)
    Assert.Equal(ExtraDropped, phase 2 0.2 0.8)
    Assert.Equal(UnitsPaired, phase 2 5.0 0.1)
    Assert.Equal(UnitDropped, phase 2 5.0 0.9)

[<Fact>]
let ``Free biases move the edge of superposition to denser features`` () =
    let phase units r p =
        (PhaseDiagram.cell 1 16 units r p).Phase

    // r = 0.5: 0.484 instead of 4r/(2 + 5r) = 0.444.
    for units in 1..2 do
        Assert.Equal(ExtraPaired, phase units 0.5 0.48)
        Assert.Equal(ExtraDropped, phase units 0.5 0.49)

    // r = 2 and two unit features: 0.713 instead of 4/7 = 0.571.
    Assert.Equal(UnitsPaired, phase 2 2.0 0.71)
    Assert.Equal(UnitDropped, phase 2 2.0 0.72)
    let cell = PhaseDiagram.cell 1 16 2 2.0 0.649
    Assert.Equal(UnitsPaired, cell.Phase)
    Expect.near 1e-4 0.1052 cell.Optimum.Loss

    Expect.near
        1e-6
        cell.Optimum.Loss
        (Sampled.quadrature
            100
            {
                Density = Array.create 3 0.649
                Importance = [| 1.0; 1.0; 2.0 |]
            }
            cell.Optimum.W
            cell.Optimum.b)

[<Fact>]
let ``Three equal features in the plane are best as a triangle between pairing and dropping`` () =
    let cell = PhaseDiagram.cell 1 16 2 1.0 0.65
    Assert.Equal(Triangle, cell.Phase)
    Expect.allNear 1e-6 (Array.create 3 (2.0 / 3.0)) (Dimensionality.ofWeights cell.Optimum.W)
    Assert.True(cell.Optimum.Loss < 0.95 * (Ansatz.loss 2 1.0 0.65 UnitDropped).Value)

[<Fact>]
let ``Without biases dense features are confused, with biases one is dropped`` () =
    // McGrath's comment, printed with Toy Models of Superposition: n = 2, d = 1, S = 0.1, I₂ = 0.8.
    let features =
        {
            Density = [| 0.9; 0.9 |]
            Importance = [| 1.0; 0.8 |]
        }

    let unbiased =
        Optimum.starts 1 16 2 1
        |> Array.map (fun (W, _) ->
            Minimum.from
                200
                (fun w ->
                    let value =
                        ExactLoss.lossAndGradient features (array2D [ [ w[0] ]; [ w[1] ] ]) [| 0.0; 0.0 |]

                    struct (value.Loss, [| value.W[0, 0]; value.W[1, 0] |]))
                [| W[0, 0]; W[1, 0] |])
        |> Array.minBy _.Loss

    Assert.Equal(Confused, Phase.ofWeights (array2D [ [ unbiased.Point[0] ]; [ unbiased.Point[1] ] ]))
    Expect.near 0.05 (1.0 / sqrt 2.0) (abs unbiased.Point[0])
    Expect.near 0.05 (1.0 / sqrt 2.0) (abs unbiased.Point[1])
    Assert.Equal(ExtraDropped, (PhaseDiagram.cell 1 16 1 0.8 0.9).Phase)

[<Fact>]
let ``A cell of a grid is the cell alone`` () =
    let grid = PhaseDiagram.grid 1 4 1 [| 0.3; 3.0 |] [| 0.1; 0.5; 0.9 |]
    let alone = PhaseDiagram.cell 1 4 1 3.0 0.5
    Assert.Equal<float[,]>(alone.Optimum.W, grid[1, 1].Optimum.W)
    Assert.Equal<(Phase * float)[]>(alone.Losses, grid[1, 1].Losses)

[<Fact; Trait("Category", "Science")>]
let ``For two features in one dimension the ansatz names 98 cells of 100`` () = Expect.near 0.01 0.98 (agreement 1)

[<Fact; Trait("Category", "Science")>]
let ``For three features in the plane the ansatz names 97 cells of 100`` () = Expect.near 0.01 0.968 (agreement 2)

[<Fact>]
let ``Phases are named for one or two unit features`` () =
    Assert.Throws<ArgumentException>(fun () -> PhaseDiagram.cell 1 1 3 1.0 0.1 |> ignore)
