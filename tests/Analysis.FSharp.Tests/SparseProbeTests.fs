module Superposition.Analysis.Tests.SparseProbeTests

open System
open Superposition.Analysis
open Xunit

/// [rows, 6] gaussian neurons; the property is on where 2 a₁ − a₄ is above 0, and nothing else says so.
let private layer (seed: int) rows =
    let random = Random seed
    let a = Array2D.init rows 6 (fun _ _ -> Statistics.normal random)
    a, Array.init rows (fun r -> 2.0 * a[r, 1] - a[r, 4] > 0.0)

[<Fact>]
let ``The area under the curve counts the pairs that are in order, ties half`` () =
    Assert.Equal(1.0, SparseProbe.auc [| 0.1; 0.2; 0.7; 0.9 |] [| false; false; true; true |])
    Assert.Equal(0.0, SparseProbe.auc [| 0.1; 0.2; 0.7; 0.9 |] [| true; true; false; false |])
    Assert.Equal(0.5, SparseProbe.auc [| 3.0; 3.0; 3.0 |] [| true; false; false |])
    // Pairs: 3 above 1 and 2; 1 tied with 1, below 2.
    Assert.Equal(0.625, SparseProbe.auc [| 3.0; 1.0; 1.0; 2.0 |] [| true; true; false; false |])

[<Fact>]
let ``Neurons that know the property come first, and two of them are enough`` () =
    let a, labels = layer 1 2000
    let probes = SparseProbes(a, labels)
    Assert.Equal<int[]>([| 1; 4 |], probes.Ranked[..1])
    let other, truth = layer 2 2000

    let auc neurons =
        SparseProbe.auc ((probes.Fit neurons).Scores other) truth

    Assert.InRange(auc [| 1; 4 |], 0.995, 1.0)
    Assert.InRange(auc [| 1 |], 0.85, 0.95)
    Assert.InRange(auc [| 0; 2; 3; 5 |], 0.45, 0.55)

[<Fact>]
let ``A neuron's scale and level change no probe's order`` () =
    let a, labels = layer 3 500
    let scaled = a |> Array2D.mapi (fun _ j x -> x * (float j + 0.5) + 7.0)
    let all = [| 0..5 |]

    let scores (a: float[,]) =
        ((SparseProbes(a, labels)).Fit all).Scores a

    let auc (a: float[,]) = SparseProbe.auc (scores a) labels
    Assert.Equal(auc a, auc scaled, 12)
    Assert.Equal<int[]>((SparseProbes(a, labels)).Ranked, (SparseProbes(scaled, labels)).Ranked)

[<Fact>]
let ``The weights are those of least squares with ones and zeros`` () =
    // Two neurons at right angles: w_j = cov(a_j, y) / var(a_j), all but for the ridge.
    let a = array2D [ [ 1.0; 2.0 ]; [ 1.0; -2.0 ]; [ -1.0; 2.0 ]; [ -1.0; -2.0 ] ]
    let probe = SparseProbes(a, [| true; true; false; false |]).Fit [| 0; 1 |]
    Assert.Equal(0.5, probe.Weights[0], 4)
    Assert.Equal(0.0, probe.Weights[1], 12)

[<Fact>]
let ``A silent neuron is read with no weight, and neurons that repeat each other share theirs`` () =
    let a, labels = layer 4 500
    let twice = Array2D.init 500 3 (fun r j -> if j = 2 then 5.0 else a[r, 1])
    let probe = SparseProbes(twice, labels).Fit [| 0; 1; 2 |]
    Assert.Equal(0.0, probe.Weights[2])
    Assert.Equal(probe.Weights[0], probe.Weights[1], 6)

[<Fact>]
let ``A property that is always on, or never, is refused`` () =
    let a, _ = layer 5 10

    for labels in [ Array.create 10 true; Array.create 10 false; Array.create 9 true ] do
        Assert.Throws<ArgumentException>(fun () -> SparseProbes(a, labels) |> ignore)
        |> ignore

        Assert.Throws<ArgumentException>(fun () -> SparseProbe.auc (Array.zeroCreate 10) labels |> ignore)
        |> ignore
