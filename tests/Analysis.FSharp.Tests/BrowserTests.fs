module Superposition.Analysis.Tests.BrowserTests

open System
open System.IO
open System.Threading.Tasks
open Microsoft.Playwright
open Superposition.Analysis
open Xunit

let private x = [| 1.0; 2.0; 3.0 |]

let private grid =
    {
        X = Axis.Log "density p"
        Xs = x
        Y = Axis.Log "importance"
        Ys = [| 0.1; 1.0; 10.0 |]
    }

let private still =
    [
        Charts.plane "importance" [| 1.0; 0.9; 0.8; 0.7; 0.6 |] [| for p in [ 1.0; 0.3; 0.05 ] -> p, Shapes.pentagon |]
        Charts.gram [| "p = 1", Shapes.pentagon; "p = 0.1", Shapes.triangle |]
        Charts.dimensionality [| 1.0, [| 1.0; 0.0 |]; 0.1, [| 0.5; 0.5 |] |]
        Charts.bars "autoencoder" (Axis.Linear "MMCS") [| "learnt", [| "TopK", Statistics.estimate x |] |]
        Charts.histogram "cosine" 5 [| "learnt", x |]
        Charts.scatter (Axis.Linear "norm") (Axis.Linear "cosine") [ Series.Of("latents", x, x) ]
        Charts.line (Axis.Log "step") (Axis.Log "loss") [ Series.Of("loss", x, x) ]
        Charts.featureBars [| "p = 1", Shapes.pentagon; "p = 0.1", Shapes.triangle |]
        Charts.neuronBars [| "p = 1", Shapes.pentagon, [| true; false |] |]
        Charts.phaseDiagram grid [| "dropped"; "pair" |] (Array2D.init 3 3 (fun i j -> (i + j) % 2))
        |> Charts.withBoundaries [ Series.Of("equal loss", x, [| 0.1; 1.0; 10.0 |]) ]
        |> Charts.withMarks "differs" [| 1.0, 1.0 |]
        Charts.phaseField grid [| "norm", Array2D.create 3 3 1.0; "interference", Array2D.create 3 3 0.5 |]
        Charts.dStar [ Series.Of("D*", x, [| 1.0; 0.5; 0.4 |]) ] [| 0.5, [| 0.5 |] |]
        Charts.adversarial (Series.Of("attack", x, x)) (Series.Of("stored", x, x))
        Charts.energyLevels x (Array2D.create 4 3 0.5) (Series.Of("loss", x, x))
        Charts.heat "cosine" ("row", [| "a" |]) ("column", [| "b"; "c" |]) (array2D [ [ 1.0; -1.0 ] ])
    ]

let private stepped =
    Charts.trajectory
        [| "all", [| 0..4 |] |]
        [|
            for step in x -> step, Shapes.pentagon |> Array2D.map (fun w -> w * step / 3.0)
        |]
        (Series.Of("loss", x, x))

let private figures = stepped :: still |> List.map (Figure.captioned "A figure.")

let private visiting (schemes: ColorScheme list) (test: IPage -> Browser.Record -> Task<unit>) =
    task {
        Assert.SkipWhen(Browser.executable.IsNone, Browser.missing)
        let path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString "N" + ".html")

        Report.write
            path
            {
                Title = "Superposition"
                Summary = []
                Colophon = ""
                Sections =
                    [
                        {
                            Id = "all"
                            Part = ""
                            Title = "All charts"
                            Lead = ""
                            Figures = figures
                            Claims = []
                            Tables = []
                            Links = []
                        }
                    ]
            }

        try
            for scheme in schemes do
                do! Browser.visit scheme path test
        finally
            File.Delete path
    }

let private drawn (page: IPage) =
    page.Locator(".chart svg.main-svg:first-of-type").CountAsync()

/// Goes down the page by half a screen at a time, as a reader does, until its end.
let private scroll (page: IPage) =
    page.EvaluateAsync(
        "async () => { for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) { scrollTo(0, y); await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); } }"
    )
    :> Task

[<Fact>]
let ``A browser draws every chart, in light and in dark, asks the network for nothing and reports no error`` () =
    visiting [ ColorScheme.Light; ColorScheme.Dark ] (fun page record ->
        task {
            do! scroll page
            let! drawn = drawn page
            let! maps = page.Locator(".chart .heatmaplayer image").CountAsync()

            let! segments =
                page.Locator(".chart:first-of-type .scatterlayer .js-line").CountAsync()

            let! ink =
                page.EvaluateAsync<bool>
                    "() => [...document.querySelectorAll('.chart [class$=tick] text, .chart .annotation-text, .chart .legendtext, .chart text[class*=title]')].every(t => getComputedStyle(t).fill === getComputedStyle(document.body).color)"

            Assert.Empty record.Complaints
            Assert.Equal(figures.Length, drawn)
            Assert.Equal(8, maps)
            Assert.True(segments >= 15)
            Assert.True(ink, "Some words of a chart do not have the page's ink.")
            Assert.All(record.Requests, fun url -> Assert.Matches("^(file|data|blob):", url))
        })

[<Fact>]
let ``A chart far below the screen waits until it is scrolled to, and printing waits for none`` () =
    visiting [ ColorScheme.Light ] (fun page _ ->
        task {
            do! page.Locator(".chart svg.main-svg").First.WaitForAsync()
            let! atFirst = drawn page
            Assert.InRange(atFirst, 1, figures.Length / 2)
            let! _ = page.PdfAsync()
            let! printed = drawn page
            Assert.Equal(figures.Length, printed)
        })

[<Fact>]
let ``The slider takes a figure to its step, and play goes on from there`` () =
    visiting [ ColorScheme.Light ] (fun page record ->
        task {
            do! page.Locator(".chart svg.main-svg").First.WaitForAsync()
            let slider = page.Locator(".steps input")
            let said = page.Locator(".steps output")

            // The tip of the pentagon's first feature, which the snapshots scale by step / 3.
            let tip () =
                page.EvaluateAsync<float>
                    "() => document.querySelector('.chart').data.findLast(trace => trace.name === 'all').x[0]"

            do! slider.FillAsync "0"
            let! words = said.TextContentAsync()
            let! first = tip ()
            Assert.Equal("step 1", words)
            Expect.near 1e-3 (Shapes.pentagon[0, 0] / 3.0) first

            do! page.Locator(".steps button").ClickAsync()
            do! page.WaitForFunctionAsync "() => document.querySelector('.steps output').value === 'step 3'" :> Task
            let! last = tip ()
            Expect.near 1e-3 Shapes.pentagon[0, 0] last
            let! button = page.Locator(".steps button").TextContentAsync()
            Assert.Equal("Play", button)
            Assert.Empty record.Complaints
        })
