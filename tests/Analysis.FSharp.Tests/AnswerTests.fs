module Superposition.Analysis.Tests.AnswerTests

open Superposition.Analysis
open Superposition.Analysis.Experiments
open Superposition.Storage
open Xunit

let private found =
    Answer.create
        "spread"
        "Is it, \"really\"?"
        "a mean, of some"
        {
            Value = 0.25
            Low = 0.2
            High = 0.3
        }
        (NullDraws.beside 0.25 (Array.init 99 (fun i -> float i / 1000.0)))
        true
        "Yes."

[<Fact>]
let ``An answer is a line with its interval, its null and its verdict`` () =
    Assert.Equal(
        "question spread measured=0.25 interval=[0.2, 0.3] null=[0.00245, 0.09555] p=0.01 verdict=beyond-chance",
        string found
    )

    Assert.EndsWith("p=0.06 verdict=chance", string (Answer.twoSided 0.06 found))

[<Fact>]
let ``Toy and model agree where both are beyond chance, or neither`` () =
    Assert.True found.Agrees
    Assert.False((Answer.twoSided 0.5 found).Agrees)

    Assert.True(
        { Answer.twoSided 0.5 found with
            ToyIsBeyond = false
        }
            .Agrees
    )

[<Fact>]
let ``What is written is read as it was`` () =
    let other =
        { found with
            Low = nan
            ToyIsBeyond = false
        }

    let read = Answer.write [ found; other ] |> Answer.read
    Assert.Equal(found, read[0])
    Assert.True(System.Double.IsNaN read[1].Low)
    Assert.False read[1].ToyIsBeyond
