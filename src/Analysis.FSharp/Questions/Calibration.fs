namespace Superposition.Analysis.Questions

open Superposition.Analysis

/// How often a test is wrong where the answer is known: it must reject a true null as often as it says, and find what is there.
type Calibration =
    {
        /// Worlds in which the null holds.
        Runs: int
        /// How many of them the test rejects at α = 0.05.
        Rejections: int
        /// Least and greatest number of rejections that a test which keeps to its α has 99 times in 100.
        RejectionInterval: int * int
        /// Worlds with something to find in which the test rejects.
        Detected: int
        /// Worlds with something to find.
        PowerRuns: int
        /// Share detected, with its 95 % Wilson interval.
        PowerInterval: Estimate
    }

    /// Whether the rejections lie inside their interval.
    member calibration.IsCalibrated =
        let least, most = calibration.RejectionInterval
        least <= calibration.Rejections && calibration.Rejections <= most

/// Error rates of a question, from worlds whose answer is known.
[<RequireQualifiedAccess>]
module Calibration =
    /// The share of true nulls that a test may reject.
    [<Literal>]
    let Alpha = 0.05

    /// The middle of a binomial distribution of so many trials with success p: from the least count with more than a share
    /// tail/2 at or below it to the least with at least 1 − tail/2.
    let binomialInterval (tail: float) (p: float) (trials: int) : int * int =
        if trials < 1 || not (p > 0.0 && p < 1.0) || not (tail > 0.0 && tail < 1.0) then
            invalidArg
                (nameof trials)
                $"An interval of {trials} trials with p = {p} and tails {tail} was asked for; expected a trial or more and shares between 0 and 1."

        // log of the probability of c successes, from that of c − 1: p^n alone would vanish.
        let step logProbability c =
            logProbability + log (float (trials - c + 1) / float c) + log (p / (1.0 - p))

        let cumulative =
            [| 1..trials |]
            |> Array.scan step (float trials * log (1.0 - p))
            |> Array.scan (fun sum logProbability -> sum + exp logProbability) 0.0
            |> Array.tail

        let reaches share =
            cumulative
            |> Array.tryFindIndex (fun sum -> sum >= share)
            |> Option.defaultValue trials

        reaches (tail / 2.0), reaches (1.0 - tail / 2.0)

    /// So many worlds of either kind, each from a seed of its own, with something to find (true) and with nothing (false): what the question
    /// gives is the p of its test.
    let run (seed: int) (runs: int) (question: bool -> int -> float) : Calibration =
        let random = System.Random seed
        let seeds = Array.init (2 * runs) (fun _ -> random.Next())

        let rejected isThere seeds =
            seeds
            |> Array.filter (fun seed -> question isThere seed <= Alpha)
            |> Array.length

        let detected = rejected true seeds[runs..]

        {
            Runs = runs
            Rejections = rejected false seeds[.. runs - 1]
            RejectionInterval = binomialInterval 0.01 Alpha runs
            Detected = detected
            PowerRuns = runs
            PowerInterval = Statistics.share detected runs
        }
