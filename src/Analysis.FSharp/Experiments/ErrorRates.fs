/// How often the questions that real models are asked are wrong: each asked of hundreds of small worlds whose answer is known.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.ErrorRates

open Deedle
open Superposition.Analysis
open Superposition.Analysis.Questions
open Superposition.Storage

[<Literal>]
let private Name = "errors"

/// What the error rates follow from, as run.json holds it.
type Recipe =
    {
        /// Worlds with something to find, and as many with nothing, for each question.
        Runs: int
        Seed: int
    }

let private recipeOf scale =
    match scale with
    | Quick -> { Runs = 4; Seed = 3 }
    | Daily
    | Full -> { Runs = 400; Seed = 3 }

/// The least power that is asked for, of the lower end of its 95 % interval.
[<Literal>]
let private LeastPower = 0.85

let private questions = GeometryCalibration.all @ KnownAnswers.all

let private columns =
    [|
        "question"
        "runs"
        "rejections"
        "least"
        "most"
        "detected"
        "power_low"
        "power_high"
    |]

let private write (calibrations: (string * Calibration)[]) =
    let table = CsvTable columns

    for question, c in calibrations do
        let least, most = c.RejectionInterval

        table.Add
            [|
                box question
                c.Runs
                c.Rejections
                least
                most
                c.Detected
                c.PowerInterval.Low
                c.PowerInterval.High
            |]

    table

let private shareOf truth (calibrations: (string * Calibration)[]) =
    let held = calibrations |> Array.filter (fun (_, calibration) -> truth calibration)

    Statistics.share held.Length calibrations.Length

let private claims (recipe: Recipe) (calibrations: (string * Calibration)[]) =
    let least, most = (snd calibrations[0]).RejectionInterval

    [
        calibrations
        |> shareOf _.IsCalibrated
        |> Verdicts.atLeast
            $"{Name}.honest"
            $"Share of the questions that reject {least} to {most} of {recipe.Runs} worlds with nothing to find, as a test at α = {Calibration.Alpha} does 99 times in 100."
            "binomial distribution"
            1.0
        calibrations
        |> shareOf (fun c -> c.PowerInterval.Low >= LeastPower)
        |> Verdicts.atLeast
            $"{Name}.power"
            $"Share of the questions that find what is there in so many of {recipe.Runs} worlds that the 95 %% interval of their power lies above {LeastPower}."
            "our own bar"
            1.0
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let calibrations =
        questions
        |> Array.ofList
        |> Array.Parallel.map (fun (name, question) ->
            settings.Cancellation.ThrowIfCancellationRequested()
            name, Calibration.run recipe.Seed recipe.Runs question)

    settings
    |> Settings.leave Name recipe (claims recipe calibrations) (fun folder ->
        folder.WriteCsv("errors.csv", write calibrations))

let private finding (folder: RunFolder) : Finding =
    let errors = folder.Csv "errors.csv"
    let rows = [| 0 .. errors.Count - 1 |]
    let number column row = errors.Number(row, column)
    let whole column row = int (number column row)

    let rejected =
        rows
        |> Array.map (fun r -> Statistics.share (whole "rejections" r) (whole "runs" r))

    let found =
        rows
        |> Array.map (fun r -> Statistics.share (whole "detected" r) (whole "runs" r))

    let range (shares: Estimate[]) =
        let means = shares |> Array.map _.Mean
        $"{Array.min means:P1} to {Array.max means:P1}"

    {
        Lead =
            $"""Where there is nothing to find, the questions find something in {range rejected} of {whole "runs" 0} worlds each, where α promises {Calibration.Alpha:P0}; where there is something, in {range found}."""
        Figures =
            [
                [|
                    "nothing to find", rows |> Array.map (fun r -> errors[r, "question"], rejected[r])
                    "something to find", rows |> Array.map (fun r -> errors[r, "question"], found[r])
                |]
                |> Charts.bars "" (Axis.Linear "share of worlds with p ≤ 0.05")
                |> Charts.withLevels [ "α", Calibration.Alpha; "power asked for", LeastPower ]
                |> Figure.captioned
                    "How often each question's test rejects, on small worlds whose answer is known. Bars are shares with 95 % intervals."
            ]
        Tables =
            [
                rows
                |> Array.map (fun r ->
                    r,
                    series
                        [
                            "Question", box errors[r, "question"]
                            "Worlds of either kind", whole "runs" r
                            "False findings", whole "rejections" r
                            "Honest", $"""{whole "least" r} to {whole "most" r}"""
                            "Findings", whole "detected" r
                            "Power", $"""{number "power_low" r:F3} to {number "power_high" r:F3}"""
                        ])
                |> Frame.ofRows
                |> Table.ofFrame
                    "False findings in worlds with nothing to find, beside the middle 99 % of a binomial distribution; findings in worlds with something, and the 95 % interval of the power."
                    20
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "How often the questions are wrong"
        Part = Part.RealModels
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
