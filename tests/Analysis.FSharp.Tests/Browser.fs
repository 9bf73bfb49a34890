/// A real browser without a network, where the system has one.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Tests.Browser

open System
open System.IO
open System.Threading.Tasks
open Microsoft.Playwright

/// The browser of the system, if it has one; CHROMIUM names another.
let executable: string option =
    let named =
        Environment.GetEnvironmentVariable "CHROMIUM" |> Option.ofObj |> Option.toList

    let onPath =
        (Environment.GetEnvironmentVariable "PATH"
         |> Option.ofObj
         |> Option.defaultValue "")
            .Split
            Path.PathSeparator
        |> Seq.collect (fun folder ->
            [ "chromium"; "chromium-browser"; "google-chrome" ]
            |> List.map (fun name -> Path.Combine(folder, name)))

    Seq.append named onPath |> Seq.tryFind File.Exists

/// What a test without a browser is skipped with.
let missing =
    "There is no Chromium on the PATH; install it, or set CHROMIUM to one."

let private flags =
    [
        "--no-sandbox"
        "--disable-gpu"
        "--disable-quic"
        "--no-first-run"
        "--disable-background-networking"
        "--disable-component-update"
        "--disable-sync"
    ]

/// What a page said and asked for while it was open.
type Record =
    {
        /// Errors on the console, and exceptions nobody caught.
        Complaints: ResizeArray<string>
        /// Every address asked for, the page's own first.
        Requests: ResizeArray<string>
    }

/// Opens a file in a colour scheme and hands page and record to the test; what is not of the page itself is refused.
let visit (scheme: ColorScheme) (path: string) (test: IPage -> Record -> Task<unit>) : Task<unit> =
    task {
        use! playwright = Playwright.CreateAsync()

        let! browser =
            playwright.Chromium.LaunchAsync(
                BrowserTypeLaunchOptions(ExecutablePath = Option.get executable, Args = flags)
            )

        let! page = browser.NewPageAsync(BrowserNewPageOptions(ColorScheme = scheme))

        let record =
            {
                Complaints = ResizeArray()
                Requests = ResizeArray()
            }

        page.Console.Add(fun message ->
            if message.Type = "error" then
                record.Complaints.Add message.Text)

        page.PageError.Add record.Complaints.Add
        page.Request.Add(fun request -> record.Requests.Add request.Url)

        let! _ =
            page.RouteAsync(
                "**/*",
                fun (route: IRoute) ->
                    if route.Request.Url.StartsWith("file:", StringComparison.Ordinal) then
                        route.ContinueAsync()
                    else
                        route.AbortAsync()
            )

        let! _ = page.GotoAsync(Uri(path).AbsoluteUri)
        do! test page record
        do! browser.CloseAsync()
    }
