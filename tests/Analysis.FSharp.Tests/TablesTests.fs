module Superposition.Analysis.Tests.TablesTests

open System.IO
open System.Text.Json
open Deedle
open Superposition
open Superposition.Sweeps
open Superposition.Analysis
open Xunit

[<Fact>]
let ``There is one row a feature, and it names the level and the nearest other feature`` () =
    let frame =
        Tables.features (Shapes.beside Shapes.triangle (array2D [ [ 2.0 ]; [ 0.0 ] ]))

    Assert.Equal<int list>([ 0..4 ], frame.RowKeys |> Seq.toList)
    Assert.Equal("triangle", frame.Columns["Level"].As<string>()[0])
    Assert.Equal("dedicated", frame.Columns["Level"].As<string>()[3])
    Assert.Equal("not represented", frame.Columns["Level"].As<string>()[4])
    Expect.near 1e-12 2.0 (frame.Columns["Norm"].As<float>()[3])
    Expect.near 1e-12 0.5 (frame.Columns["Interference"].As<float>()[1])
    Assert.DoesNotContain(0, [ frame.Columns["Nearest"].As<int>()[0] ])

[<Fact>]
let ``A lone feature has no nearest and a value between the levels has no level`` () =
    let lone = Tables.features (array2D [ [ 1.0; 0.0 ] ])
    Assert.False(lone.Columns["Nearest"].TryGet(0).HasValue)
    let bent = Tables.features (array2D [ [ 1.0; 0.0 ]; [ 0.5; 3.0 ] ])
    Assert.False(bent.Columns["Level"].TryGet(0).HasValue)

[<Fact>]
let ``A feature without a latent has missing cells and is not recovered`` () =
    let truth = Array2D.init 3 3 (fun i c -> if i = c then 1.0 else 0.0)

    let frame =
        Recovery.measure Recovery.defaults truth (Shapes.rowsAt [| 2; 0 |] truth)
        |> Tables.recovery

    Assert.Equal<int list>([ 1; 0 ], [ frame.Columns["Latent"].As<int>()[0]; frame.Columns["Latent"].As<int>()[2] ])
    Assert.False(frame.Columns["Latent"].TryGet(1).HasValue)
    Assert.False(frame.Columns["Cosine"].TryGet(1).HasValue)
    Assert.Equal<bool list>([ true; false; true ], frame.Columns["Recovered"].As<bool>().Values |> Seq.toList)

[<Fact>]
let ``There is one row a unit, and a silent one has no favourite`` () =
    let frame =
        array2D [ [ 0.0; 3.0 ]; [ 0.0; 0.0 ] ]
        |> Polysemanticity.ofResponses Polysemanticity.HalfMaximum
        |> Tables.units

    Assert.Equal(1, frame.Columns["Favourite"].As<int>()[0])
    Assert.False(frame.Columns["Favourite"].TryGet(1).HasValue)
    Assert.Equal(1.0, frame.Columns["Participation ratio"].As<float>()[0])

[<Fact>]
let ``A sweep is one call away, with numbers as numbers and the loss of a cell that failed missing`` () =
    let folder = Directory.CreateTempSubdirectory("superposition-").FullName

    try
        // At such a rate all instances run away.
        let plan =
            """{ "base": { "world": { "features": 4, "density": 0.5, "seed": 1 },
                           "model": { "dimensions": 2, "steps": 20, "batchSize": 8, "seed": 1 } },
                 "axes": [ { "kind": "grid", "field": "model.optimizer.learningRate", "values": [0.001, 1e30] } ] }"""

        let plan =
            JsonSerializer.Deserialize<SweepPlan>(plan, OptionsJson.Settings) |> nonNull

        Sweep.Run(plan, Path.Combine(folder, "sweep")) |> ignore
        let frame = Tables.sweep (Path.Combine(folder, "sweep"))
        Assert.Equal<int list>([ 0; 1 ], frame.RowKeys |> Seq.toList)
        Assert.Equal<float list>([ 0.001; 1e30 ], frame?``model.optimizer.learningRate``.Values |> Seq.toList)
        Assert.True(frame?loss.TryGet(0).HasValue)
        Assert.False(frame?loss.TryGet(1).HasValue)
        Assert.Equal("failed", frame.Columns["status"].As<string>()[1])
    finally
        Directory.Delete(folder, recursive = true)
