module Superposition.Analysis.Tests.ProblemsTests

open Superposition.Analysis.Experiments
open Xunit

let private problem number (problems: Problem list) =
    problems |> List.find (fun problem -> problem.Number = number)

[<Fact>]
let ``The list has 45 problems, numbered in order, each with a title of its own`` () =
    Assert.Equal<string list>([ for i in 1..45 -> $"4.{i}" ], Problems.all |> List.map _.Number)
    Assert.Equal(45, Problems.all |> List.map _.Title |> List.distinct |> List.length)

[<Fact>]
let ``Without experiments nothing is answered, and what asks about language models needs a larger model`` () =
    let problems = Problems.among []
    Assert.All(problems, (fun problem -> Assert.Equal(None, problem.Experiment)))

    let larger =
        problems
        |> List.filter (fun problem -> problem.State = ProblemState.NeedsLargerModel)
        |> List.map _.Number

    let expected =
        [ yield! [ 21..32 ]; 34; 35; 36; 37; 42; 43 ] |> List.map (sprintf "4.%d")

    Assert.Equal<string list>(expected, larger)
    Assert.Equal(45 - expected.Length, problems |> List.filter _.State.IsOpen |> List.length)

[<Fact>]
let ``A problem is answered by the experiment that says so, and by no other`` () =
    let answering name numbers =
        { Trial.telling "" name with
            Answers = numbers
        }

    let problems =
        Problems.among
            [
                answering "P4.1" [ "4.1" ]
                answering "E16" [ "4.33"; "4.21" ]
                answering "E2" []
            ]

    Assert.Equal(Some "P4.1", (problem "4.1" problems).Experiment)
    Assert.Equal(Some "E16", (problem "4.33" problems).Experiment)

    Assert.Equal<string list>(
        [ "4.1"; "4.21"; "4.33" ],
        problems |> List.filter _.State.IsAnswered |> List.map _.Number
    )

[<Fact>]
let ``What the catalog's experiments answer is on the list, once, and a problem's own experiment answers it`` () =
    let answers = Catalog.all |> List.collect _.Answers
    Assert.Equal<string list>(List.distinct answers, answers)

    for number in answers do
        problem number Problems.all |> ignore

    for experiment in Catalog.all do
        Assert.Equal(experiment.Part = Part.Problems, experiment.Name.StartsWith "P4.")

        if experiment.Part = Part.Problems then
            Assert.Contains(experiment.Name.Substring 1, experiment.Answers)

[<Fact>]
let ``What a larger model would be needed for is said of every problem about one, answered or not`` () =
    for problem in Problems.among [] do
        Assert.Equal(problem.State.IsNeedsLargerModel, problem.Needs.IsSome)

    for problem in Problems.all do
        if problem.State.IsNeedsLargerModel then
            Assert.True(problem.Needs.IsSome, problem.Number)
