module Superposition.Analysis.Tests.GaussianRowsTests

open System
open Superposition.Analysis
open Xunit

/// [N, 3] skewed rows: the third follows the first, the second has a mean of 5.
let private rows =
    let random = Random 1

    Array2D.init 20_000 1 (fun _ _ -> random.NextDouble() ** 3.0)
    |> fun first ->
        Array2D.init 20_000 3 (fun r c ->
            match c with
            | 0 -> first[r, 0]
            | 1 -> 5.0 + random.NextDouble()
            | _ -> 2.0 * first[r, 0] + 0.1 * random.NextDouble())

[<Fact>]
let ``The covariance is that of the definition`` () =
    let covariance =
        GaussianRows.covariance (array2D [ [ 1.0; 2.0 ]; [ 3.0; 2.0 ]; [ 5.0; 8.0 ] ])

    Assert.Equal(8.0 / 3.0, covariance[0, 0], 12)
    Assert.Equal(8.0, covariance[1, 1], 12)
    Assert.Equal(4.0, covariance[0, 1], 12)
    Assert.Equal(covariance[0, 1], covariance[1, 0])

[<Fact>]
let ``Gaussian rows have the mean and the covariance of the given ones, and no skew`` () =
    let alike = GaussianRows.alike 2 rows
    let expected, found = GaussianRows.covariance rows, GaussianRows.covariance alike

    for c in 0..2 do
        Assert.InRange(Array.average alike[*, c] - Array.average rows[*, c], -0.02, 0.02)

        for d in 0..2 do
            Assert.InRange(found[c, d], expected[c, d] - 0.01, expected[c, d] + 0.01)

    let skew (values: float[]) =
        let mean = Array.average values

        Array.averageBy (fun x -> (x - mean) ** 3.0) values
        / (Array.averageBy (fun x -> (x - mean) ** 2.0) values ** 1.5)

    Assert.InRange(skew rows[*, 0], 0.8, 1.5)
    Assert.InRange(skew alike[*, 0], -0.1, 0.1)

[<Fact>]
let ``Other seeds draw other rows, the same seed the same`` () =
    Assert.Equal(GaussianRows.alike 3 rows, GaussianRows.alike 3 rows)
    Assert.NotEqual((GaussianRows.alike 3 rows)[0, 0], (GaussianRows.alike 4 rows)[0, 0])
