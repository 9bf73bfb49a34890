module Superposition.Analysis.Tests.QuestionPicturesTests

open Superposition.Analysis
open Superposition.Analysis.Experiments
open Xunit

let private curve =
    { Series.Of("the model, by chance", [| 0.0; 1.0 |], [| 0.5; 0.25 |]) with
        Low = [| 0.25; 0.125 |]
        High = [| 0.75; 0.5 |]
    }

let private cloud = Series.Of("the toy", [| 3.0; 1.0; 2.0 |], [| 0.1; 0.2; 0.3 |])

[<Fact>]
let ``What is written of a picture is read as it was, question by question`` () =
    let pictures = [ "spread", [ curve; cloud ]; "smuggling", [ cloud ] ]
    Assert.Equal<(string * Series list) list>(pictures, QuestionPictures.write pictures |> QuestionPictures.read)

[<Fact>]
let ``A series of no name is the subject's own`` () =
    let names =
        [
            { cloud with Series.Name = "" }
            { cloud with
                Series.Name = Asked.ByChance
            }
        ]
        |> QuestionPictures.ofSubject "the toy"
        |> List.map _.Name

    Assert.Equal<string list>([ "the toy"; "the toy, by chance" ], names)

[<Fact>]
let ``Every question has a picture`` () =
    let measured =
        Measurement.above "a share" { Value = 0.5; Low = 0.4; High = 0.6 } (NullDraws.beside 0.5 [| 0.1; 0.2; 0.3 |])

    for question in
        AskedQuestions.all
            {
                Draws = 2
                Dictionaries = 2
                Planted = 1
            } do
        let answer: Answer =
            {
                Name = question.Name
                Question = question.Words
                Model = measured
                Toy = measured
                Truth = ""
            }

        match QuestionPictures.figure answer [ curve ] with
        | Some figure -> Assert.StartsWith(question.Words, figure.Caption)
        | None -> Assert.Fail $"{question.Name} has none."
