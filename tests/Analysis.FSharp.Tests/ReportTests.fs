module Superposition.Analysis.Tests.ReportTests

open System
open System.IO
open System.Text.RegularExpressions
open System.Xml.Linq
open Superposition.Analysis
open Superposition.Storage
open Xunit

let private claim id statement low high expected (tolerance: Nullable<float>) verdict source =
    Claim(id, statement, 0.40123, low, high, 10, expected, tolerance, verdict, source)

let private reproduced =
    claim
        "E1.pentagon"
        "Five sparse features form a pentagon"
        0.398
        0.404
        "0.4"
        (Nullable 0.01)
        Verdict.Reproduced
        "TMS"

let private refuted =
    claim "E8.jump" "It jumps" -infinity infinity "at least 2.5" (Nullable()) Verdict.NotReproduced "TMS"

let private section id =
    {
        Id = id
        Part = "The paper's figures"
        Title = $"Section {id}"
        Lead = "What was found."
        Figures =
            [
                Charts.gram [| "p = 1", Shapes.pentagon |] |> Figure.captioned "Inner products."
            ]
        Claims = [ reproduced; refuted ]
        Tables = [ Table.ofFrame "Features." 3 (Tables.features Shapes.pentagon) ]
        Links = []
    }

let private report =
    {
        Title = "Superposition"
        Summary = [ "What was asked." ]
        Sections = [ section "one"; section "two" ]
        Colophon = "Made by a test."
    }

let private count (pattern: string) (page: string) = Regex.Matches(page, pattern).Count

/// The page without what scripts and styles hold.
let private markup page =
    Regex.Replace(page, @"(<(script|style)[^>]*>).*?</\2>", "$1</$2>", RegexOptions.Singleline)

[<Fact>]
let ``A section leads to the pages beside the report`` () =
    let page =
        Report.html
            { report with
                Sections =
                    [
                        { section "one" with
                            Links = [ "The latents", "latents & all.html" ]
                        }
                    ]
            }

    Assert.Contains("<a href=\"latents &amp; all.html\">The latents</a>", page)

[<Fact>]
let ``Nothing that was measured or named becomes mark-up`` () =
    let evil = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"

    let figure =
        Charts.line
            (Axis.Linear evil)
            (Axis.Linear evil)
            [ Series.Of(evil, [| 1.0 |], [| 1.0 |]); Series.Of(evil, [| 1.0 |], [| 2.0 |]) ]
        |> Figure.captioned evil

    let page =
        Report.html
            {
                Title = evil
                Summary = [ evil ]
                Colophon = evil
                Sections =
                    [
                        {
                            Id = "evil"
                            Part = evil
                            Title = evil
                            Lead = evil
                            Figures = [ figure; Charts.gram [| evil, Shapes.pentagon |] |> Figure.captioned evil ]
                            Claims = [ claim evil evil 0.0 1.0 evil (Nullable()) Verdict.Reproduced evil ]
                            Tables =
                                [
                                    {
                                        Caption = evil
                                        Columns = [| evil |]
                                        IsNumber = [| false |]
                                        Rows = [| [| evil |] |]
                                    }
                                ]
                            Links = [ evil, evil ]
                        }
                    ]
            }

    // Two figures, plotly.js, and the page's own lines.
    Assert.Equal(4, count "<script" page)
    Assert.Equal(4, count "</script" page)
    Assert.Equal(0, count "<img" page)
    Assert.Equal(0, count "onerror=alert" (Regex.Replace(markup page, "&lt;img src=x onerror=alert", "")))

[<Fact>]
let ``The page loads nothing from anywhere`` () =
    let page = Report.html report
    Assert.Equal(0, count @"(?i)(src|href|action|data)\s*=\s*[""']?\s*(https?:)?//" (markup page))
    Assert.Equal(0, count @"(?i)@import|url\(" (Regex.Match(page, "<style>.*?</style>", RegexOptions.Singleline).Value))
    Assert.Equal(0, count @"<script[^>]*\ssrc" page)
    Assert.Contains("default-src 'none'", page)

[<Fact>]
let ``plotly.js stands on the page once, with its licence`` () =
    let page = Report.html report
    Assert.Equal(1, count @"plotly\.js \(cartesian - minified\) v2\.35\.3" page)
    Assert.Equal(1, count "Copyright \(c\) 2021 Plotly, Inc" page)

[<Fact>]
let ``The page is well-formed, and its contents link to its sections`` () =
    let page = (markup (Report.html report)).Replace("<!doctype html>", "")
    let root = XDocument.Parse(Regex.Replace(page, "<meta[^>]*>", "")).Root

    match root with
    | null -> failwith "The page has no root."
    | root ->
        let attributes name (element: string) =
            root.Descendants element
            |> Seq.choose (fun e -> e.Attribute(XName.Get name) |> Option.ofObj)
            |> Seq.map _.Value
            |> Seq.toList

        Assert.Equal<string list>([ "#one"; "#two" ], attributes "href" "a")
        Assert.Equal<string list>([ "one"; "two" ], attributes "id" "section")

[<Fact>]
let ``Sections of a part stand together under its name, on the page and in its contents`` () =
    let inPart part id = { section id with Part = part }

    let page =
        Report.html
            { report with
                Sections = [ inPart "First" "a"; inPart "Second & last" "b"; inPart "First" "c" ]
            }
        |> markup

    let order =
        Regex.Matches(page, "<h2>([^<]*)</h2>|<section id=\"([^\"]*)\"|href=\"(#[^\"]*)\"")
        |> Seq.map (fun found -> string (Seq.last (Seq.filter (fun (g: Group) -> g.Success) found.Groups)))
        |> Seq.toList

    Assert.Equal<string list>(
        [
            yield! [ "First"; "#a"; "#c"; "Second &amp; last"; "#b" ]
            yield! [ "First"; "a"; "c"; "Second &amp; last"; "b" ]
        ],
        order
    )

[<Fact>]
let ``The contents say of each section how many of its claims are reproduced, and nothing where there are none`` () =
    let page =
        Report.html
            { report with
                Sections = [ section "one"; { section "two" with Claims = [] } ]
            }

    Assert.Equal(1, count "title=\"1 of 2 claims reproduced\">1/2<" page)
    Assert.Equal(2, count "class=\"tally\"" page)

[<Fact>]
let ``A page of one part has no name for it`` () =
    Assert.Equal(
        0,
        count
            "<h2>"
            (Report.html
                { report with
                    Sections = [ { section "a" with Part = "" } ]
                }
             |> markup)
    )

[<Fact>]
let ``Only a figure with frames has a slider, from the first to the last, at the last`` () =
    let stepped =
        Charts.trajectory
            [| "all", [| 0..4 |] |]
            [| 0.0, Shapes.pentagon; 10.0, Shapes.pentagon; 20.0, Shapes.pentagon |]
            (Series.Of("loss", [| 0.0 |], [| 1.0 |]))

    let page =
        Report.html
            { report with
                Sections =
                    [
                        { section "a" with
                            Figures = stepped :: (section "a").Figures
                        }
                    ]
            }
        |> markup

    Assert.Equal(1, count "<input" page)
    Assert.Equal(1, count "type=\"range\" min=\"0\" max=\"2\" value=\"2\"" page)
    Assert.Contains("<output>step 20</output>", page)

[<Fact>]
let ``A claim shows measurement, interval, expectation and a verdict in words`` () =
    let page = Report.html report
    Assert.Contains(">0.4012 [0.398, 0.404]</td>", page)
    Assert.Contains(">0.4 ± 0.01</td>", System.Net.WebUtility.HtmlDecode page)
    Assert.Contains("✓ reproduced", page)
    Assert.Contains("✗ not reproduced", page)
    Assert.Contains("2 of 4 claims reproduced.", page)
    // One seed has no interval, and a bound no tolerance.
    Assert.Contains(">0.4012</td>", page)
    Assert.Contains(">at least 2.5</td>", page)

[<Fact>]
let ``A long table is cut and says so`` () =
    let table = Table.ofFrame "Features." 3 (Tables.features Shapes.pentagon)
    Assert.Equal(3, table.Rows.Length)
    Assert.Equal("Features. The first 3 of 5 rows.", table.Caption)
    Assert.Equal<string array>([| "0"; "1"; "0.4"; "pentagon"; "1.5" |], table.Rows[0][..4])
    Assert.Equal<bool array>([| true; true; true; false; true; true; true |], table.IsNumber)

[<Fact>]
let ``Ids that would make no link are refused, all at once`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Report.html
                { report with
                    Sections = [ section "two words"; section "a"; section "a" ]
                }
            |> ignore)

    Assert.Contains("\"two words\", \"a\"", error.Message)

[<Fact>]
let ``The page is written whole, into a folder that need not exist, and leaves no draft`` () =
    let folder = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString "N")

    try
        let path = Path.Combine(folder, "report", "index.html")
        Report.write path report
        Report.write path report
        Assert.Equal(Report.html report, File.ReadAllText path)
        Assert.Single(Directory.GetFiles(Path.Combine(folder, "report"))) |> ignore
    finally
        Directory.Delete(folder, true)
