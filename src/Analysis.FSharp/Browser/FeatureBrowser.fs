namespace Superposition.Analysis

open System
open System.IO
open Superposition.Storage

/// One self-contained page to look through the latents of a dictionary: a list to search and sort, and all there is to see of each.
/// Nothing is fetched; #latent=123 is a link to one of them.
[<RequireQualifiedAccess>]
module FeatureBrowser =
    let private header (page: BrowserPage) =
        Html.element
            "header"
            []
            [
                match page.Home with
                | Some address -> Html.element "a" [ "href", address; "class", "home" ] [ Html.text "← Report" ]
                | None -> ()
                Html.element "h1" [] [ Html.text page.Title ]
                yield! page.Summary |> List.map (fun text -> Html.element "p" [] [ Html.text text ])
                if page.Confusion.IsSome then
                    Html.element
                        "nav"
                        [ "aria-label", "Views" ]
                        [
                            Html.element "a" [ "href", "#latents"; "data-kind", "latent" ] [ Html.text "Latents" ]
                            Html.element
                                "a"
                                [ "href", "#features"; "data-kind", "feature" ]
                                [ Html.text "True features" ]
                        ]
            ]

    /// What is known, the list, the latent that is open, and how one gets from one to the other: one script in four files.
    let private script =
        [ "browser-data.js"; "browser-list.js"; "browser-detail.js"; "browser.js" ]
        |> List.map Asset.text
        |> String.concat "\n"

    /// The page as text; JSON inside escapes what could end its script.
    let html (page: BrowserPage) : string =
        BrowserPage.demand page
        let data = BrowserData.ofPage page

        let stored id kind text =
            Html.element "script" [ "type", kind; "id", id ] [ Html.raw text ]

        let body =
            [
                header page
                Html.element
                    "main"
                    []
                    [
                        Html.element "section" [ "id", "index"; "aria-label", "Index" ] []
                        Html.element "article" [ "id", "detail"; "aria-live", "off" ] []
                    ]
                Html.element
                    "noscript"
                    []
                    [
                        Html.text "This page lists its data by a script of its own; allow scripts to read it."
                    ]
                stored "page" "application/json" data.Page
                stored "latents" "text/plain" data.Latents
                Html.element "script" [] [ Html.raw script ]
            ]

        Html.element
            "html"
            [ "lang", "en" ]
            [
                Html.element "head" [] (PageHead.create page.Title "data:" "browser.css")
                Html.element "body" [] body
            ]
        |> Html.toString
        |> (+) "<!doctype html>\n"

    /// Writes the page whole or not at all.
    let write (path: string) (page: BrowserPage) : unit =
        let text = html page

        AtomicFile.Write(
            path,
            Action<Stream>(fun stream ->
                use writer = new StreamWriter(stream, leaveOpen = true)
                writer.Write text)
        )
