module Superposition.Analysis.Tests.AbsorptionTests

open System
open Superposition.Analysis
open Xunit

let private counted truth dictionary pairs (rows: ((int * float32) list * (int * float32) list) list) =
    let counts =
        AbsorptionCounts(Absorption.defaults, Array2D.map float32 truth, Array2D.map float32 dictionary, pairs)

    for latents, active in rows do
        counts.Add(
            ReadOnlySpan(latents |> List.map fst |> Array.ofList),
            ReadOnlySpan(latents |> List.map snd |> Array.ofList),
            ReadOnlySpan(active |> List.map fst |> Array.ofList),
            ReadOnlySpan(active |> List.map snd |> Array.ofList)
        )

    counts.Measure()

let private identity n =
    Array2D.init n n (fun i j -> if i = j then 1.0 else 0.0)

let private pair = { Parent = 0; Child = 1; Latent = 0 }

let private r = sqrt 0.5f

[<Fact>]
let ``Holes of the parent's latent are counted as by hand`` () =
    // Latent 0 is the parent, latent 1 points at parent + child.
    let dictionary =
        array2D [ [ 1.0; 0.0; 0.0 ]; [ float r; float r; 0.0 ]; [ 0.0; 0.0; 1.0 ] ]

    let absorption =
        counted
            (identity 3)
            dictionary
            [| pair |]
            [
                [ 0, 1.0f ], [ 0, 1.0f ] // parent alone: as it should be
                [ 1, sqrt 2.0f ], [ 0, 1.0f; 1, 1.0f ] // absorbed: latent 1 carries all of the parent
                [ 1, 0.5f * sqrt 2.0f; 0, 0.5f ], [ 1, 1.0f; 0, 1.0f ] // shared: half from each
                [ 2, 1.0f ], [ 0, 1.0f; 1, 1.0f ] // silent, and nobody takes its place
                [ 0, 1.0f; 1, 0.1f ], [ 0, 1.0f; 1, 1.0f ] // the parent's latent carries it all
                [ 1, 1.0f ], [ 1, 1.0f ] // the parent is off: not counted
            ]

    let both, all = absorption.OfPair[0], absorption.OfParent[0]
    Assert.Equal((4L, 5L), (both.Rows, all.Rows))
    Expect.near 1e-12 0.5 both.Silent
    Expect.near 1e-12 0.25 both.Full
    Expect.near 1e-6 (1.5 / 4.0) both.Fraction
    Expect.near 1e-12 0.4 all.Silent
    Expect.near 1e-12 0.2 all.Full
    Expect.near 1e-6 (1.5 / 5.0) all.Fraction

    Assert.Equal(
        (both.Silent, both.Full, both.Fraction),
        (absorption.MeanSilent, absorption.MeanFull, absorption.MeanFraction)
    )

[<Fact>]
let ``The rule for a row has the cases of SAEBench`` () =
    let ofRow silent own input others =
        Absorption.ofRow Absorption.defaults silent own input others

    let expect (full: bool) fraction (struct (isFull: bool, found)) =
        Assert.Equal(full, isFull)
        Expect.near 1e-12 fraction found

    // Nothing else fires.
    ofRow true 0.0 1.0 [||] |> expect false 0.0
    // One absorber just at 0.4 of the projection, and below it.
    ofRow true 0.0 1.0 [| struct (0.4, 0.5) |] |> expect true 1.0
    ofRow true 0.0 1.0 [| struct (0.39, 0.5) |] |> expect false 0.0
    // Cosines: 0.05 is enough for full absorption, not for the fraction; 0.02 for neither.
    ofRow true 0.0 1.0 [| struct (0.8, 0.05) |] |> expect true 0.0
    ofRow true 0.0 1.0 [| struct (0.8, 0.02) |] |> expect false 0.0
    // Together two absorbers carry enough, one alone does not.
    ofRow true 0.0 1.0 [| struct (0.3, 0.5); struct (0.3, 0.5) |]
    |> expect false 1.0
    // Of four, three are counted: 0.36 is not enough.
    ofRow true 0.0 1.0 (Array.create 4 (struct (0.12, 0.5))) |> expect false 0.0
    ofRow true 0.0 1.0 (Array.create 4 (struct (0.14, 0.5))) |> expect false 1.0
    // What own leaves is 0.4, of which absorbers carry no more: 0.4 / (0.4 + 0.6).
    ofRow false 0.6 1.0 [| struct (0.9, 0.5) |] |> expect false 0.4
    // They carry less than is left: 0.5 / (0.5 + 0.2).
    ofRow false 0.2 1.0 [| struct (0.5, 0.5) |] |> expect false (5.0 / 7.0)
    // Own carries all.
    ofRow false 1.0 1.0 [| struct (0.9, 0.5) |] |> expect false 0.0
    // The input does not show the parent.
    ofRow true 0.0 0.0 [| struct (0.9, 0.5) |] |> expect false 0.0
    ofRow true 0.0 -1.0 [| struct (0.9, 0.5) |] |> expect false 0.0

[<Fact>]
let ``The true dictionary absorbs nothing, a merged one absorbs all`` () =
    let random = Random 1

    let active =
        List.init 200 (fun _ ->
            [
                if random.NextDouble() < 0.5 then
                    0, 0.5f + random.NextSingle()

                    if random.NextDouble() < 0.4 then
                        1, 0.5f + random.NextSingle()
            ])

    let ofTruth =
        counted (identity 2) (identity 2) [| pair |] (active |> List.map (fun on -> on, on))

    Assert.Equal((0.0, 0.0, 0.0), (ofTruth.MeanSilent, ofTruth.MeanFull, ofTruth.MeanFraction))

    let merged =
        active
        |> List.map (fun on ->
            match on with
            | [ _, parent; _, child ] -> [ 1, (parent + child) * r ], on
            | on -> on, on)

    let ofMerged =
        counted (identity 2) (array2D [ [ 1.0; 0.0 ]; [ float r; float r ] ]) [| pair |] merged

    Assert.Equal(1.0, ofMerged.MeanSilent)
    // On a row (p, c) latent 1 carries (p + c)/2, at least 0.4 of the p ≤ 1.5 that is there, for c ≥ 0.5.
    Assert.Equal((1.0, 1.0), (ofMerged.MeanFull, ofMerged.MeanFraction))
    Assert.InRange(ofMerged.OfParent[0].Silent, 0.25, 0.55)

[<Fact>]
let ``Order, rotation and the latents' lengths change nothing`` () =
    Expect.forAllMatrices (fun seed n d ->
        let random = Random seed

        let truth, dictionary =
            Matching.random seed (n + 1) d, Matching.random (seed + 1) (n + 1) d

        let rotation = Shapes.rotation seed d
        let longer = dictionary |> Array2D.map (fun w -> 2.0 * w)

        let some () =
            [
                for i in 0..n do
                    if random.NextDouble() < 0.6 then
                        i, random.NextSingle()
            ]

        let rows = List.init 20 (fun _ -> some (), some ())

        let before = counted truth dictionary [| pair; { pair with Child = n } |] rows

        let after =
            counted
                (Shapes.times truth rotation)
                (Shapes.times longer rotation)
                [| { pair with Child = n }; pair |]
                (rows
                 |> List.rev
                 |> List.map (fun (z, a) -> z |> List.rev |> List.map (fun (j, z) -> j, z / 2.0f), List.rev a))

        for p in 0..1 do
            let before, after = before.OfPair[p], after.OfPair[1 - p]
            Assert.Equal(before.Rows, after.Rows)

            if before.Rows > 0L then
                Assert.Equal(before.Silent, after.Silent)
                Expect.near 1e-3 before.Fraction after.Fraction
                Assert.InRange(before.Fraction, 0.0, 1.0)
                Assert.True(before.Full <= before.Silent))

[<Fact>]
let ``A pair that was never seen has no shares and no weight`` () =
    let absorption =
        counted (identity 3) (identity 3) [| pair; { pair with Child = 2 } |] [ [], [ 0, 1.0f; 1, 1.0f ] ]

    Assert.True(Double.IsNaN absorption.OfPair[1].Silent)
    Assert.Equal(1.0, absorption.MeanSilent)

[<Fact>]
let ``Indices out of range, values that are missing and no rows at all are refused`` () =
    let W = Array2D.map float32 (identity 2)

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            AbsorptionCounts(Absorption.defaults, W, W, [| { pair with Latent = 2 } |])
            |> ignore)

    Assert.Contains("latent of pair 0 is 2", error.Message)
    let counts = AbsorptionCounts(Absorption.defaults, W, W, [| pair |])

    Assert.Throws<InvalidOperationException>(fun () -> counts.Measure() |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () ->
        counts.Add(ReadOnlySpan [| 0 |], ReadOnlySpan [||], ReadOnlySpan [||], ReadOnlySpan [||]))
    |> ignore
