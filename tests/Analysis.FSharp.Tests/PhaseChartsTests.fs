module Superposition.Analysis.Tests.PhaseChartsTests

open System
open Superposition.Analysis
open Superposition.Analysis.Tests.Drawn
open Xunit

let private grid =
    {
        X = Axis.Log "density p"
        Xs = [| 0.01; 0.1; 1.0 |]
        Y = Axis.Linear "importance"
        Ys = [| 1.0; 2.0 |]
    }

let private labels = array2D [ [ 0; 1; 1 ]; [ -1; 0; 1 ] ]
let private diagram = Charts.phaseDiagram grid [| "dropped"; "<pair>" |] labels

[<Fact>]
let ``Cells end half way to the next as their axis measures it, and so do the axes`` () =
    let map = ofType "heatmap" diagram |> Array.exactlyOne
    let root = sqrt 10.0
    Expect.allNear 1e-3 [| 0.01 / root; 0.01 * root; 0.1 * root; root |] (get "x" map |> numbers)
    Expect.allNear 1e-12 [| 0.5; 1.5; 2.5 |] (get "y" map |> numbers)
    Expect.allNear 1e-12 [| -2.5; 0.5 |] (layout diagram |> get "xaxis" |> get "range" |> numbers)
    Expect.allNear 1e-12 [| 0.5; 2.5 |] (layout diagram |> get "yaxis" |> get "range" |> numbers)

[<Fact>]
let ``A cell has the colour that its name has in the legend; a negative label leaves it blank`` () =
    let map = ofType "heatmap" diagram |> Array.exactlyOne
    let z = get "z" map |> items |> Array.map numbers
    Assert.Equal<float[]>([| 0.0; 1.0; 1.0 |], z[0])
    Assert.True(Double.IsNaN(z[1][0]))

    let low, high = get "zmin" map |> number, get "zmax" map |> number
    let scale = get "colorscale" map |> items |> Array.map items

    let colour label =
        let place = (float label - low) / (high - low)

        scale
        |> Array.findBack (fun stop -> number stop[0] <= place)
        |> Array.last
        |> words

    for label, entry in ofType "scatter" diagram |> Array.indexed do
        Assert.Equal(colour label, get "marker" entry |> get "color" |> words)

    Assert.Equal<string[]>([| "dropped"; "&lt;pair&gt;" |], ofType "scatter" diagram |> Array.map (get "name" >> words))

[<Fact>]
let ``A diagram refuses a label without a name, and cells that are not its grid's`` () =
    let refusal labels =
        Assert.Throws<ArgumentException>(fun () -> Charts.phaseDiagram grid [| "one" |] labels |> ignore).Message

    Assert.Contains("A cell has label 1; there are 1 names.", refusal labels)
    Assert.Contains("labels is [1, 1]; a grid of 2 rows and 3 columns needs [2, 3].", refusal (array2D [ [ 0 ] ]))

[<Fact>]
let ``A diagram of more categories than there are colours is refused`` () =
    let names = Array.init 7 string

    let error =
        Assert.Throws<ArgumentException>(fun () -> Charts.phaseDiagram grid names labels |> ignore)

    Assert.Contains("There are 7 names; a reader tells 6 colours apart.", error.Message)

[<Fact>]
let ``Every field has a scale of its own, from 0 to its largest`` () =
    let figure =
        Charts.phaseField
            grid
            [|
                "norm", array2D [ [ 0.0; 1.0; 3.0 ]; [ nan; 1.0; 2.0 ] ]
                "interference", Array2D.create 2 3 0.5
            |]

    let maps = ofType "heatmap" figure
    Assert.Equal<float[]>([| 0.0; 0.0 |], maps |> Array.map (get "zmin" >> number))
    Assert.Equal<float[]>([| 3.0; 0.5 |], maps |> Array.map (get "zmax" >> number))
    Assert.Equal<string[]>([| "x"; "x2" |], maps |> Array.map (get "xaxis" >> words))

[<Fact>]
let ``Boundaries cross every panel and carry their name where they are in sight`` () =
    let boundary = Series.Of("equal loss", [| 1e-9; 0.1; 1e9 |], [| 1.0; 1.5; 2.0 |])

    let figure =
        Charts.phaseField grid [| "a", Array2D.zeroCreate 2 3; "b", Array2D.zeroCreate 2 3 |]
        |> Charts.withBoundaries [ boundary ]

    let lines = ofType "scatter" figure
    // Dark on light, in each of two panels.
    Assert.Equal<string[]>([| "x"; "x"; "x2"; "x2" |], lines |> Array.map (get "xaxis" >> words))

    let names =
        layout figure
        |> get "annotations"
        |> items
        |> Array.filter (fun name -> get "text" name |> words = "equal loss")

    Assert.Equal<string[]>([| "x"; "x2" |], names |> Array.map (get "xref" >> words))
    Expect.allNear 1e-12 [| -1.0; -1.0 |] (names |> Array.map (get "x" >> number))
    Expect.allNear 1e-12 [| 1.5; 1.5 |] (names |> Array.map (get "y" >> number))

[<Fact>]
let ``Marked cells are dots with a name in the legend`` () =
    let mark =
        diagram
        |> Charts.withMarks "the reference differs" [| 0.1, 2.0 |]
        |> traces
        |> Array.last

    Assert.Equal("the reference differs", get "name" mark |> words)
    Assert.Equal<float[]>([| 0.1 |], get "x" mark |> numbers)
    Assert.Equal<float[]>([| 2.0 |], get "y" mark |> numbers)
