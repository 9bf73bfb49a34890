/// The page that ./build.sh has written.
module Superposition.Analysis.Tests.ReportPageTests

open System
open System.IO
open System.Threading.Tasks
open Microsoft.Playwright
open Xunit

let private report =
    let rec rootOf (folder: DirectoryInfo | null) =
        match folder with
        | null -> None
        | folder when File.Exists(Path.Combine(folder.FullName, "Pipeline.sln")) -> Some folder.FullName
        | folder -> rootOf folder.Parent

    rootOf (DirectoryInfo AppContext.BaseDirectory)
    |> Option.map (fun root -> Path.Combine(root, "artifacts", "report", "index.html"))
    |> Option.filter File.Exists

[<Theory; Trait("Category", "Report")>]
[<InlineData(ColorScheme.Light)>]
[<InlineData(ColorScheme.Dark)>]
let ``The report opens from the disk without a network, draws its charts and reports no error`` (scheme: ColorScheme) =
    task {
        Assert.SkipWhen(Browser.executable.IsNone, Browser.missing)
        Assert.SkipWhen(report.IsNone, "There is no artifacts/report/index.html; run ./build.sh first.")
        let path = Option.get report

        do!
            Browser.visit scheme path (fun page record ->
                task {
                    // As printing has it: what is far from the screen is drawn too.
                    do! page.EvaluateAsync("() => dispatchEvent(new Event('beforeprint'))") :> Task
                    let! charts = page.Locator(".js-plotly-plot").CountAsync()
                    let! places = page.Locator(".chart").CountAsync()

                    let screenshot =
                        Path.ChangeExtension(path, $".{(string scheme).ToLowerInvariant()}.png")

                    let! _ =
                        page.ScreenshotAsync(PageScreenshotOptions(Path = screenshot, FullPage = true))

                    Assert.Empty record.Complaints

                    Assert.Equal<string>(
                        [ Uri(path).AbsoluteUri ],
                        record.Requests
                        |> Seq.filter (fun url -> not (url.StartsWith "data:" || url.StartsWith "blob:"))
                    )

                    Assert.True(charts > 0, "The page draws no chart.")
                    Assert.Equal(places, charts)
                })
    }
