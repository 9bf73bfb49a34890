module Superposition.Analysis.Tests.TrainingChartsTests

open System
open Superposition.Analysis
open Superposition.Analysis.Tests.Drawn
open Xunit

let private steps = [| 0.0; 100.0; 200.0 |]
let private loss = Series.Of("loss", [| 0.0; 150.0 |], [| 0.3; 0.1 |])

[<Fact>]
let ``Every feature's level and the loss share the steps, each on an axis of its own`` () =
    let levels = array2D [ [ 0.1; 0.4; 0.5 ]; [ 0.1; 0.4; 0.0 ] ]
    let figure = Charts.energyLevels steps levels loss
    let traces = traces figure
    Assert.Equal<float[]>([| 0.1; 0.4; 0.5 |], get "y" traces[0] |> numbers)
    Assert.Equal<float[]>([| 0.1; 0.4; 0.0 |], get "y" traces[1] |> numbers)
    Assert.Equal("y2", get "yaxis" traces[2] |> words)

    for axis in [ "yaxis"; "yaxis2" ] do
        Assert.Equal("log", layout figure |> get axis |> get "type" |> words)

    let over, under =
        layout figure |> get "yaxis" |> get "domain" |> numbers,
        layout figure |> get "yaxis2" |> get "domain" |> numbers

    Assert.True(under[1] < over[0])

[<Fact>]
let ``A loss over a decade or more is labelled at 1, 2 and 5, over less as plotly.js has it`` () =
    let axis losses =
        Charts.energyLevels steps (Array2D.create 1 3 0.5) (Series.Of("loss", steps, losses))
        |> layout
        |> get "yaxis2"

    let labels = axis [| 0.3; 0.1; 0.02 |] |> get "tickvals" |> numbers
    Expect.allNear 1e-12 [| 0.02; 0.05; 0.1; 0.2 |] (labels |> Array.filter (fun at -> 0.02 <= at && at <= 0.3))
    let found, _ = (axis [| 0.09; 0.08; 0.07 |]).TryGetProperty "tickvals"
    Assert.False found

[<Fact>]
let ``Levels at other steps than are named are refused`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () -> Charts.energyLevels steps (Array2D.zeroCreate 4 2) loss |> ignore)

    Assert.Contains("The levels are [4, 2], features by steps; there are 3 steps.", error.Message)

let private snapshots =
    steps
    |> Array.map (fun step -> step, Array2D.init 3 2 (fun i j -> step + float (2 * i + j)))

let private trajectory =
    Charts.trajectory [| "first", [| 0; 2 |]; "second", [| 1 |] |] snapshots loss

[<Fact>]
let ``A trajectory has a frame a snapshot that moves the sets and the marker on the loss, and nothing else`` () =
    let traces, frames = traces trajectory, drawn trajectory |> get "frames" |> items
    Assert.Equal<string[]>([| "step 0"; "step 100"; "step 200" |], frames |> Array.map (get "name" >> words))

    for step, frame in Array.zip steps frames do
        let moved = get "traces" frame |> numbers |> Array.map int
        let data = get "data" frame |> items

        Assert.Equal<string[]>(
            [| "first"; "second" |],
            moved[..1] |> Array.map (fun t -> get "name" traces[t] |> words)
        )

        Assert.Equal("y2", get "yaxis" traces[moved[2]] |> words)
        // The tip and the origin of feature 0, a gap, then those of feature 2.
        let first, second = get "x" data[0] |> numbers, get "y" data[1] |> numbers
        Assert.Equal<float[]>([| step; 0.0; nan; step + 4.0; 0.0; nan |], first)
        Assert.Equal<float[]>([| step + 3.0; 0.0; nan |], second)
        Expect.allNear 1e-12 [| step |] (get "x" data[2] |> numbers)

    // The last record until the step.
    let marked =
        frames
        |> Array.map (fun frame -> (get "data" frame |> items)[2] |> get "y" |> numbers |> Array.exactlyOne)

    Assert.Equal<float[]>([| 0.3; 0.3; 0.1 |], marked)

[<Fact>]
let ``A trajectory is drawn as its last frame has it`` () =
    let traces, last =
        traces trajectory, drawn trajectory |> get "frames" |> items |> Array.last

    for trace, moved in Array.zip (get "traces" last |> numbers) (get "data" last |> items) do
        for coordinate in [ "x"; "y" ] do
            Assert.Equal<float[]>(get coordinate moved |> numbers, get coordinate traces[int trace] |> numbers)

[<Fact>]
let ``A trajectory outside a plane is refused, and so is one without a snapshot`` () =
    let refusal snapshots =
        Assert
            .Throws<ArgumentException>(fun () -> Charts.trajectory [| "all", [| 0..3 |] |] snapshots loss |> ignore)
            .Message

    Assert.Contains(
        "At step 5, the snapshot is [4, 3]; 4 features in a plane need [4, 2].",
        refusal [| 5.0, Shapes.tetrahedron |]
    )

    Assert.Contains("There are no snapshots", refusal [||])
