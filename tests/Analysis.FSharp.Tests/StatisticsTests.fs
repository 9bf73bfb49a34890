module Superposition.Analysis.Tests.StatisticsTests

open System
open Superposition.Analysis
open Xunit

// Reference values of scipy.stats.t.ppf(0.975, df).
[<Theory>]
[<InlineData(1, 12.7062)>]
[<InlineData(4, 2.7764)>]
[<InlineData(30, 2.0423)>]
[<InlineData(31, 2.0395)>]
[<InlineData(60, 2.0003)>]
[<InlineData(1000, 1.9623)>]
let ``Student's t agrees with scipy to three decimals`` df expected =
    Expect.near 6e-4 expected (Statistics.studentT df)

[<Fact>]
let ``Student's t falls as degrees of freedom grow, across the end of the table too`` () =
    for df in 1..200 do
        Assert.True(Statistics.studentT df > Statistics.studentT (df + 1))

[<Fact>]
let ``The interval of five seeds is mean and t times standard error`` () =
    // x̄ = 3, s² = 2.5, s/√5 = 0.70711, times 2.776.
    let estimate = Statistics.estimate [| 1.0; 2.0; 3.0; 4.0; 5.0 |]
    Expect.near 1e-12 3.0 estimate.Mean
    Expect.near 1e-12 (sqrt 2.5) estimate.Sd
    Expect.near 1e-4 1.0371 estimate.Low
    Expect.near 1e-4 4.9629 estimate.High
    Assert.Equal(5, estimate.Count)

[<Fact>]
let ``One seed leaves the mean's interval open and no seed is refused`` () =
    let one = Statistics.estimate [| 7.0 |]
    Assert.Equal((-infinity, 7.0, infinity), (one.Low, one.Mean, one.High))
    Assert.True(Double.IsNaN one.Sd)

    Assert.Throws<ArgumentException>(fun () -> Statistics.estimate [||] |> ignore)
    |> ignore

[<Fact>]
let ``About 95 of 100 intervals hold the true mean`` () =
    let held =
        Seq.init 2000 (fun seed ->
            let values =
                Matching.random seed 6 2 |> fun rows -> Array.init 6 (fun i -> rows[i, 0])

            let estimate = Statistics.estimate values

            if estimate.Low <= 0.0 && 0.0 <= estimate.High then
                1.0
            else
                0.0)
        |> Seq.average

    // One coordinate of a random direction in the plane is not gaussian, but symmetric about 0.
    Assert.InRange(held, 0.92, 0.97)

[<Fact>]
let ``Equal values share the mean of their ranks`` () =
    Assert.Equal<float[]>([| 3.5; 1.0; 3.5; 2.0; 5.0 |], Statistics.ranks [| 4.0; 1.0; 4.0; 2.0; 9.0 |])

[<Fact>]
let ``Spearman is one for any rising curve and minus one for any falling`` () =
    let x = Array.init 12 float
    Expect.near 1e-12 1.0 (Statistics.spearman x (x |> Array.map exp))
    Expect.near 1e-12 -1.0 (Statistics.spearman x (x |> Array.map (fun v -> -v ** 3.0)))

[<Fact>]
let ``Spearman agrees with a textbook example with ties`` () =
    // Ranks x: 1, 2.5, 2.5, 4; y: 1, 3, 2, 4. Pearson of these is 4.5/√(4.5·5) = 0.948683.
    Expect.near 1e-6 0.948683 (Statistics.spearman [| 1.0; 2.0; 2.0; 3.0 |] [| 1.0; 7.0; 5.0; 9.0 |])

[<Fact>]
let ``A series that does not vary has no correlation`` () =
    Assert.True(Double.IsNaN(Statistics.spearman [| 1.0; 1.0; 1.0 |] [| 1.0; 2.0; 3.0 |]))

// Reference values of statsmodels' proportion_confint(k, n, method="wilson").
[<Theory>]
[<InlineData(0, 10, 0.0, 0.277533)>]
[<InlineData(1, 10, 0.017876, 0.404150)>]
[<InlineData(5, 10, 0.236593, 0.763407)>]
[<InlineData(10, 10, 0.722467, 1.0)>]
let ``The interval of a share is Wilson's`` successes trials low high =
    let share = Statistics.share successes trials
    Assert.Equal(float successes / float trials, share.Mean)
    Expect.near 1e-6 low share.Low
    Expect.near 1e-6 high share.High

[<Fact>]
let ``A share is the mean of zeros and ones`` () =
    let values = Array.init 12 (fun i -> if i < 5 then 1.0 else 0.0)
    let share, mean = Statistics.share 5 12, Statistics.estimate values
    Expect.near 1e-12 mean.Mean share.Mean
    Expect.near 1e-12 mean.Sd share.Sd
    Assert.Equal(mean.Count, share.Count)
    Assert.True(Double.IsNaN (Statistics.share 1 1).Sd)

[<Fact>]
let ``Shares that cannot be are refused`` () =
    for successes, trials in [ 0, 0; -1, 3; 4, 3 ] do
        Assert.Throws<ArgumentException>(fun () -> Statistics.share successes trials |> ignore)
        |> ignore

[<Fact>]
let ``Quantiles are interpolated between neighbours`` () =
    // numpy.quantile([4, 1, 3, 2], q).
    for q, expected in [ 0.0, 1.0; 0.25, 1.75; 0.5, 2.5; 0.9, 3.7; 1.0, 4.0 ] do
        Expect.near 1e-12 expected (Statistics.quantile q [| 4.0; 1.0; 3.0; 2.0 |])

    Assert.Throws<ArgumentException>(fun () -> Statistics.quantile 1.1 [| 1.0 |] |> ignore)
    |> ignore

[<Fact>]
let ``The bootstrap interval of a mean is the gaussian one where there are many values`` () =
    let values = (Matching.random 5 1 400)[0, *]
    let estimate = Statistics.estimate values
    let interval = Statistics.bootstrap 1 2000 Array.average values
    Expect.near 1e-12 estimate.Mean interval.Value
    let width = estimate.High - estimate.Low
    Expect.near (0.05 * width) estimate.Low interval.Low
    Expect.near (0.05 * width) estimate.High interval.High

[<Fact>]
let ``A bootstrap follows from its seed, and values that agree leave no doubt`` () =
    let values = (Matching.random 5 1 20)[0, *]
    let median = Statistics.quantile 0.5
    Assert.Equal(Statistics.bootstrap 3 500 median values, Statistics.bootstrap 3 500 median values)
    Assert.NotEqual(Statistics.bootstrap 3 500 median values, Statistics.bootstrap 4 500 median values)
    let certain = Statistics.bootstrap 1 100 median (Array.create 6 2.5)
    Assert.Equal((2.5, 2.5, 2.5), (certain.Low, certain.Value, certain.High))

[<Fact>]
let ``A bootstrap without values is refused`` () =
    Assert.Throws<ArgumentException>(fun () -> Statistics.bootstrap 1 100 Array.average [||] |> ignore)
    |> ignore

[<Fact>]
let ``Kappa is one for the same judgements, zero for chance, and below for opposites`` () =
    // Cohen 1960's formula on 20 + 5 + 10 + 15 of 50: (0.7 − 0.5) / (1 − 0.5).
    let judged =
        List.replicate 20 (true, true)
        @ List.replicate 5 (true, false)
        @ List.replicate 10 (false, true)
        @ List.replicate 15 (false, false)

    let a, b = judged |> List.toArray |> Array.unzip
    Expect.near 1e-12 0.4 (Statistics.kappa a b)
    Expect.near 1e-12 1.0 (Statistics.kappa a a)
    Expect.near 1e-12 0.0 (Statistics.kappa [| true; true; false; false |] [| true; false; true; false |])
    Expect.near 1e-12 -1.0 (Statistics.kappa [| true; false |] [| false; true |])
    Assert.True(Double.IsNaN(Statistics.kappa [| true; true |] [| true; true |]))

[<Fact>]
let ``The expected least of k is the mean over all draws of k`` () =
    let values = [| 3.0; 1.0; 4.0; 1.5; 9.0 |]

    let rec draws k (from: float list) : float list list =
        match k, from with
        | 0, _ -> [ [] ]
        | _, [] -> []
        | k, value :: rest -> (draws (k - 1) rest |> List.map (fun draw -> value :: draw)) @ draws k rest

    for k in 1..5 do
        let expected = draws k (List.ofArray values) |> List.averageBy List.min
        Expect.near 1e-12 expected (Statistics.expectedMinimum k values)

    for k in [ 0; 6 ] do
        Assert.Throws<ArgumentException>(fun () -> Statistics.expectedMinimum k values |> ignore)
        |> ignore

[<Fact>]
let ``What is sudden in a series is left when its slow course is taken away`` () =
    let spike = Array.init 41 (fun t -> 2.0 * float t + (if t = 20 then 9.0 else 0.0))
    let sudden = Statistics.sudden 5 spike
    // The median to both sides of a straight line is the line; one point more in the middle moves it by a step at most.
    Assert.Equal(20, sudden |> Array.indexed |> Array.maxBy snd |> fst)

    for t in [ 6..13 ] @ [ 27..34 ] do
        Expect.near 1e-12 0.0 sudden[t]

[<Fact>]
let ``Series that go together stand before all shifts, and unrelated ones anywhere`` () =
    let noise = (Matching.random 5 2 200)
    let x, y = noise[0, *], noise[1, *]
    Assert.Equal(1.0, Statistics.amongShifts x (Array.map2 (fun x y -> x + 0.5 * y) x y))
    Assert.Equal(0.0, Statistics.amongShifts x (Array.map (fun x -> -x) x))

    // Shifts of a pair are as likely to be anywhere: the mean standing over all of them is one half.
    let shifted shift =
        Array.init y.Length (fun t -> y[(t + shift) % y.Length])

    [|
        for shift in 0..4 .. y.Length - 1 -> Statistics.amongShifts x (shifted shift)
    |]
    |> Array.average
    |> Expect.near 0.1 0.5
