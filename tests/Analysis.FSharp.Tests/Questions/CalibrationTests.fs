module Superposition.Analysis.Tests.CalibrationTests

open System
open Superposition.Analysis
open Xunit

[<Fact>]
let ``The interval of a fair coin thrown twenty times is that of the tables`` () =
    // P(X ≤ 3) = 0.0013, P(X ≤ 4) = 0.0059 for Binomial(20, 1/2).
    let struct (low, high) = Calibration.binomialInterval 20 0.5
    Assert.Equal((4, 16), (low, high))

[<Fact>]
let ``The ends of an interval leave at most one in two hundred beyond each, and the next ones would leave more`` () =
    let tail trials p (outcomes: seq<int>) =
        // By sampling-free sums of binomial coefficients in exact integers.
        let choose n k =
            Seq.fold (fun (product: bigint) i -> product * bigint (n - k + i) / bigint (i: int)) 1I (seq { 1..k })

        outcomes
        |> Seq.sumBy (fun k -> float (choose trials k) * p ** float k * (1.0 - p) ** float (trials - k))

    for trials in [ 1; 10; 100; 400 ] do
        for p in [ 0.05; 0.3; 0.9 ] do
            let struct (low, high) = Calibration.binomialInterval trials p
            Assert.True(tail trials p (seq { 0 .. low - 1 }) <= 0.005)
            Assert.True(tail trials p (seq { 0..low }) > 0.005)
            Assert.True(tail trials p (seq { high + 1 .. trials }) <= 0.005)
            Assert.True(tail trials p (seq { high..trials }) > 0.005)

[<Fact>]
let ``A uniform p is honest, half of it is not, and the same seeds say the same`` () =
    let uniform (seed: int) = (Random seed).NextDouble()
    let honest = Calibration.run uniform (fun _ -> 0.05) 400
    Assert.True(honest.IsHonest, string honest)
    Assert.Equal(400, honest.Detected)
    Assert.Equal(1.0, honest.PowerInterval.High)
    Assert.False((Calibration.run (fun seed -> uniform seed / 2.0) (fun _ -> 1.0) 400).IsHonest)
    Assert.Equal(honest, Calibration.run uniform (fun _ -> 0.05) 400)
