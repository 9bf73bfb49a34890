module Superposition.Analysis.Tests.BrowserTests

open System
open System.IO
open Microsoft.Playwright
open Superposition.Analysis
open Xunit

let private figures =
    let x = [| 1.0; 2.0; 3.0 |]

    [
        Charts.plane "importance" [| 1.0; 0.9; 0.8; 0.7; 0.6 |] [| for p in [ 1.0; 0.3; 0.05 ] -> p, Shapes.pentagon |]
        Charts.gram [| "p = 1", Shapes.pentagon; "p = 0.1", Shapes.triangle |]
        Charts.dimensionality [| 1.0, [| 1.0; 0.0 |]; 0.1, [| 0.5; 0.5 |] |]
        Charts.bars "autoencoder" (Axis.Linear "MMCS") [| "learnt", [| "TopK", Statistics.estimate x |] |]
        Charts.histogram "cosine" 5 [| "learnt", x |]
        Charts.scatter (Axis.Linear "norm") (Axis.Linear "cosine") [ Series.Of("latents", x, x) ]
        Charts.line (Axis.Log "step") (Axis.Log "loss") [ Series.Of("loss", x, x) ]
    ]
    |> List.map (Figure.captioned "A figure.")

[<Fact>]
let ``A browser draws every chart, in light and in dark, asks the network for nothing and reports no error`` () =
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
                            Title = "All charts"
                            Lead = ""
                            Figures = figures
                            Claims = []
                            Tables = []
                        }
                    ]
            }

        try
            for scheme in [ ColorScheme.Light; ColorScheme.Dark ] do
                do!
                    Browser.visit scheme path (fun page record ->
                        task {
                            let! drawn = page.Locator(".chart svg.main-svg:first-of-type").CountAsync()
                            let! maps = page.Locator(".chart .heatmaplayer image").CountAsync()

                            let! segments =
                                page.Locator(".chart:first-of-type .scatterlayer .js-line").CountAsync()

                            let! ink =
                                page.EvaluateAsync<bool>
                                    "() => [...document.querySelectorAll('.chart .xtick text, .chart .annotation-text, .chart .legendtext, .chart .ytitle')].every(t => getComputedStyle(t).fill === getComputedStyle(document.body).color)"

                            Assert.Empty record.Complaints
                            Assert.Equal(figures.Length, drawn)
                            Assert.Equal(2, maps)
                            Assert.True(segments >= 15)
                            Assert.True(ink, "Some words of a chart do not have the page's ink.")
                            Assert.All(record.Requests, fun url -> Assert.Matches("^(file|data|blob):", url))
                        })
        finally
            File.Delete path
    }
