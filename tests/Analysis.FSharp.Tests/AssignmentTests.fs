module Superposition.Analysis.Tests.AssignmentTests

open System
open System.Diagnostics
open FsCheck
open FsCheck.FSharp
open Superposition.Analysis
open Xunit

/// The least cost by trying every way to give the rows columns of their own (n ≤ m).
let private bruteForce (cost: float[,]) =
    let n, m = Array2D.length1 cost, Array2D.length2 cost

    let rec from i taken =
        if i = n then
            0.0
        else
            Seq.min (
                seq {
                    for j in 0 .. m - 1 do
                        if taken &&& (1 <<< j) = 0 then
                            cost[i, j] + from (i + 1) (taken ||| (1 <<< j))
                }
            )

    from 0 0

let private total (cost: float[,]) (columns: int[]) =
    columns
    |> Array.mapi (fun i j -> if j < 0 then 0.0 else cost[i, j])
    |> Array.sum

let private transpose (a: float[,]) =
    Array2D.init (Array2D.length2 a) (Array2D.length1 a) (fun j i -> a[i, j])

let private areDistinct (columns: int[]) =
    let taken = columns |> Array.filter (fun j -> j >= 0)
    (Array.distinct taken).Length = taken.Length

/// The duals prove the assignment: nothing is below their sum, and the pairs are at it. A bound of rounding for costs of about 1.
let internal demandProof (sign: float) (matrix: 'T[,]) (proven: ProvenAssignment) =
    let n, m = Array2D.length1 matrix, Array2D.length2 matrix
    let u, v = proven.OfRows, proven.OfColumns
    let mutable worst = 0.0

    matrix
    |> Array2D.iteri (fun i j value -> worst <- min worst (sign * Convert.ToDouble value - u[i] - v[j]))

    Expect.near 1e-9 0.0 worst
    Assert.True(areDistinct proven.Columns)
    Assert.Equal(min n m, proven.Columns |> Array.filter (fun j -> j >= 0) |> Array.length)

    proven.Columns
    |> Array.iteri (fun i j ->
        if j >= 0 then
            Expect.near 1e-9 (sign * Convert.ToDouble matrix[i, j]) (u[i] + v[j]))

    // Of the side that is larger, who stays alone has dual 0, and no dual is above 0.
    let alone, ofLarger =
        if n <= m then
            Set.difference (set [ 0 .. m - 1 ]) (set proven.Columns), v
        else
            set ([ 0 .. n - 1 ] |> List.filter (fun i -> proven.Columns[i] < 0)), u

    Assert.All(alone, (fun j -> Assert.Equal(0.0, ofLarger[j])))
    Assert.All(ofLarger, (fun dual -> Assert.True(dual <= 1e-12)))

[<Fact>]
let ``Every assignment comes with duals that prove it, in either precision, wide and tall`` () =
    for n, m in [ 40, 90; 90, 40; 60, 60 ] do
        for sign in [ 1.0; -1.0 ] do
            let cost = Shapes.random (n + m) n m
            demandProof sign cost (Assignment.prove sign cost)
            let single = Array2D.map float32 cost
            let proven = Assignment.prove sign single
            demandProof sign single proven
            // No two of these random costs are as near as single precision.
            Assert.Equal<int[]>((Assignment.prove sign cost).Columns, proven.Columns)

[<Fact>]
let ``Rows that all want the same columns are assigned with proof`` () =
    // Ties, zeros of dead latents and rows that differ by little: long augmenting paths.
    let base', little = Shapes.random 1 1 150, Shapes.random 2 100 150

    let cost =
        Array2D.init 100 150 (fun i j ->
            if i % 10 = 9 then 0.0
            elif i % 10 = 8 then base'[0, j]
            else base'[0, j] + 0.01 * little[i, j])

    demandProof -1.0 cost (Assignment.prove -1.0 cost)
    demandProof 1.0 (Array2D.map float32 cost) (Assignment.prove 1.0 (Array2D.map float32 cost))

[<Fact>]
let ``The assignment costs what the best of all assignments costs, with ties and negative costs`` () =
    // Costs are small whole numbers, so sums are exact and ties are many.
    let costs =
        gen {
            let! n = Gen.choose (1, 7)
            let! m = Gen.choose (n, 7)
            let! spread = Gen.elements [ 1; 3; 50 ]
            let! entries = Gen.array2DOfDim n m (Gen.choose (-spread, spread))
            return Array2D.map float entries
        }

    Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(400).WithReplay(3UL, 1UL),
        Prop.forAll (Arb.fromGen costs) (fun cost ->
            let columns = Assignment.minimise cost
            let least = bruteForce cost
            Assert.DoesNotContain(-1, columns)
            Assert.True(areDistinct columns)
            Assert.Equal(least, total cost columns)

            let tall = transpose cost
            let rows = Assignment.minimise tall
            Assert.True(areDistinct rows)
            Assert.Equal(Array2D.length1 cost, rows |> Array.filter (fun j -> j >= 0) |> Array.length)
            Assert.Equal(least, total tall rows))
    )

[<Fact>]
let ``The greatest gain is the least cost with its sign turned`` () =
    let gain = Shapes.random 5 6 7
    Expect.near 1e-12 (-(bruteForce (Array2D.map (~-) gain))) (total gain (Assignment.maximise gain))

[<Fact>]
let ``A hidden permutation is found again`` () =
    let order = Shapes.permutation 4 60
    let noise = Shapes.random 4 60 60

    let gain =
        Array2D.init 60 60 (fun i j -> (if order[i] = j then 1.0 else 0.0) + 0.4 * noise[i, j])

    Assert.Equal<int[]>(order, Assignment.maximise gain)

[<Fact>]
let ``Adding a number to a row changes no assignment`` () =
    Expect.forAllMatrices (fun seed n m ->
        let cost = Shapes.random seed n (n + m)
        let shifted = cost |> Array2D.mapi (fun i _ c -> if i = 0 then c - 5.0 else c)
        Assert.Equal<int[]>(Assignment.minimise cost, Assignment.minimise shifted))

[<Fact>]
let ``500 rows and 700 columns take seconds and no swap is cheaper`` () =
    let cost = Shapes.random 8 500 700
    let clock = Stopwatch.StartNew()
    let columns = Assignment.minimise cost
    Assert.InRange(clock.Elapsed.TotalSeconds, 0.0, 10.0)
    Assert.True(areDistinct columns)

    // No pair of rows gains by swapping, and no row by moving to a free column.
    let free = Set.difference (set [ 0..699 ]) (set columns)

    for i in 0..499 do
        for j in free do
            Assert.True(cost[i, columns[i]] <= cost[i, j] + 1e-12)

        for k in 0 .. i - 1 do
            Assert.True(
                cost[i, columns[i]] + cost[k, columns[k]]
                <= cost[i, columns[k]] + cost[k, columns[i]] + 1e-12
            )

[<Fact>]
let ``Nothing to assign is no error`` () =
    Assert.Empty(Assignment.minimise (Array2D.zeroCreate<float> 0 4))
    Assert.Equal<int[]>([| -1; -1 |], Assignment.minimise (Array2D.zeroCreate<float> 2 0))

[<Theory; InlineData(Double.NaN); InlineData(Double.PositiveInfinity)>]
let ``A cost that is no finite number is refused with its place`` (value: float) =
    let cost = array2D [ [ 1.0; 2.0 ]; [ 3.0; value ] ]

    let error =
        Assert.Throws<ArgumentException>(fun () -> Assignment.minimise cost |> ignore)

    Assert.Contains("cost[1, 1]", error.Message)
