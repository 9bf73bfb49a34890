module Superposition.Analysis.Tests.ChartsTests

open System
open System.Text.Json
open Superposition.Analysis
open Superposition.Analysis.Tests.Drawn
open Xunit

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

[<Fact>]
let ``D* stands over the lines of the levels, from 0, with every feature behind it where that is given`` () =
    let curve = Series.Of("D*", [| 1.0; 10.0 |], [| 1.0; 0.5 |])
    let alone = Charts.dStar [ curve ] [||]
    Assert.Equal<float[]>([| 1.0; 0.5 |], traces alone |> Array.exactlyOne |> get "y" |> numbers)
    Assert.Equal("log", layout alone |> get "xaxis" |> get "type" |> words)
    Assert.Equal("tozero", layout alone |> get "yaxis" |> get "rangemode" |> words)

    Assert.Equal<float[]>(
        [| 1.0; 3.0 / 4.0; 2.0 / 3.0; 1.0 / 2.0; 2.0 / 5.0; 3.0 / 8.0 |],
        layout alone |> get "shapes" |> items |> Array.map (get "y0" >> number)
    )

    let both = Charts.dStar [ curve ] [| 0.1, [| 0.4; 0.6 |] |]
    Assert.Equal<float[]>([| 0.4; 0.6 |], traces both |> Array.head |> get "y" |> numbers)
    Assert.Equal<float[]>([| 1.0; 0.5 |], traces both |> Array.last |> get "y" |> numbers)

[<Fact>]
let ``Vulnerability is measured at the left, features per dimension at the right, of the same densities`` () =
    let x = [| 1.0; 10.0 |]

    let figure =
        Charts.adversarial (Series.Of("attack", x, [| 1.0; 3.0 |])) (Series.Of("stored", x, [| 1.0; 2.0 |]))

    Assert.Equal<string[]>([| "attack (left)"; "stored (right)" |], traces figure |> Array.map (get "name" >> words))
    Assert.Equal<string[]>([| "y"; "y2" |], traces figure |> Array.map (get "yaxis" >> words))
    Assert.Equal("right", layout figure |> get "yaxis2" |> get "side" |> words)
    Assert.Equal("y", layout figure |> get "yaxis2" |> get "overlaying" |> words)

[<Theory>]
[<InlineData(1.0, 0.0)>]
[<InlineData(-2.0, -2.0)>]
let ``The scale of a heat map begins at 0, or is as long below it as above where some are negative``
    (first: float, low: float)
    =
    let figure =
        Charts.heat
            "cosine"
            ("row", [| "a"; "<b>" |])
            ("column", [| "same"; "same" |])
            (array2D [ [ first; 0.5 ]; [ 1.0; 1.5 ] ])

    let map = traces figure |> Array.exactlyOne
    Assert.Equal<float[]>([| first; 0.5 |], (get "z" map |> items)[0] |> numbers)
    Expect.near 1e-12 low (get "zmin" map |> number)

    Assert.Equal<string[]>(
        [| "a"; "&lt;b&gt;" |],
        layout figure |> get "yaxis" |> get "ticktext" |> items |> Array.map words
    )

    Assert.Equal("reversed", layout figure |> get "yaxis" |> get "autorange" |> words)

[<Fact>]
let ``A heat map refuses other names than it has rows and columns`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Charts.heat "cosine" ("row", [| "a" |]) ("column", [| "b"; "c" |]) (array2D [ [ 1.0 ] ])
            |> ignore)

    Assert.Contains("The cells are [1, 1]; 1 names of rows and 2 of columns", error.Message)

[<Fact>]
let ``Names of levels stand at the logarithm on a logarithmic axis, their lines at the value`` () =
    let figure =
        Charts.line (Axis.Linear "step") (Axis.Log "D") [ Series.Of("D", [| 0.0 |], [| 0.5 |]) ]
        |> Charts.withLevels [ "tenth", 0.1 ]

    Expect.near 1e-12 -1.0 ((layout figure |> get "annotations" |> items)[0] |> get "y" |> number)
    Expect.near 1e-12 0.1 ((layout figure |> get "shapes" |> items)[0] |> get "y0" |> number)
