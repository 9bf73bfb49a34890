module Superposition.Analysis.Tests.PolytopesTests

open System
open Superposition.Analysis
open Xunit

/// Shape, name, and the D_i that Toy Models of Superposition, "Feature Dimensionality", gives its vertices.
let private tight =
    [
        Polytope.Dedicated, "dedicated dimension", 1.0
        Polytope.Simplex 1, "digon", 1.0 / 2.0
        Polytope.Simplex 2, "triangle", 2.0 / 3.0
        Polytope.Simplex 3, "tetrahedron", 3.0 / 4.0
        Polytope.Simplex 6, "7 in 6-D", 6.0 / 7.0
        Polytope.Polygon 5, "pentagon", 2.0 / 5.0
        Polytope.Polygon 7, "7 in 2-D", 2.0 / 7.0
        Polytope.SquareAntiprism, "square antiprism", 3.0 / 8.0
    ]

let private groups = Polytopes.groups Geometry.OrthogonalCosine

let private names W =
    groups W |> Array.map Polytopes.name |> Array.sort

/// In d dimensions more, turned and in another order.
let private hidden seed extra W =
    let n, d = Array2D.length1 W, Array2D.length2 W

    Shapes.times (Shapes.beside W (Array2D.zeroCreate 0 extra)) (Shapes.rotation seed (d + extra))
    |> Shapes.rowsAt (Shapes.permutation seed n)

[<Fact>]
let ``The vertices of a polytope are unit vectors with the dimensionality that the paper gives them`` () =
    for polytope, _, D in tight do
        let vertices = Polytopes.vertices polytope
        let k = Array2D.length1 vertices
        Expect.allNear 1e-12 (Array.create k 1.0) (Gram.norms vertices)
        Expect.allNear 1e-12 (Array.create k D) (Dimensionality.ofWeights vertices)

[<Fact>]
let ``A bipyramid keeps its polygon's dimensionality and gives its poles a half`` () =
    for k in [ 3; 5 ] do
        Polytopes.vertices (Polytope.Bipyramid k)
        |> Dimensionality.ofWeights
        |> Expect.allNear 1e-12 (Array.append (Array.create k (2.0 / float k)) [| 0.5; 0.5 |])

[<Fact>]
let ``A shape is found and named however it is turned, ordered, scaled and slightly bent`` () =
    for polytope, name, D in tight do
        for seed in 1..4 do
            let vertices = Polytopes.vertices polytope |> hidden seed 2
            let noise = Shapes.random seed (Array2D.length1 vertices) (Array2D.length2 vertices)
            let W = vertices |> Array2D.mapi (fun i c w -> 1.3 * w + 0.02 * noise[i, c])
            let group = groups W |> Assert.Single
            Assert.Equal(name, Polytopes.name group)
            Assert.Equal(Some polytope, group.Polytope)
            Assert.Equal<int[]>(Array.init (Array2D.length1 W) id, group.Features)
            Expect.near 1e-12 D group.Level

[<Fact>]
let ``Shapes side by side in one space come apart`` () =
    let W =
        [
            Polytope.Polygon 5
            Polytope.Dedicated
            Polytope.Simplex 3
            Polytope.Simplex 1
            Polytope.SquareAntiprism
        ]
        |> List.map Polytopes.vertices
        |> List.reduce Shapes.beside

    for seed in 1..5 do
        Assert.Equal<string[]>(
            [|
                "dedicated dimension"
                "digon"
                "pentagon"
                "square antiprism"
                "tetrahedron"
            |],
            names (hidden seed 1 W)
        )

        for group in groups (hidden seed 1 W) do
            Assert.True(Polytopes.isTight group)

[<Fact>]
let ``A square is two digons, an octahedron three, and an exact bipyramid a triangle and a digon`` () =
    let digon = Polytopes.vertices (Polytope.Simplex 1)
    Assert.Equal<string[]>([| "digon"; "digon" |], names (Polytopes.vertices (Polytope.Polygon 4)))
    Assert.Equal<string[]>(Array.create 3 "digon", names (List.reduce Shapes.beside [ digon; digon; digon ]))
    Assert.Equal<string[]>([| "digon"; "triangle" |], names (Polytopes.vertices (Polytope.Bipyramid 3)))

[<Fact>]
let ``A bipyramid whose poles lean is one group, named, and no tight frame`` () =
    for k, name in [ 3, "triangular bipyramid"; 5, "pentagonal bipyramid" ] do
        let W = Polytopes.vertices (Polytope.Bipyramid k)
        W[k, 0] <- 0.12
        W[k + 1, 0] <- -0.12
        let group = groups (hidden k 2 W) |> Assert.Single
        Assert.Equal(name, Polytopes.name group)
        Assert.False(Polytopes.isTight group)

[<Fact>]
let ``Two features in one direction are no digon and have no name but their numbers`` () =
    let group = groups (array2D [ [ 1.0; 0.0 ]; [ 0.9; 0.05 ] ]) |> Assert.Single
    Assert.Equal((None, "2 in 1-D"), (group.Polytope, Polytopes.name group))

[<Fact>]
let ``Features that are not represented join no group and link none`` () =
    let W = array2D [ [ 1.0; 0.0 ]; [ 0.3; 0.3 ]; [ 0.0; 0.0 ]; [ 0.0; 1.0 ] ]
    Assert.Equal<int[][]>([| [| 0 |]; [| 3 |] |], groups W |> Array.map _.Features)
    Assert.Empty(groups (Array2D.zeroCreate 3 2))

[<Fact>]
let ``Two features are in one group exactly when a path of interference joins them`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d
        let represented = set (Geometry.represented W)
        let cosines = Geometry.cosines W

        // Warshall's closure.
        let joined =
            Array2D.init n n (fun i j ->
                represented.Contains i
                && represented.Contains j
                && (i = j || abs cosines[i, j] > 0.7))

        for via in 0 .. n - 1 do
            for i in 0 .. n - 1 do
                for j in 0 .. n - 1 do
                    joined[i, j] <- joined[i, j] || (joined[i, via] && joined[via, j])

        let expected =
            [|
                for i in represented do
                    [|
                        for j in 0 .. n - 1 do
                            if joined[i, j] then
                                j
                    |]
            |]
            |> Array.distinct

        Assert.Equal<int[][]>(expected, Polytopes.groups 0.7 W |> Array.map _.Features))

[<Fact>]
let ``The rows of orthonormal columns are a tight frame whose dimensionalities add up to its rank`` () =
    for seed in 1..10 do
        let W = Array2D.init 7 3 (fun i c -> 10.0 * (Shapes.rotation seed 7)[i, c])

        let group = Polytopes.groups 0.0 W |> Assert.Single
        Assert.True(Polytopes.isTight group)
        Assert.Equal(3, group.Rank)
        Expect.allNear 1e-9 [| 100.0; 100.0; 100.0 |] group.Eigenvalues
        Expect.near 1e-9 3.0 (Array.sum (Dimensionality.ofWeights W))

[<Fact>]
let ``A threshold that is no cosine and a shape too small are refused`` () =
    let refused (call: unit -> unit) = Assert.Throws<ArgumentException> call

    Assert.Contains("1.5", (refused (fun () -> Polytopes.groups 1.5 Shapes.pentagon |> ignore)).Message)

    Assert.Contains("at least 3", (refused (fun () -> Polytopes.vertices (Polytope.Polygon 2) |> ignore)).Message)
