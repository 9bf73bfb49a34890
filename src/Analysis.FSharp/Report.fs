namespace Superposition.Analysis

open System
open System.IO
open System.Text.RegularExpressions
open Superposition.Storage

/// One experiment, or one question, of the report.
type Section =
    {
        /// Letters, digits and hyphens, for links.
        Id: string
        /// Sections of one part stand together under its name; "" where the page has but one.
        Part: string
        Title: string
        /// The finding in a sentence.
        Lead: string
        Figures: Figure list
        Claims: Claim list
        Tables: Table list
        /// Pages beside this one: what the link says, and its relative address.
        Links: (string * string) list
    }

/// All there is on the page.
type Report =
    {
        Title: string
        /// What was asked and found, a paragraph an item.
        Summary: string list
        Sections: Section list
        /// How the page was made: the command, the date, the seeds.
        Colophon: string
    }

/// One self-contained page: charts, styles and plotly.js inside, nothing fetched, readable from a disk years later.
[<RequireQualifiedAccess>]
module Report =
    let private reproduced (claims: Claim list) =
        claims
        |> List.filter (fun claim -> claim.Verdict = Verdict.Reproduced)
        |> List.length

    let private tally (claims: Claim list) =
        if claims.IsEmpty then
            ""
        else
            $"{reproduced claims} of {claims.Length} claims reproduced"

    /// A table that scrolls within its own frame on a narrow screen.
    let private tableOf caption (columns: (string * bool)[]) (rows: Html[][]) =
        let attributes number =
            if number then [ "class", "number" ] else []

        let row cells =
            Array.map2 (fun (_, number) cell -> Html.element "td" (attributes number) [ cell ]) columns cells
            |> Html.element "tr" []

        Html.element
            "div"
            [ "class", "scroll" ]
            [
                Html.element
                    "table"
                    []
                    [
                        Html.element "caption" [] [ Html.text caption ]
                        Html.element
                            "thead"
                            []
                            [
                                columns
                                |> Array.map (fun (name, number) ->
                                    Html.element "th" (("scope", "col") :: attributes number) [ Html.text name ])
                                |> Html.element "tr" []
                            ]
                        rows |> Array.map row |> Html.element "tbody" []
                    ]
            ]

    let private ofTable (table: Table) =
        tableOf table.Caption (Array.zip table.Columns table.IsNumber) (table.Rows |> Array.map (Array.map Html.text))

    let private ofClaims (claims: Claim list) =
        let interval (claim: Claim) =
            if Double.IsFinite claim.Low && Double.IsFinite claim.High then
                $"{Html.number claim.Measured} [{Html.number claim.Low}, {Html.number claim.High}]"
            else
                Html.number claim.Measured

        let expected (claim: Claim) =
            if claim.Tolerance.HasValue then
                $"{claim.Expected} ± {Html.number claim.Tolerance.Value}"
            else
                claim.Expected

        let verdict (claim: Claim) =
            if claim.Verdict = Verdict.Reproduced then
                Html.element "span" [ "class", "verdict reproduced" ] [ Html.text "✓ reproduced" ]
            else
                Html.element "span" [ "class", "verdict not-reproduced" ] [ Html.text "✗ not reproduced" ]

        let columns =
            [|
                "Claim", false
                "Source", false
                "Measured [95 %]", true
                "Samples", true
                // In words, which may be many.
                "Expected", false
                "Verdict", false
            |]

        claims
        |> List.map (fun claim ->
            [|
                Html.concat [ Html.text claim.Statement; Html.element "code" [] [ Html.text claim.Id ] ]
                Html.text claim.Source
                Html.text (interval claim)
                Html.text (string claim.Seeds)
                Html.text (expected claim)
                verdict claim
            |])
        |> List.toArray
        |> tableOf "What was claimed, and what was measured" columns

    let private ofFigure (figure: Figure) =
        let chart =
            Html.element
                "div"
                [
                    "class", "chart"
                    "role", "img"
                    "aria-label", figure.Caption
                    "style", $"height:{figure.Height}px;min-width:{figure.MinWidth}px"
                ]
                []

        let data =
            Html.element "script" [ "type", "application/json" ] [ Html.raw (Figure.json figure) ]

        // Beside the chart, not in it, where a screen reader and the keyboard find it.
        let steps =
            [
                if not figure.Frames.IsEmpty then
                    let last = string (figure.Frames.Length - 1)

                    Html.element
                        "div"
                        [ "class", "steps" ]
                        [
                            Html.element "button" [ "type", "button" ] [ Html.text "Play" ]
                            Html.element
                                "input"
                                [
                                    "type", "range"
                                    "min", "0"
                                    "max", last
                                    "value", last
                                    "aria-label", "Step"
                                    "autocomplete", "off"
                                ]
                                []
                            Html.element "output" [] [ Html.text (List.last figure.Frames).Name ]
                        ]
            ]

        Html.element
            "figure"
            []
            [
                Html.element "div" [ "class", "scroll" ] [ chart; data ]
                yield! steps
                Html.element "figcaption" [] [ Html.text figure.Caption ]
            ]

    let private ofSection (section: Section) =
        Html.element
            "section"
            [ "id", section.Id ]
            [
                Html.element "h3" [] [ Html.text section.Title ]
                Html.element "p" [ "class", "lead" ] [ Html.text section.Lead ]
                for text, address in section.Links do
                    Html.element "p" [] [ Html.element "a" [ "href", address ] [ Html.text text ] ]
                yield! section.Figures |> List.map ofFigure
                if not section.Claims.IsEmpty then
                    ofClaims section.Claims
                yield! section.Tables |> List.map ofTable
            ]

    /// Sections by part, both in the order in which they first come.
    let private parts (sections: Section list) = sections |> List.groupBy _.Part

    let private heading (part: string) =
        if part = "" then
            []
        else
            [ Html.element "h2" [] [ Html.text part ] ]

    let private ofPart (part: string, sections: Section list) =
        Html.element "div" [ "class", "part" ] (heading part @ List.map ofSection sections)

    let private contents (sections: Section list) =
        let score (claims: Claim list) =
            if claims.IsEmpty then
                []
            else
                [
                    Html.element
                        "span"
                        [ "class", "tally"; "title", tally claims ]
                        [ Html.text $"{reproduced claims}/{claims.Length}" ]
                ]

        let item (section: Section) =
            Html.element
                "li"
                []
                [
                    Html.element "a" [ "href", $"#{section.Id}" ] [ Html.text section.Title ]
                    yield! score section.Claims
                ]

        let list (part, sections) =
            heading part @ [ sections |> List.map item |> Html.element "ul" [] ]

        Html.element "nav" [ "aria-label", "Contents" ] (parts sections |> List.collect list)

    let private demandIds (sections: Section list) =
        let ids = sections |> List.map _.Id

        let bad =
            ids
            |> List.filter (fun id -> not (Regex.IsMatch(id, @"\A[A-Za-z][A-Za-z0-9-]*\z")))

        let twice =
            ids
            |> List.countBy id
            |> List.filter (fun (_, count) -> count > 1)
            |> List.map fst

        if not (bad.IsEmpty && twice.IsEmpty) then
            let quoted = bad @ twice |> List.map (sprintf "\"%s\"") |> String.concat ", "

            invalidArg
                (nameof sections)
                $"Section ids must differ and be letters, digits and hyphens, a letter first; these are not: {quoted}."

    /// The page. Its content policy lets nothing be fetched, so a chart that needed the network would show at once.
    let html (report: Report) : string =
        demandIds report.Sections
        let claims = report.Sections |> List.collect _.Claims

        let head = PageHead.create report.Title "data: blob:" "report.css"

        let header =
            Html.element
                "header"
                []
                [
                    Html.element "h1" [] [ Html.text report.Title ]
                    yield!
                        report.Summary
                        |> List.map (fun paragraph -> Html.element "p" [] [ Html.text paragraph ])
                    if not claims.IsEmpty then
                        Html.element "p" [ "class", "tally" ] [ Html.text $"{tally claims}." ]
                    contents report.Sections
                ]

        // Once a page, whatever the number of charts.
        let scripts =
            [
                Html.element
                    "script"
                    []
                    [
                        Html.raw ("/*\n" + Asset.text "plotly.LICENSE" + "*/\n" + Asset.text "plotly.js")
                    ]
                Html.element "script" [] [ Html.raw (Asset.text "report.js") ]
            ]

        let page =
            Html.element
                "html"
                [ "lang", "en" ]
                [
                    Html.element "head" [] head
                    Html.element
                        "body"
                        []
                        [
                            header
                            Html.element "main" [] (parts report.Sections |> List.map ofPart)
                            Html.element "footer" [] [ Html.element "p" [] [ Html.text report.Colophon ] ]
                            yield! scripts
                        ]
                ]

        "<!doctype html>\n" + Html.toString page

    /// Writes the page beside its place and moves it there, so that a reader never finds half of it.
    let write (path: string) (report: Report) : unit =
        let full = Path.GetFullPath path

        let folder =
            full |> Path.GetDirectoryName |> Option.ofObj |> Option.defaultValue "."

        Directory.CreateDirectory folder |> ignore
        let draft = full + ".draft"
        File.WriteAllText(draft, html report)
        File.Move(draft, full, overwrite = true)
