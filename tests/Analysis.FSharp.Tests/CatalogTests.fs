module Superposition.Analysis.Tests.CatalogTests

open Superposition.Analysis.Experiments
open Xunit

[<Fact>]
let ``An experiment is found by its name in upper or lower case`` () =
    for experiment in Catalog.all do
        Assert.Equal(experiment.Name, (Catalog.find (experiment.Name.ToLowerInvariant())).Name)
        Assert.Equal(experiment.Name, (Catalog.find (experiment.Name.ToUpperInvariant())).Name)

[<Fact>]
let ``Names differ, and the parts follow each other without a mix`` () =
    let names = Catalog.all |> List.map _.Name.ToUpperInvariant()
    Assert.Equal(names.Length, (List.distinct names).Length)
    let parts = Catalog.all |> List.map _.Part

    let changes =
        parts |> List.pairwise |> List.filter (fun (a, b) -> a <> b) |> List.length

    Assert.Equal((List.distinct parts).Length - 1, changes)

[<Fact>]
let ``A recipe is held by run.json, where only public types leave their fields`` () =
    for experiment in Catalog.all do
        Assert.NotEmpty((experiment.Recipe Full).EnumerateObject())

[<Fact>]
let ``A name that is not there is refused with those it may have been meant for`` () =
    let error =
        Assert.Throws<UnknownExperimentException>(fun () -> Catalog.find "Wrods" |> ignore)

    Assert.Equal<string list>([ "words" ], error.Nearest)
    Assert.StartsWith("There is no experiment \"Wrods\". Did you mean \"words\"? There are E1, ", error.Message)

[<Theory>]
[<InlineData("E23", "E2 E3 E13")>]
[<InlineData("e16x", "E16")>]
[<InlineData("4.7", "P4.7")>]
[<InlineData("recvery", "recovery")>]
[<InlineData("pentagon", "")>]
let ``Up to three names are near, the nearest first`` (name: string, nearest: string) =
    let names =
        [
            yield! [ 1..16 ] |> List.map (sprintf "E%d")
            "P4.7"
            "P4.10"
            "recovery"
            "words"
        ]

    Assert.Equal(nearest, Catalog.nearest names name |> String.concat " ")
