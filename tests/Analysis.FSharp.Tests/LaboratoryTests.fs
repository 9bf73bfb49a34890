module Superposition.Analysis.Tests.LaboratoryTests

open System.IO
open Superposition.Analysis.Experiments
open Xunit

let private run text name folder =
    (Trial.telling text name).Run(Trial.settings folder Daily) |> ignore

let private lead (folder: TemporaryFolder) name =
    Trial.telling "" name
    |> Laboratory.section folder["runs"] folder["results"]
    |> Option.map _.Lead

[<Fact>]
let ``Without a run an experiment has no section`` () =
    use folder = new TemporaryFolder()
    Assert.Equal(None, lead folder "P4.1")

[<Fact>]
let ``The newest dated result stands in for a run, and says its date`` () =
    use folder = new TemporaryFolder()
    run "older" "P4.1" folder[Path.Combine("results", "2026-11-02-P4.1")]
    run "newer" "P4.1" folder[Path.Combine("results", "2026-11-10-P4.1")]
    run "another's" "P4.10" folder[Path.Combine("results", "2026-11-11-P4.10")]

    let said = lead folder "P4.1" |> Option.defaultValue ""
    Assert.StartsWith("newer (Result of 2026-11-10; ", said)

[<Fact>]
let ``A run goes before every dated result`` () =
    use folder = new TemporaryFolder()
    run "dated" "P4.1" folder[Path.Combine("results", "2026-11-02-P4.1")]
    run "today's" "P4.1" folder[Path.Combine("runs", "P4.1")]
    Assert.Equal(Some "today's", lead folder "P4.1")

let private repository =
    Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

[<Fact>]
let ``The report has the sections of the catalog's experiments in their order`` () =
    use folder = new TemporaryFolder()
    let results = Path.Combine(repository, "data", "results")
    let runs = folder["runs"]

    (Catalog.find "E1").Run(Trial.settings (Path.Combine(runs, "E1")) Quick)
    |> ignore

    Laboratory.write runs results folder["report.html"]
    let page = File.ReadAllText folder["report.html"]

    let places =
        Catalog.all
        |> List.map (fun experiment -> page.IndexOf $"<section id=\"{Experiment.sectionId experiment.Name}\"")
        |> List.filter (fun place -> place >= 0)

    Assert.True(places.Length >= 2, "The page has neither E1 nor a dated result.")
    Assert.Equal<int list>(List.sort places, places)

[<Fact>]
let ``Beside the report stands a page of the latents of words, and each leads to the other`` () =
    use folder = new TemporaryFolder()
    let runs = folder["runs"]

    (Catalog.find "words").Run
        { Trial.settings (Path.Combine(runs, "words")) Quick with
            Data = Path.Combine(repository, "data")
        }
    |> ignore

    Laboratory.write runs folder["results"] folder["report.html"]

    let report, browser =
        File.ReadAllText folder["report.html"], File.ReadAllText folder["report-words.html"]

    Assert.Contains("<a href=\"report-words.html\">Look through the latents</a>", report)
    Assert.Contains("<a href=\"report.html\" class=\"home\">", browser)
    Assert.Contains("\"similar\":[", browser)
