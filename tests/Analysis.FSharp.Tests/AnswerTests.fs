module Superposition.Analysis.Tests.AnswerTests

open Superposition.Analysis
open Superposition.Analysis.Experiments
open Superposition.Storage
open Xunit

let private interval = { Value = 0.25; Low = 0.2; High = 0.3 }

let private against value =
    NullDraws.beside value (Array.init 99 (fun i -> float i / 1000.0))

let private found =
    Answer.beyond "spread" "Is it, \"really\"?" "a mean, of some" interval (against 0.25) "Yes."

[<Fact>]
let ``An answer is a line with its interval, its null and its verdict`` () =
    Assert.Equal(
        "question spread measured=0.25 interval=[0.2, 0.3] null=[0.00245, 0.09555] p=0.01 verdict=beyond-chance",
        string found
    )

    Assert.EndsWith("p=0.06 verdict=chance", string { found with P = 0.06 })

[<Fact>]
let ``Toy and model agree where both are beyond chance, or neither, or where the model shows what is expected`` () =
    let agrees answer value =
        (answer "a" "b?" "c" interval (against value) "d").Agrees

    Assert.True(agrees Answer.beyond 0.25)
    Assert.False(agrees Answer.beyond 0.05)
    Assert.False(agrees Answer.chance 0.25)
    Assert.True(agrees Answer.chance 0.05)
    Assert.False(agrees (Answer.expecting "more" false 0.01) 0.25)

[<Fact>]
let ``What is written is read as it was`` () =
    let other = { found with Low = nan; Agrees = false }

    let read = Answer.write [ found; other ] |> Answer.read
    Assert.Equal(found, read[0])
    Assert.True(System.Double.IsNaN read[1].Low)
    Assert.False read[1].Agrees
