module Superposition.Analysis.Tests.NeuronAlignedTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

[<Fact>]
let ``The chance of a cosine with an axis in three dimensions is Archimedes' zone`` () =
    // Zones of one height have one area, and above 1/√2 those of the axes do not meet: p = 3 (1 − t).
    let at t = [ t; sqrt (1.0 - t * t); 0.0 ]
    let W = array2D [ at 0.75; at 0.8; at 0.9; at 0.99 ]
    let found = NeuronAligned.ask 1 40_000 2 0.05 W
    // Standard error at most 0.0022.
    Expect.allNear 0.01 [| 0.75; 0.6; 0.3; 0.03 |] found.ByCosine.P

[<Fact>]
let ``Neurons among directions at random are found, and a share of false ones below the asked`` () =
    let m, neurons, d = 200, 40, 24
    let mutable missed, shares = 0, []

    for seed in 1..20 do
        let W =
            KnownDictionaries.directions (Array.create d 1.0) (m - neurons) (Random seed)
            |> KnownDictionaries.stacked (Array2D.init neurons d (fun i c -> if c = i % d then 1.0 else 0.0))

        let found = NeuronAligned.ask seed 8000 2 0.05 W

        for preference in [ found.ByCosine; found.ByKurtosis ] do
            let hits, all =
                preference.Discovered[.. neurons - 1] |> Array.filter id |> Array.length,
                preference.Discovered |> Array.filter id |> Array.length

            missed <- missed + neurons - hits
            shares <- float (all - hits) / float all :: shares
            Expect.near 1e-12 (float all / float m) preference.Share.Mean

    Assert.Equal(0, missed)
    // Of 160 nulls in 200, 0.04 are to be expected.
    Expect.near 0.02 0.04 (List.average shares)

[<Fact>]
let ``A direction of forty neurons in four hundred is found by its kurtosis and missed by its cosine`` () =
    // All cosines are 1/√40 = 0.16, and the greatest of a random direction is √(2 ln 800 / 400) = 0.18 or so; the kurtosis is 10, not 3.
    let W =
        Array2D.init 10 400 (fun i c ->
            if (c + i) % 10 = 0 then
                (if c % 20 < 10 then 1.0 else -1.0)
            else
                0.0)

    let found = NeuronAligned.ask 1 500 2 0.05 W
    Assert.Equal(1.0, found.ByKurtosis.Share.Mean)
    Assert.Equal(0.0, found.ByCosine.Share.Mean)

[<Fact>]
let ``Axes are aligned as a whole, pentagons turned as one are not, and a dead direction has no say`` () =
    let pentagons =
        KnownDictionaries.polytopes 16 (List.replicate 8 (Polytope.Polygon 5))

    let dead = Array2D.zeroCreate 3 16
    let axes = Array2D.init 16 16 (fun i c -> if i = c then 2.0 else 0.0)

    let aligned = NeuronAligned.ask 1 2000 99 0.05 (KnownDictionaries.stacked axes dead)
    Expect.near 1e-12 (1.0 / 100.0) aligned.Whole.P
    Expect.near 1e-12 1.0 aligned.MeanCosine.Value
    Assert.Equal<float[]>([| 1.0; 1.0; 1.0 |], aligned.ByCosine.P[16..])
    Assert.Equal<float[]>([| 1.0; 1.0; 1.0 |], aligned.ByKurtosis.P[16..])
    Assert.Equal((1.0, 16), (aligned.ByCosine.Share.Mean, aligned.ByCosine.Share.Count))

    let turned =
        NeuronAligned.ask 1 2000 99 0.05 (KnownDictionaries.turned (Random 3) pentagons)

    Assert.InRange(turned.Whole.Value, turned.Whole.NullLow, turned.Whole.NullHigh)
    Assert.InRange(turned.MeanCosine.Value, turned.MeanCosine.Low, turned.MeanCosine.High)

[<Fact>]
let ``Questions without draws or without directions are refused`` () =
    for draws, q, W in
        [
            0, 0.05, Alignment.rotation 1 3
            10, 0.0, Alignment.rotation 1 3
            10, 0.05, Array2D.zeroCreate 2 3
        ] do
        Assert.Throws<ArgumentException>(fun () -> NeuronAligned.ask 1 draws 2 q W |> ignore)
        |> ignore
