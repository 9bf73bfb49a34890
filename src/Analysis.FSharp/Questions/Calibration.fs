namespace Superposition.Analysis

/// How often a question errs where its answer is known.
type Calibration =
    {
        /// Worlds with nothing to find.
        Runs: int
        /// Those of them in which it was found all the same: p ≤ 0.05.
        Rejections: int
        /// From how many to how many an honest test rejects, ends included, 99 times in 100.
        RejectionInterval: struct (int * int)
        /// Worlds with something to find.
        PowerRuns: int
        /// Those of them in which it was found.
        Detected: int
        /// Their share, with its 95 % interval.
        PowerInterval: Estimate
    }

    /// Whether chance is taken for a finding as often as it should be, neither more nor less.
    member calibration.IsHonest =
        let struct (low, high) = calibration.RejectionInterval
        calibration.Rejections >= low && calibration.Rejections <= high

/// A p-value is worth what it does where the answer is known.
[<RequireQualifiedAccess>]
module Calibration =
    /// What p has to reach.
    [<Literal>]
    let Level = 0.05

    /// Seeds so far apart that no run shares a draw with the next.
    [<Literal>]
    let private Apart = 1_000_000

    /// The least and the greatest number of successes in trials of chance p such that fewer, and more, have at most probability
    /// 1/200 each: a 99 % interval.
    let binomialInterval (trials: int) (p: float) : struct (int * int) =
        if trials < 1 || not (p > 0.0 && p < 1.0) then
            invalidArg
                (nameof trials)
                $"There are {trials} trials of chance {p}; expected at least one, and a chance between 0 and 1."

        let probability = Array.zeroCreate (trials + 1)
        let mutable logarithm = float trials * log (1.0 - p)

        for k in 0..trials do
            probability[k] <- exp logarithm
            logarithm <- logarithm + log (float (trials - k) / float (k + 1) * p / (1.0 - p))

        let tail outcomes =
            outcomes
            |> Seq.scan (fun sum k -> sum + probability[k]) 0.0
            |> Seq.takeWhile (fun sum -> sum <= 0.005)
            |> Seq.length

        struct (tail (seq { 0..trials }) - 1, trials + 1 - tail (seq { trials .. -1 .. 0 }))

    /// So many worlds with nothing to find and as many with something, each from its own seed: seed → p.
    let run (nullRun: int -> float) (positiveRun: int -> float) (runs: int) : Calibration =
        let found first question =
            Array.Parallel.init runs (fun run -> question (Apart * (first + run)) <= Level)
            |> Array.filter id
            |> Array.length

        let detected = found runs positiveRun

        {
            Runs = runs
            Rejections = found 0 nullRun
            RejectionInterval = binomialInterval runs Level
            PowerRuns = runs
            Detected = detected
            PowerInterval = Statistics.share detected runs
        }
