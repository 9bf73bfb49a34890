module Superposition.Analysis.Tests.AnswerTests

open System
open Superposition.Analysis
open Superposition.Analysis.Experiments
open Superposition.Storage
open Xunit

let private interval = { Value = 0.25; Low = 0.2; High = 0.3 }

let private against value =
    NullDraws.beside value (Array.init 99 (fun i -> float i / 1000.0))

let private above value =
    Measurement.above "a mean, of some" { interval with Interval.Value = value } (against value)

let private answer model toy : Answer =
    {
        Name = "spread"
        Question = "Is it, \"really\"?"
        Model = model
        Toy = toy
        Truth = "It is, by its weights."
    }

[<Fact>]
let ``An answer is a line with its interval, its null, its verdict and the toy's`` () =
    Assert.Equal(
        "question spread measured=0.25 interval=[0.2, 0.3] null=[0.00245, 0.09555] p=0.01 verdict=above-chance toy=0.05 toy-verdict=chance",
        answer (above 0.25) (above 0.05) |> string
    )

[<Fact>]
let ``Model and toy agree where their verdicts do, whatever their numbers`` () =
    Assert.True((answer (above 0.25) (above 0.5)).Agrees)
    Assert.True((answer (above 0.05) (above 0.01)).Agrees)
    Assert.False((answer (above 0.25) (above 0.05)).Agrees)

    let found = Measurement.judged "found" 0.01 "a share" interval (against 0.25)
    Assert.False((answer found (above 0.25)).Agrees)

[<Fact>]
let ``What may lie on either side of chance is judged by the side it lies on`` () =
    let verdict p value =
        (Measurement.apart p "a mean" { interval with Interval.Value = value } (against value)).Verdict

    Assert.Equal("above-chance", verdict 0.02 0.25)
    Assert.Equal("below-chance", verdict 0.02 -0.25)
    Assert.Equal("chance", verdict 0.06 0.25)

[<Fact>]
let ``What seldom comes as great by chance is judged by that, and is below chance beneath its middle 95 %`` () =
    Assert.Equal("above-chance", (above 0.0951).Verdict)
    Assert.Equal("chance", (above 0.05).Verdict)
    Assert.Equal("chance", (above 0.003).Verdict)
    Assert.Equal("below-chance", (above 0.002).Verdict)

[<Fact>]
let ``What is written is read as it was`` () =
    let other =
        Measurement.judged "some" 0.03 "a share" { Value = 0.1; Low = nan; High = nan } (against 0.1)

    let answers = [ answer (above 0.25) (above 0.05); answer (above 0.25) other ]
    let read = Answer.write answers |> Answer.read
    Assert.Equal(answers[0], read[0])

    Assert.Equal(
        { other with Low = 0.0; High = 0.0 },
        { read[1].Toy with
            Low = 0.0
            High = 0.0
        }
    )

    Assert.True(Double.IsNaN read[1].Toy.Low && Double.IsNaN read[1].Toy.High)

[<Fact>]
let ``The claim is that the model shows what the toy does`` () =
    let verdict model toy =
        (Answer.claim "questions" "a toy" (answer model toy)).Verdict

    Assert.Equal(Verdict.Reproduced, verdict (above 0.25) (above 0.5))
    Assert.Equal(Verdict.NotReproduced, verdict (above 0.25) (above 0.05))
