module Superposition.Analysis.Tests.SplittingTests

open System
open Superposition.Analysis
open Xunit

let private identity n =
    Array2D.init n n (fun i j -> if i = j then 1.0 else 0.0)

let private measure truth dictionary =
    Splitting.measure Splitting.defaults truth dictionary (Array.create (Array2D.length1 dictionary) true)

[<Fact>]
let ``The truth in another order and at other lengths is recovered, unmerged and unsplit`` () =
    let splitting =
        measure
            (identity 5)
            (Shapes.rowsAt (Shapes.permutation 1 5) (identity 5)
             |> Array2D.map (fun w -> 2.0 * w))

    Assert.Equal((5, true), (splitting.Found, splitting.Recovered))
    Assert.Empty splitting.Merges
    Assert.Empty splitting.Splits

[<Fact>]
let ``Parent and bisector are a merged dictionary`` () =
    let splitting = measure (identity 2) (array2D [ [ 1.0; 0.0 ]; [ 1.0; 1.0 ] ])
    Assert.Equal((1, false), (splitting.Found, splitting.Recovered))
    let merge = Assert.Single splitting.Merges
    Assert.Equal((1, 0, 1), (merge.Latent, merge.First, merge.Second))
    Expect.near 1e-12 (sqrt 0.5) merge.OfFirst
    Expect.near 1e-12 (sqrt 0.5) merge.OfSecond
    Expect.near 1e-7 0.0 merge.Distance
    Assert.Empty splitting.Splits

[<Fact>]
let ``Two latents near a feature split it, and leave another without a latent`` () =
    // cos = 1/√(1 + 0.3²) = 0.958, above 0.95.
    let splitting =
        measure (identity 3) (array2D [ [ 1.0; 0.0; 0.0 ]; [ 1.0; 0.0; 0.3 ]; [ 0.0; 1.0; 0.0 ] ])

    Assert.Equal((2, false), (splitting.Found, splitting.Recovered))
    let split = Assert.Single splitting.Splits
    Assert.Equal(0, split.Feature)
    Assert.Equal<int[]>([| 0; 1 |], split.Latents)

[<Fact>]
let ``Features are recovered by different latents, or not at all`` () =
    // Both features lie within the bound of the first latent, and only one of them may have it.
    let truth = array2D [ [ 1.0; 0.2 ]; [ 1.0; -0.2 ] ]
    Assert.Equal(1, (measure truth (array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ])).Found)
    Assert.True((measure truth (array2D [ [ 1.0; 0.0 ]; [ 1.0; 0.1 ] ])).Recovered)

[<Fact>]
let ``A dead latent neither merges nor splits nor finds`` () =
    let dictionary = array2D [ [ 1.0; 0.0 ]; [ 1.0; 1.0 ]; [ 1.0; 0.0 ]; [ 0.0; 0.0 ] ]

    let splitting =
        Splitting.measure Splitting.defaults (identity 2) dictionary [| false; false; true; true |]

    Assert.Equal(1, splitting.Found)
    Assert.Empty splitting.Merges
    Assert.Empty splitting.Splits

[<Fact>]
let ``A latent turned from one feature to the other merges them between two angles`` () =
    // Orthogonal features: merged while both cosines are at most 0.9, so from acos 0.9 = 25.84° to asin 0.9 = 64.16°.
    for degrees in 0..90 do
        let at = float degrees * Math.PI / 180.0
        let merges = (measure (identity 2) (array2D [ [ cos at; sin at ] ])).Merges
        Assert.Equal((if degrees >= 26 && degrees <= 64 then 1 else 0), merges.Length)

[<Fact>]
let ``The nearest combination is the best on a fine grid of allowed shares`` () =
    Expect.forAllMatrices (fun seed _ _ ->
        let truth, latent = Matching.random seed 2 3, Matching.random (seed + 1) 1 3

        let options =
            { Splitting.defaults with
                MergeDistance = 9.0
                MergeShare = -0.2
            }

        let distance a b =
            sqrt (Seq.sum (seq { for c in 0..2 -> (latent[0, c] - a * truth[0, c] - b * truth[1, c]) ** 2.0 }))

        let merge = Assert.Single (Splitting.measure options truth latent [| true |]).Merges
        Expect.near 1e-7 (distance merge.OfFirst merge.OfSecond) merge.Distance
        Assert.True(merge.OfFirst >= -0.2 && merge.OfSecond >= -0.2)

        for a in -0.2 .. 0.1..2.0 do
            for b in -0.2 .. 0.1..2.0 do
                Assert.True(merge.Distance <= distance a b + 1e-9))

[<Fact>]
let ``Order of latents and rotation change nothing`` () =
    Expect.forAllMatrices (fun seed n d ->
        let truth, dictionary =
            Matching.random seed n d, Matching.random (seed + 1) (n + 3) d

        let rotation = Shapes.rotation seed d

        let loose =
            {
                Recovery = 0.3
                MergeDistance = 0.3
                MergeShare = 0.05
                Split = 0.3
            }

        let live = Array.create (n + 3) true
        let before = Splitting.measure loose truth dictionary live

        let after =
            Splitting.measure
                loose
                (Shapes.times truth rotation)
                (Shapes.times (Shapes.rowsAt (Shapes.permutation seed (n + 3)) dictionary) rotation)
                live

        Assert.Equal(before.Found, after.Found)
        Assert.Equal(before.Merges.Length, after.Merges.Length)

        Assert.Equal<int[]>(before.Splits |> Array.map _.Latents.Length, after.Splits |> Array.map _.Latents.Length))
