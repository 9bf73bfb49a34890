module Superposition.Analysis.Tests.DictionaryScoreTests

open System
open Superposition.Analysis
open Xunit

let private single = Array2D.map float32

/// Noisy copies of some features, and random rows.
let private planted seed n m d =
    let truth, noise = Matching.random seed n d, Matching.random (seed + 1) m d

    truth,
    Array2D.init m d (fun j c ->
        if j % 4 = 3 then
            noise[j, c]
        else
            truth[7 * j % n, c] + (0.2 + float j / float m) * noise[j, c])

[<Fact>]
let ``Three latents are scored as by hand`` () =
    // |cos| with (x, y, z): (1, 0, 0), (0.6, 0.8, 0), (1, 0, 0). Latents 0 and 2 want x; one of them is left with z, at 0.
    let truth = array2D [ [ 1.0; 0.0; 0.0 ]; [ 0.0; 2.0; 0.0 ]; [ 0.0; 0.0; 1.0 ] ]

    let dictionary =
        array2D [ [ 3.0; 0.0; 0.0 ]; [ 0.6; -0.8; 0.0 ]; [ -1.0; 0.0; 0.0 ] ]

    let score = DictionaryScore.measure truth dictionary
    Assert.Equal((3, 3), (score.Features, score.Latents))
    Assert.Equal<int[]>([| 0; 1; 0 |], score.Nearest |> Array.map _.Partner)
    Expect.allNear 1e-12 [| 1.0; 0.8; 1.0 |] (score.Nearest |> Array.map _.Cosine)
    Expect.near 1e-12 (1.8 / 3.0) score.Mcc
    Expect.near 1e-12 (2.0 / 3.0) score.Uniqueness
    Expect.near 1e-12 (1.8 / 3.0) score.FeaturesFound
    Expect.near 1e-12 (2.8 / 3.0) score.LatentsExplained

[<Fact>]
let ``Single precision gives the score of Recovery in double`` () =
    for n, m in [ 60, 25; 25, 60 ] do
        let truth, dictionary = planted 3 n m 24
        let score = DictionaryScore.measure (single truth) (single dictionary)

        let recovery =
            Recovery.measure
                { Recovery.defaults with
                    Similarity = Absolute
                    Draws = 0
                }
                truth
                dictionary

        Expect.near 1e-6 recovery.Mcc score.Mcc
        Expect.near 1e-12 recovery.Uniqueness score.Uniqueness
        Expect.near 1e-6 recovery.FeaturesFound score.FeaturesFound
        Expect.near 1e-6 recovery.LatentsExplained score.LatentsExplained

        // The partners are the same, seen from the other side.
        for j, partner in score.Assigned |> Array.indexed do
            match partner with
            | Some partner -> Assert.Equal(j, recovery.Assigned[partner.Partner].Value.Partner)
            | None -> Assert.True(m > n)

[<Fact>]
let ``Order, sign, length and rotation change no score`` () =
    Expect.forAllMatrices (fun seed n d ->
        let truth, dictionary = planted seed n (n + 2) d
        let order = Shapes.permutation seed (n + 2)

        let turned =
            Shapes.times
                (Shapes.rowsAt order dictionary
                 |> Array2D.mapi (fun j _ w -> (if j % 2 = 0 then -3.0 else 0.5) * w))
                (Shapes.rotation seed d)

        let before = DictionaryScore.measure truth dictionary

        let after =
            DictionaryScore.measure (Shapes.times truth (Shapes.rotation seed d)) turned

        Expect.near 1e-9 before.Mcc after.Mcc
        Expect.near 1e-9 before.FeaturesFound after.FeaturesFound
        Expect.near 1e-9 before.LatentsExplained after.LatentsExplained
        Assert.InRange(before.Mcc, 0.0, 1.0)
        Assert.InRange(before.Uniqueness, 1.0 / float (n + 2), 1.0)

        order
        |> Array.iteri (fun place j -> Expect.near 1e-9 before.Nearest[j].Cosine after.Nearest[place].Cosine))

[<Fact>]
let ``Nothing to score is refused`` () =
    Assert.Throws<ArgumentException>(fun () ->
        DictionaryScore.measure (Array2D.zeroCreate<float32> 3 2) (Array2D.zeroCreate<float32> 0 2)
        |> ignore)
    |> ignore

/// SynthSAEBench's size: 16,384 features in 768 dimensions, 4,096 latents. Noise of a length up to 1.4 on three quarters of the latents.
[<Fact; Trait("Category", "Science")>]
let ``At the size of SynthSAEBench the assignment is proven and planted latents are found`` () =
    let n, m, d = 16_384, 4_096, 768
    let truth, noise = single (Matching.random 1 n d), single (Matching.random 2 m d)
    let isPlanted j = j % 4 <> 3
    let feature j = 7_919 * j % n
    let amount j = 1.4f * float32 j / float32 m

    let dictionary =
        Array2D.init m d (fun j c ->
            if isPlanted j then
                truth[feature j, c] + amount j * noise[j, c]
            else
                noise[j, c])

    let score = DictionaryScore.measure truth dictionary
    let planted = [| 0 .. m - 1 |] |> Array.filter isPlanted

    for j in planted do
        Assert.Equal(feature j, score.Nearest[j].Partner)
        Assert.Equal(feature j, score.Assigned[j].Value.Partner)

    // Noise at a right angle, nearly: cos = 1/√(1 + t²).
    Expect.near
        0.003
        (planted |> Array.averageBy (fun j -> 1.0 / sqrt (1.0 + float (amount j) ** 2.0)))
        (planted |> Array.averageBy (fun j -> score.Assigned[j].Value.Cosine))

    let cosines = Matching.cosines Absolute dictionary truth
    AssignmentTests.demandProof -1.0 cosines (Assignment.prove -1.0 cosines)
