module Superposition.Analysis.Tests.ChartsTests

open System
open System.Text.Json
open Superposition.Analysis
open Xunit

let private drawn (figure: Figure) =
    JsonDocument.Parse(Figure.json figure).RootElement

let private get (name: string) (element: JsonElement) = element.GetProperty name
let private items (element: JsonElement) = element.EnumerateArray() |> Seq.toArray
let private traces figure = drawn figure |> get "data" |> items
let private layout figure = drawn figure |> get "layout"

let private numbers (element: JsonElement) =
    items element
    |> Array.map (fun x ->
        if x.ValueKind = JsonValueKind.Null then
            nan
        else
            x.GetDouble())

let private axes letter figure =
    (layout figure).EnumerateObject()
    |> Seq.filter (fun entry -> entry.Name.StartsWith(letter + "axis"))
    |> Seq.length

[<Fact>]
let ``A plane has a panel a density and a segment from the origin to every feature`` () =
    let panels =
        [|
            1.0, Shapes.polygon 5 0.0
            0.1, Shapes.polygon 5 1.0
            0.05, Shapes.polygon 5 2.0
        |]

    let figure = Charts.plane "importance" [| 5.0; 4.0; 3.0; 2.0; 1.0 |] panels
    Assert.Equal((3, 3), (axes "x" figure, axes "y" figure))

    let segments =
        traces figure
        |> Array.filter (fun trace -> (get "mode" trace).GetString() = "lines+markers")

    Assert.Equal(15, segments.Length)

    segments
    |> Array.iteri (fun s segment ->
        let W = snd panels[s / 5]
        Expect.allNear 1e-4 [| 0.0; W[s % 5, 0] |] (numbers (get "x" segment))
        Expect.allNear 1e-4 [| 0.0; W[s % 5, 1] |] (numbers (get "y" segment)))

    let titles =
        layout figure
        |> get "annotations"
        |> items
        |> Array.map (fun a -> string ((get "text" a).GetString()))

    Assert.Equal<string array>([| "p = 1"; "p = 0.1"; "p = 0.05" |], titles)

[<Fact>]
let ``A plane refuses features that do not lie in one`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Charts.plane "importance" [| 1.0 |] [| 0.5, Shapes.tetrahedron |] |> ignore)

    Assert.Contains("W is [4, 3]; a plane of 1 features is [1, 2]", error.Message)

[<Fact>]
let ``Heat maps hold the inner products on one scale with one colour bar`` () =
    let figure =
        Charts.gram
            [|
                "one", Shapes.triangle
                "two", Shapes.triangle |> Array2D.map (fun w -> 3.0 * w)
            |]

    let maps = traces figure

    for map in maps do
        Expect.near 1e-12 -9.0 ((get "zmin" map).GetDouble())
        Expect.near 1e-12 9.0 ((get "zmax" map).GetDouble())

    Assert.Equal<bool array>([| false; true |], maps |> Array.map (fun map -> (get "showscale" map).GetBoolean()))
    let z = get "z" maps[1] |> items |> Array.map numbers
    Expect.allNear 1e-4 [| 9.0; -4.5; -4.5 |] z[0]

[<Fact>]
let ``Panels beyond the fifth start a new row below`` () =
    let figure = Charts.gram (Array.create 7 ("same", Shapes.triangle))

    let domain (axis: string) =
        layout figure |> get axis |> get "domain" |> numbers

    Assert.Equal<float[]>(domain "xaxis", domain "xaxis6")
    Assert.True((domain "yaxis6")[1] < (domain "yaxis5")[0])

[<Fact>]
let ``Points of a strip stay nearer to their own density than to the next`` () =
    let strips = [| for i in 0..9 -> 2.0 ** float -i, Array.create 50 0.5 |]
    let x = traces (Charts.dimensionality strips) |> Array.head |> get "x" |> numbers
    Assert.Equal(500, x.Length)

    x
    |> Array.iteri (fun at x -> Assert.InRange(Math.Log2 x, float (at / 50) - 0.5, float (at / 50) + 0.5))

[<Fact>]
let ``Dimensionality is drawn over the lines of the levels`` () =
    let shapes =
        layout (Charts.dimensionality [| 0.1, [| 0.4 |] |]) |> get "shapes" |> items

    Assert.Contains(0.375, shapes |> Array.map (fun line -> (get "y0" line).GetDouble()))

[<Fact>]
let ``A histogram counts every finite value once, in bins all series share`` () =
    let figure =
        Charts.histogram "cosine" 4 [| "a", [| 0.0; 0.1; 0.9; 1.0; nan |]; "b", [| 0.5; infinity |] |]

    let counts = traces figure |> Array.map (get "y" >> numbers)
    Assert.Equal<float[]>([| 2.0; 0.0; 0.0; 2.0 |], counts[0])
    Assert.Equal<float[]>([| 0.0; 0.0; 1.0; 0.0 |], counts[1])
    Expect.allNear 1e-12 [| 0.125; 0.375; 0.625; 0.875 |] (traces figure |> Array.head |> get "x" |> numbers)

[<Fact>]
let ``A histogram of one value or of none is no error`` () =
    let total values =
        traces (Charts.histogram "x" 3 [| "a", values |])
        |> Array.head
        |> get "y"
        |> numbers
        |> Array.sum

    Assert.Equal(4.0, total (Array.create 4 7.0))
    Assert.Equal(0.0, total [||])

[<Fact>]
let ``Bars carry their intervals, and a single seed has none`` () =
    let estimates =
        [|
            "many", Statistics.estimate [| 1.0; 2.0; 3.0 |]
            "one", Statistics.estimate [| 5.0 |]
        |]

    let bar =
        traces (Charts.bars "autoencoder" (Axis.Linear "MMCS") [| "learnt", estimates |])
        |> Array.head

    Assert.Equal<float[]>([| 2.0; 5.0 |], get "y" bar |> numbers)
    let above = get "error_y" bar |> get "array" |> numbers
    Expect.near 1e-3 (4.303 / sqrt 3.0) above[0]
    Assert.True(Double.IsNaN above[1])

[<Fact>]
let ``A curve with estimates has its band beneath it and gaps where nothing is finite`` () =
    let estimates =
        [| 1.0; 2.0 |]
        |> Array.map (fun m -> Statistics.estimate [| m - 0.1; m + 0.1 |])

    let figure =
        Charts.line
            (Axis.Linear "step")
            (Axis.Log "loss")
            [
                Series.OfEstimates("banded", [| 0.0; 1.0 |], estimates)
                Series.Of("plain", [| 0.0; 1.0 |], [| nan; 3.0 |])
            ]

    let traces = traces figure
    Assert.Equal(3, traces.Length)
    Assert.Equal<float[]>([| 0.0; 1.0; 1.0; 0.0 |], get "x" traces[0] |> numbers)
    let plain = get "y" traces[2] |> numbers
    Assert.True(Double.IsNaN plain[0])

    Assert.NotEqual<string | null>(
        (get "line" traces[1] |> get "dash").GetString(),
        (get "line" traces[2] |> get "dash").GetString()
    )

    Assert.Equal("log", (layout figure |> get "yaxis" |> get "type").GetString())

[<Fact>]
let ``Names from the data stay text and cannot end a script`` () =
    let evil = "</script><b>&"

    let json =
        Charts.scatter (Axis.Linear evil) (Axis.Linear "y") [ Series.Of(evil, [| 1.0 |], [| 1.0 |]) ]
        |> Figure.json

    Assert.DoesNotContain("<", json)

    let name =
        (get "name" (items (JsonDocument.Parse(json).RootElement |> get "data")).[0]).GetString()

    Assert.Equal("&lt;/script&gt;&lt;b&gt;&amp;", name)

[<Fact>]
let ``The sequential scale grows lighter from end to end and takes any number`` () =
    let lightness t =
        let channels =
            (Palette.sequential t).Replace("rgb(", "").Replace(")", "").Split(',')
            |> Array.map (fun c ->
                let c = float c / 255.0

                if c <= 0.04045 then
                    c / 12.92
                else
                    ((c + 0.055) / 1.055) ** 2.4)

        0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]

    for step in 0..98 do
        Assert.True(lightness (float step / 100.0) <= lightness (float (step + 2) / 100.0))

    Assert.Equal(Palette.sequential 0.0, Palette.sequential -3.0)
    Assert.Equal(Palette.sequential 1.0, Palette.sequential infinity)
    Assert.Equal(Palette.sequential 0.0, Palette.sequential nan)
