module Superposition.Analysis.Tests.EigenTests

open System
open Superposition.Analysis
open Xunit

let private symmetric seed d =
    let A = Shapes.random seed d d
    Array2D.init d d (fun i j -> A[i, j] + A[j, i])

[<Fact>]
let ``A matrix is the sum of its eigenvalues times the projections onto its eigenvectors`` () =
    Expect.forAllMatrices (fun seed _ d ->
        let A = symmetric seed d
        let eigen = Eigen.symmetric A

        for i in 0 .. d - 1 do
            for j in 0 .. d - 1 do
                let sum over =
                    Seq.sum (seq { for s in 0 .. d - 1 -> over s * eigen.Vectors[s, i] * eigen.Vectors[s, j] })

                Expect.near 1e-12 A[i, j] (sum (fun s -> eigen.Values[s]))
                Expect.near 1e-12 (if i = j then 1.0 else 0.0) (sum (fun _ -> 1.0))

        Assert.Equal<float[]>(Array.sortDescending eigen.Values, eigen.Values))

[<Fact>]
let ``A symmetric two by two matrix has its eigenvalues at mean plus and minus the off-diagonal`` () =
    let eigen = Eigen.symmetric (array2D [ [ 3.0; 2.0 ]; [ 2.0; 3.0 ] ])
    Expect.allNear 1e-12 [| 5.0; 1.0 |] eigen.Values
    Expect.near 1e-12 0.0 (eigen.Vectors[0, 0] - eigen.Vectors[0, 1])
    Expect.near 1e-12 0.0 (eigen.Vectors[1, 0] + eigen.Vectors[1, 1])

[<Fact>]
let ``A matrix that is not square is refused with its shape`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () -> Eigen.symmetric (Shapes.random 1 2 3) |> ignore)

    Assert.Contains("[2, 3]", error.Message)
