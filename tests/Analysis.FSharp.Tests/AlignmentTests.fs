module Superposition.Analysis.Tests.AlignmentTests

open System
open Superposition.Analysis
open Xunit

let private identity d =
    Array2D.init d d (fun i c -> if i = c then 1.0 else 0.0)

[<Fact>]
let ``A random rotation is orthogonal, and follows from its seed`` () =
    for d in [ 1; 2; 5; 40 ] do
        let R = Alignment.rotation 7 d
        let products = Gram.between R R

        for i in 0 .. d - 1 do
            Expect.allNear 1e-12 (Array.init d (fun j -> if i = j then 1.0 else 0.0)) products[i, *]

        Assert.Equal<float[,]>(R, Alignment.rotation 7 d)

[<Fact>]
let ``Entries of random rotations have the moments of the Haar measure`` () =
    // E r² = 1/d and E r⁴ = 3 / (d (d + 2)); d = 3: 1/3 and 1/5.
    let entries = Array.init 4000 (fun seed -> (Alignment.rotation seed 3)[2, 1] ** 2.0)

    Expect.near 0.015 (1.0 / 3.0) (Array.average entries)
    Expect.near 0.015 (1.0 / 5.0) (entries |> Array.averageBy (fun square -> square * square))

[<Fact>]
let ``One neuron alone has kurtosis d - 2 + 1/(d - 1), equal and opposite coordinates one, gaussian ones three`` () =
    for d in [ 2; 5; 50 ] do
        Expect.near 1e-9 (float d - 2.0 + 1.0 / float (d - 1)) (Alignment.kurtosis (identity d))

    Expect.near 1e-12 1.0 (Alignment.kurtosis (array2D [ [ 3.0; -3.0; 3.0; -3.0 ] ]))
    Expect.near 0.1 3.0 (Alignment.kurtosis (Matching.random 1 1 40_000))

[<Fact>]
let ``Shift and scale of a row change no kurtosis, and rows that do not vary are left out`` () =
    Expect.forAllMatrices (fun seed n d ->
        let rows = Shapes.random seed n (d + 2)
        let moved = rows |> Array2D.mapi (fun i _ x -> 3.0 + float (i + 1) * x)
        Expect.near 1e-9 (Alignment.kurtosis rows) (Alignment.kurtosis moved))

    let rows = array2D [ [ 0.0; 0.0; 0.0 ]; [ 1.0; 0.0; 0.0 ] ]
    Expect.near 1e-12 1.5 (Alignment.kurtosis rows)
    Assert.True(Double.IsNaN(Alignment.kurtosis (Array2D.zeroCreate 2 3)))

[<Fact>]
let ``The cosine with the nearest axis is one on an axis and 1/√d between all`` () =
    let W =
        array2D [ [ 0.0; -2.0; 0.0; 0.0 ]; [ 3.0; -3.0; 3.0; 3.0 ]; [ 0.0; 0.0; 0.0; 0.0 ] ]

    Expect.allNear 1e-12 [| 1.0; 0.5; 0.0 |] (Alignment.axisCosines W)
    Expect.near 1e-12 0.75 (Alignment.meanAxisCosine W)
    Assert.True(Double.IsNaN(Alignment.meanAxisCosine (Array2D.zeroCreate 2 3)))

[<Fact>]
let ``Features on the axes exceed every random rotation, and the same features turned do not`` () =
    let W = Shapes.beside (identity 8) (identity 8)

    for measure in [ Alignment.kurtosis; Alignment.meanAxisCosine ] do
        let aligned = Alignment.excess 1 200 measure W
        Assert.True(aligned.Z > 4.0 && aligned.Value > aligned.NullHigh)
        Expect.near 1e-12 (1.0 / 201.0) aligned.P

        let turned =
            Alignment.excess 1 200 measure (Gram.between W (Alignment.rotation 12345 16))

        Assert.InRange(turned.Value, turned.NullLow, turned.NullHigh)
        Assert.InRange(turned.Z, -2.0, 2.0)

[<Fact>]
let ``Directions without preference fall below one in twenty about once in twenty times`` () =
    let found =
        Array.init 200 (fun seed ->
            (Alignment.excess (1000 * seed) 99 Alignment.meanAxisCosine (Matching.random seed 6 4)).P)
        |> Array.filter (fun p -> p <= 0.05)

    // Binomial(200, 1/20): outside 3…19 once in 500 times.
    Assert.InRange(found.Length, 3, 19)

[<Fact>]
let ``Where rotations change nothing there is no excess`` () =
    let line =
        Alignment.excess 1 20 Alignment.meanAxisCosine (array2D [ [ 2.0 ]; [ -3.0 ] ])

    Assert.Equal((1.0, 1.0, 1.0), (line.Value, line.NullMean, line.P))
    Assert.True(Double.IsNaN line.Z)
    // Two coordinates lie at one standard deviation from their mean, however they are turned.
    let plane = Alignment.excess 1 20 Alignment.kurtosis Shapes.pentagon
    Assert.Equal(1.0, plane.P)
    Assert.True(Double.IsNaN plane.Z)

[<Fact>]
let ``A single rotation has no spread and is refused`` () =
    Assert.Throws<ArgumentException>(fun () -> Alignment.excess 1 1 Alignment.kurtosis (identity 3) |> ignore)
    |> ignore

[<Fact>]
let ``Each row has a kurtosis of its own, and one that does not vary none`` () =
    let kurtoses =
        Alignment.kurtoses (array2D [ [ 3.0; -3.0; 3.0; -3.0 ]; [ 0.0; 0.0; 5.0; 0.0 ]; [ 2.0; 2.0; 2.0; 2.0 ] ])

    Expect.allNear 1e-12 [| 1.0; 4.0 - 2.0 + 1.0 / 3.0 |] kurtoses[..1]
    Assert.True(Double.IsNaN kurtoses[2])
