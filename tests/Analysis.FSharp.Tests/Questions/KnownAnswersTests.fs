module Superposition.Analysis.Tests.KnownAnswersTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

let private calibrate runs (name: string) =
    let question = KnownAnswers.all |> List.find (fst >> (=) name) |> snd
    let calibration = Calibration.run runs runs question
    let low, high = calibration.RejectionInterval
    let power = calibration.PowerInterval

    let figures =
        $"{name}: {calibration.Rejections} of {runs} rejected, honest from {low} to {high}; {calibration.Detected} of {runs} found, power {power.Low:F3}…{power.High:F3}"

    TestContext.Current.SendDiagnosticMessage figures
    Assert.True(calibration.IsCalibrated && power.Low >= 0.85, figures)

let names = TheoryData<string>(KnownAnswers.all |> List.map fst |> Array.ofList)

[<Theory; MemberData(nameof names)>]
let ``A hundred times, each question is as rarely wrong as it says and finds what is there`` (name: string) =
    calibrate 100 name

[<Theory; MemberData(nameof names); Trait("Category", "Science")>]
let ``Four hundred times, each question is as rarely wrong as it says and finds what is there`` (name: string) =
    calibrate 400 name
