module Superposition.Analysis.Tests.GramTests

open System
open System.Diagnostics
open Superposition.Analysis
open Xunit

[<Fact>]
let ``Gram holds the inner product of every two rows`` () =
    let W = Shapes.random 1 150 7
    let expected = Shapes.times W (Array2D.init 7 150 (fun c i -> W[i, c]))
    let gram = Gram.ofRows W
    Assert.Equal(150, gram.Size)

    for i in 0..149 do
        for j in 0..149 do
            Expect.near 1e-12 expected[i, j] gram[i, j]

[<Fact>]
let ``The sum of squares of a row is its diagonal's square and that of the others`` () =
    let gram = Gram.ofRows (Shapes.random 2 9 4)

    for i in 0..8 do
        Expect.near 1e-12 (gram.SumOfSquares i) (gram[i, i] ** 2.0 + gram.SumOfSquaresOfOthers i)

[<Fact>]
let ``Products between two matrices are those of all their rows together`` () =
    let a, b = Shapes.random 3 70 5, Shapes.random 4 80 5
    let between = Gram.between a b

    let all =
        Gram.ofRows (Array2D.init 150 5 (fun i c -> if i < 70 then a[i, c] else b[i - 70, c]))

    for i in 0..69 do
        for j in 0..79 do
            Assert.Equal(all[i, 70 + j], between[i, j])

[<Fact>]
let ``Cosines stay within one and are zero for a zero row`` () =
    let W = Shapes.random 5 20 3

    for c in 0..2 do
        W[4, c] <- 0.0

    let cosines = Gram.cosines W W

    for i in 0..19 do
        Expect.near 1e-15 (if i = 4 then 0.0 else 1.0) cosines[i, i]
        Assert.Equal(0.0, cosines[4, i])

        for j in 0..19 do
            Assert.InRange(cosines[i, j], -1.0, 1.0)

[<Fact>]
let ``Rows without coordinates and matrices without rows have products too`` () =
    Assert.Equal(0.0, (Gram.ofRows (Array2D.zeroCreate 3 0))[2, 1])
    Assert.Equal(0, (Gram.ofRows (Array2D.zeroCreate 0 3)).Size)

[<Fact>]
let ``Rows of different lengths are refused with both lengths`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () -> Gram.between (Shapes.random 1 2 3) (Shapes.random 1 2 4) |> ignore)

    Assert.Contains("have 3 dimensions, the rows of b 4", error.Message)

[<Fact>]
let ``A dictionary of 4096 latents in 512 dimensions takes seconds`` () =
    let W = Shapes.random 6 4096 512
    let clock = Stopwatch.StartNew()
    let gram = Gram.ofRows W
    Assert.InRange(clock.Elapsed.TotalSeconds, 0.0, 30.0)
    Assert.Equal(gram[17, 4000], gram[4000, 17])
