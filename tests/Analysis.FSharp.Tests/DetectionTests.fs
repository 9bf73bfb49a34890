module Superposition.Analysis.Tests.DetectionTests

open System
open Superposition.Analysis
open Xunit

let private counted features feature (rows: (int[] * int[]) list) =
    let counts = DetectionCounts(features, feature)

    for latents, active in rows do
        counts.Add(ReadOnlySpan latents, ReadOnlySpan active)

    counts.Measure()

[<Fact>]
let ``Precision, recall and F1 are those counted by hand`` () =
    // Latent 0 for feature 2: TP 2, FP 1, FN 1. Latent 1 for feature 0: TP 1, FP 0, FN 2. Latent 2 for feature 1 never fires.
    let detection =
        counted
            3
            [| 2; 0; 1 |]
            [
                [| 0 |], [| 2; 0 |]
                [| 1; 0 |], [| 0; 2 |]
                [| 0 |], [| 0 |]
                [||], [| 1; 2 |]
                [||], [||]
            ]

    Expect.near 1e-12 (2.0 / 3.0) detection.Precision[0]
    Expect.near 1e-12 (2.0 / 3.0) detection.Recall[0]
    Expect.near 1e-12 (2.0 / 3.0) detection.F1[0]
    Expect.near 1e-12 1.0 detection.Precision[1]
    Expect.near 1e-12 (1.0 / 3.0) detection.Recall[1]
    Expect.near 1e-12 0.5 detection.F1[1]
    Assert.Equal<float>([| 0.0; 0.0; 0.0 |], [| detection.Precision[2]; detection.Recall[2]; detection.F1[2] |])
    Expect.near 1e-12 (7.0 / 18.0) detection.MeanF1
    Assert.Equal<float>([| 0.6; 0.2; 0.0 |], detection.Firing)
    Expect.near 1e-12 0.8 detection.L0
    Expect.near 1e-12 (1.0 / 3.0) detection.Dead
    Expect.near 1e-12 (1.0 / 3.0) (detection.Dense 0.2)
    Assert.Equal(5L, detection.Rows)

[<Fact>]
let ``Latents that fire exactly with their features have F1 one`` () =
    let random = Random 1

    let rows =
        List.init 100 (fun _ ->
            let active = [| 0..9 |] |> Array.filter (fun _ -> random.NextDouble() < 0.3)
            active |> Array.map (fun i -> 9 - i), active)

    let detection = counted 10 (Array.init 10 (fun j -> 9 - j)) rows
    Expect.near 1e-12 1.0 detection.MeanF1

[<Fact>]
let ``The order of rows, of latents and of features in a row changes nothing`` () =
    let random = Random 2

    let some n =
        [| 0 .. n - 1 |] |> Array.filter (fun _ -> random.NextDouble() < 0.4)

    let rows = List.init 50 (fun _ -> some 6, some 8)
    let feature = [| 0; 3; 3; 7; 5; 1 |]
    let detection = counted 8 feature rows

    let turned =
        rows
        |> List.rev
        |> List.map (fun (latents, active) -> Array.rev latents, Array.rev active)

    Assert.Equal(detection, counted 8 feature turned)

[<Fact>]
let ``F1 is the harmonic mean of precision and recall`` () =
    let random = Random 3

    let some n =
        [| 0 .. n - 1 |] |> Array.filter (fun _ -> random.NextDouble() < 0.5)

    let detection =
        counted 5 [| 0; 1; 2; 3; 4 |] (List.init 40 (fun _ -> some 5, some 5))

    for j in 0..4 do
        let p, r = detection.Precision[j], detection.Recall[j]
        Expect.near 1e-12 (2.0 * p * r / (p + r)) detection.F1[j]

[<Fact>]
let ``A latent judged by a feature that is not there, no latents and no rows are refused`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () -> DetectionCounts(3, [| 0; 3 |]) |> ignore)

    Assert.Contains("Latent 1 is judged by feature 3; features run from 0 to 2.", error.Message)

    Assert.Throws<ArgumentException>(fun () -> DetectionCounts(3, [||]) |> ignore)
    |> ignore

    Assert.Throws<InvalidOperationException>(fun () -> DetectionCounts(1, [| 0 |]).Measure() |> ignore)
    |> ignore
