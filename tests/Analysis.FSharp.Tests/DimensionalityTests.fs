module Superposition.Analysis.Tests.DimensionalityTests

open Superposition.Analysis
open Xunit

// The levels of Toy Models of Superposition, "Feature Dimensionality".
let shapes: TheoryData<string, float[,], float> =
    let data = TheoryData<string, float[,], float>()
    data.Add("digon", Shapes.digon, 1.0 / 2.0)
    data.Add("triangle", Shapes.triangle, 2.0 / 3.0)
    data.Add("tetrahedron", Shapes.tetrahedron, 3.0 / 4.0)
    data.Add("pentagon", Shapes.pentagon, 2.0 / 5.0)
    data.Add("square antiprism", Shapes.squareAntiprism, 3.0 / 8.0)
    data

[<Theory; MemberData(nameof shapes)>]
let ``A digon has a half, a triangle two thirds, and so on up to the square antiprism``
    (name: string, W: float[,], expected: float)
    =
    let D = Dimensionality.ofWeights W
    Expect.allNear 1e-12 (Array.create (Array2D.length1 W) expected) D
    Assert.Equal(Some name, Dimensionality.level 1e-9 D[0] |> Option.map _.Name)

[<Fact>]
let ``A triangular bipyramid keeps two thirds for its triangle and a half for its poles`` () =
    Dimensionality.ofWeights (Shapes.beside Shapes.triangle Shapes.digon)
    |> Expect.allNear 1e-12 [| 2.0 / 3.0; 2.0 / 3.0; 2.0 / 3.0; 0.5; 0.5 |]

[<Fact>]
let ``A feature that is not represented has dimensionality zero`` () =
    let D = Dimensionality.ofWeights (array2D [ [ 0.0; 0.0 ]; [ 0.0; 3.0 ] ])
    Assert.Equal<float[]>([| 0.0; 1.0 |], D)

[<Fact>]
let ``Dimensionalities add up to no more than the rank`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d
        let D = Dimensionality.ofWeights W
        Assert.All(D, fun D -> Assert.InRange(D, 0.0, 1.0))
        Assert.True(Array.sum D <= float (min n d) + 1e-9)
        // Rows in a plane of d dimensions: rank 2 at most.
        let flat =
            Shapes.times (Shapes.random (seed + 1) n 2) (Shapes.random (seed + 2) 2 d)

        Assert.True(Array.sum (Dimensionality.ofWeights flat) <= 2.0 + 1e-9))

[<Fact>]
let ``Rotating the activation space changes no dimensionality`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d

        Dimensionality.ofWeights (Shapes.times W (Shapes.rotation (seed + 1) d))
        |> Expect.allNear 1e-9 (Dimensionality.ofWeights W))

[<Fact>]
let ``Scaling the whole matrix changes no dimensionality`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d

        Dimensionality.ofWeights (W |> Array2D.map (fun w -> 1e-30 * w))
        |> Expect.allNear 1e-9 (Dimensionality.ofWeights W))

[<Fact>]
let ``Permuting features permutes their dimensionalities`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d
        let order = Shapes.permutation (seed + 1) n
        let D = Dimensionality.ofWeights W

        Dimensionality.ofWeights (Shapes.rowsAt order W)
        |> Expect.allNear 1e-12 (order |> Array.map (fun i -> D[i])))

[<Fact>]
let ``Dimensionality is the capacity of Scherlis et al.`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d

        let product i j =
            Seq.sum (seq { for c in 0 .. d - 1 -> W[i, c] * W[j, c] })

        let capacity =
            Array.init n (fun i -> product i i ** 2.0 / Seq.sum (seq { for j in 0 .. n - 1 -> product i j ** 2.0 }))

        Dimensionality.ofWeights W |> Expect.allNear 1e-9 capacity)

[<Fact>]
let ``Dimensions per feature count unit features and fall as norms grow`` () =
    Expect.near 1e-12 0.4 (Dimensionality.perFeature Shapes.pentagon)
    Expect.near 1e-12 0.1 (Dimensionality.perFeature (Shapes.pentagon |> Array2D.map (fun w -> 2.0 * w)))
    Assert.Equal(infinity, Dimensionality.perFeature (Array2D.zeroCreate 3 2))

[<Fact>]
let ``A dimensionality between the levels has none`` () =
    Assert.Equal(None, Dimensionality.level 0.01 0.45)
    Assert.Equal(Some "not represented", Dimensionality.level 0.01 0.005 |> Option.map _.Name)
