module Superposition.Analysis.Tests.CalibrationTests

open System
open Superposition.Analysis.Questions
open Xunit

// Reference: the same quantiles by exact integer arithmetic (Python's math.comb).
[<Theory>]
[<InlineData(1, 0, 1)>]
[<InlineData(40, 0, 6)>]
[<InlineData(100, 0, 11)>]
[<InlineData(200, 3, 19)>]
[<InlineData(400, 10, 32)>]
[<InlineData(1000, 33, 69)>]
let ``The interval of rejections is the binomial one`` runs least most =
    Assert.Equal((least, most), Calibration.binomialInterval 0.01 0.05 runs)

[<Fact>]
let ``So many trials that no outcome has a probability above rounding are no trouble`` () =
    // 0.95^20,000 is 0 in double precision; the gaussian interval is 1000 ± 2.576 · 30.8.
    let least, most = Calibration.binomialInterval 0.01 0.05 20_000
    Assert.InRange(least, 919, 923)
    Assert.InRange(most, 1077, 1083)

[<Fact>]
let ``A uniform p is calibrated, and its rejections are those at or below 0.05`` () =
    let question isThere seed =
        if isThere then 0.01 else Random(seed).NextDouble()

    let calibration = Calibration.run 1 1000 question
    Assert.True calibration.IsCalibrated
    Assert.Equal((1000, 1000, 1000), (calibration.Runs, calibration.PowerRuns, calibration.Detected))
    Assert.InRange(calibration.PowerInterval.Low, 0.99, 1.0)
    Assert.Equal(calibration, Calibration.run 1 1000 question)

[<Fact>]
let ``A test that rejects twice as often as it says is found out, and one that never does`` () =
    Assert.False (Calibration.run 2 1000 (fun _ seed -> Random(seed).NextDouble() / 2.0)).IsCalibrated
    Assert.False (Calibration.run 2 1000 (fun _ _ -> 1.0)).IsCalibrated

[<Fact>]
let ``Every world has a seed of its own`` () =
    let seen = Collections.Generic.HashSet<int>()

    let ask _ seed =
        Assert.True(seen.Add seed)
        1.0

    Calibration.run 3 200 ask |> ignore
    Assert.Equal(400, seen.Count)

[<Fact>]
let ``Intervals that cannot be are refused`` () =
    for tail, p, trials in [ 0.01, 0.05, 0; 0.0, 0.05, 10; 0.01, 1.0, 10 ] do
        Assert.Throws<ArgumentException>(fun () -> Calibration.binomialInterval tail p trials |> ignore)
        |> ignore
