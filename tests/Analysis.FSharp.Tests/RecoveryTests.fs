module Superposition.Analysis.Tests.RecoveryTests

open System
open Superposition.Analysis
open Xunit

[<Fact>]
let ``The truth in another order and at other lengths is recovered whole`` () =
    let truth = Matching.random 1 30 16
    let order = Shapes.permutation 2 30
    let dictionary = Shapes.rowsAt order truth |> Array2D.map (fun w -> 3.0 * w)
    let recovery = Recovery.measure Recovery.defaults truth dictionary
    Assert.Equal(1.0, recovery.Recovered)
    Expect.near 1e-12 1.0 recovery.FeaturesFound
    Expect.near 1e-12 1.0 recovery.LatentsExplained
    Expect.near 1e-12 1.0 recovery.MeanCosine
    Expect.near 1e-12 1.0 recovery.Mcc
    Expect.near 1e-12 1.0 recovery.Uniqueness

    recovery.Assigned
    |> Array.iteri (fun i pair -> Assert.Equal(i, order[pair.Value.Partner]))

[<Fact>]
let ``Noise of known size lowers the cosine by as much`` () =
    // A unit feature plus orthogonal noise of length t has cosine 1/√(1 + t²).
    let truth = Array2D.init 4 8 (fun i c -> if i = c then 1.0 else 0.0)

    let noisy t =
        Array2D.init 4 8 (fun i c ->
            if i = c then 1.0
            elif c = i + 4 then t
            else 0.0)

    let recovery t =
        Recovery.measure { Recovery.defaults with Draws = 0 } truth (noisy t)

    Expect.near 1e-12 (1.0 / sqrt 1.16) (recovery 0.4).MeanCosine
    Assert.Equal(1.0, (recovery 0.4).Recovered)
    Assert.Equal(0.0, (recovery 0.6).Recovered)

[<Fact>]
let ``Half the latents recover half of the features`` () =
    let truth = Matching.random 1 20 40

    let recovery =
        Recovery.measure Recovery.defaults truth (Shapes.rowsAt [| 0..9 |] truth)

    Assert.Equal((20, 10), (recovery.Features, recovery.Latents))
    Assert.Equal(0.5, recovery.Recovered)
    Expect.near 1e-12 1.0 recovery.MeanCosine
    Expect.near 1e-12 1.0 recovery.LatentsExplained
    Assert.True(recovery.FeaturesFound < 0.9)
    Assert.Equal(10, recovery.Assigned |> Array.filter Option.isNone |> Array.length)

[<Fact>]
let ``A random dictionary does as well as chance`` () =
    let truth = Matching.random 1 40 10

    let recovery =
        Recovery.measure { Recovery.defaults with Draws = 20 } truth (Matching.random 999 60 10)

    let chance = recovery.ByChance.Value

    for found, chance in
        [
            recovery.FeaturesFound, chance.FeaturesFound
            recovery.LatentsExplained, chance.LatentsExplained
            recovery.MeanCosine, chance.MeanCosine
        ] do
        Expect.near (5.0 * chance.Sd) chance.Mean found

[<Fact>]
let ``A mirrored dictionary has full MCC and is recovered only when the sign is ignored`` () =
    let truth = Array2D.init 3 3 (fun i c -> if i = c then 1.0 else 0.0)
    let mirrored = truth |> Array2D.map (~-)
    let signed = Recovery.measure { Recovery.defaults with Draws = 0 } truth mirrored

    let absolute =
        Recovery.measure
            { Recovery.defaults with
                Draws = 0
                Similarity = Absolute
            }
            truth
            mirrored

    Assert.Equal((0.0, 1.0), (signed.Recovered, signed.Mcc))
    Assert.Equal((1.0, 1.0), (absolute.Recovered, absolute.Mcc))
    Assert.True(signed.ByChance.IsNone)

[<Fact>]
let ``Nothing to recover is refused`` () =
    Assert.Throws<ArgumentException>(fun () ->
        Recovery.measure Recovery.defaults (Array2D.zeroCreate 0 3) (Matching.random 1 2 3)
        |> ignore)
    |> ignore
