module Superposition.Analysis.Tests.GeometryTests

open System
open Superposition.Analysis
open Xunit

let private shape W = (Geometry.arrangement W).Shape

[<Fact>]
let ``Orthogonal features do not interfere and an antipodal partner does so wholly`` () =
    Assert.Equal<float[]>([| 0.0; 0.0 |], Geometry.interference (array2D [ [ 2.0; 0.0 ]; [ 0.0; 3.0 ] ]))
    // Ŵ_0 · W_1 = −3 and Ŵ_1 · W_0 = −2.
    Assert.Equal<float[]>([| 9.0; 4.0 |], Geometry.interference (array2D [ [ 2.0 ]; [ -3.0 ] ]))

[<Fact>]
let ``A feature without direction has no interference and gives none`` () =
    Assert.Equal<float[]>([| 0.0; 0.0 |], Geometry.interference (array2D [ [ 0.0; 0.0 ]; [ 0.0; 3.0 ] ]))

[<Fact>]
let ``In superposition are the features of a pair, not those with a dimension of their own or without a length`` () =
    let W =
        array2D
            [
                [ 1.0; 0.0; 0.0 ]
                [ 0.0; 1.0; 0.0 ]
                [ 0.0; -0.8; 0.0 ]
                [ 0.4; 0.0; 0.0 ]
                [ 0.0; 0.2; 0.9 ]
            ]

    Assert.Equal<int[]>([| 1; 2 |], Geometry.superposed W)
    Assert.Equal<int[]>([| 0; 1; 2; 3; 4 |], Geometry.superposed Shapes.pentagon)
    Assert.Empty(Geometry.superposed (Shapes.rotation 1 4))

[<Fact>]
let ``Dimensionality is norm squared over norm squared and interference`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d

        Array.map2 (fun norm other -> norm ** 2.0 / (norm ** 2.0 + other)) (Geometry.norms W) (Geometry.interference W)
        |> Expect.allNear 1e-9 (Dimensionality.ofWeights W))

[<Fact>]
let ``Two strong features at a right angle among weak ones are orthogonal`` () =
    let W = array2D [ [ 1.0; 0.02 ]; [ 0.1; 0.1 ]; [ -0.02; 0.9 ]; [ 0.0; 0.0 ] ]
    let arrangement = Geometry.arrangement W
    Assert.Equal(Orthogonal 2, arrangement.Shape)
    Assert.Equal<int[]>([| 0; 2 |], arrangement.Represented)
    Assert.Empty arrangement.Pairs

[<Fact>]
let ``Four features at right angles in the plane are two antipodal pairs, whatever the feature left out`` () =
    let W =
        array2D [ [ 0.0; 1.0 ]; [ 0.1; 0.2 ]; [ 1.0; 0.0 ]; [ 0.0; -1.1 ]; [ -0.9; 0.0 ] ]

    let arrangement = Geometry.arrangement W
    Assert.Equal(AntipodalPairs 2, arrangement.Shape)
    Assert.Equal<(int * int)[]>([| 0, 3; 2, 4 |], arrangement.Pairs)

[<Fact>]
let ``Pairs in orthogonal dimensions are antipodal pairs in any space`` () =
    Shapes.beside Shapes.digon (Shapes.beside Shapes.digon Shapes.digon)
    |> shape
    |> fun shape -> Assert.Equal(AntipodalPairs 3, shape)

[<Fact>]
let ``A regular polygon is known however it is turned, ordered and slightly bent`` () =
    for n in [ 3; 5; 6; 7; 8 ] do
        for turn in 0..6 do
            let W = Shapes.polygon n (float turn) |> Shapes.rowsAt (Shapes.permutation turn n)
            Assert.Equal(Polygon n, shape W)

            let bend = Shapes.random turn n 2
            Assert.Equal(Polygon n, shape (W |> Array2D.mapi (fun i c w -> w + 0.03 * bend[i, c])))

[<Fact>]
let ``Around a circle a polygon's features stand in the order of their angles, from anywhere on`` () =
    let permutation = Shapes.permutation 3 5
    let W = Shapes.polygon 5 0.4 |> Shapes.rowsAt permutation
    let places = Geometry.circle W |> Array.map (fun i -> permutation[i])

    let steps =
        Array.pairwise places |> Array.map (fun (at, next) -> (next - at + 5) % 5)

    Assert.All(steps, fun step -> Assert.Equal(1, step))
    Assert.Equal(5, places.Length)

[<Fact>]
let ``A feature that is not represented stands on no circle`` () =
    Assert.Equal<int[]>([| 1 |], Geometry.circle (array2D [ [ 0.1; 0.0 ]; [ 0.0; 1.0 ] ]))
    Assert.Throws<ArgumentException>(fun () -> Geometry.circle Shapes.tetrahedron |> ignore)

[<Fact>]
let ``Two triangles turned against each other share a hexagon's dimensionality but are no hexagon`` () =
    let W =
        Array2D.init 6 2 (fun i c -> (Shapes.polygon 3 (if i < 3 then 0.0 else 0.3))[i % 3, c])

    Expect.allNear 1e-12 (Array.create 6 (1.0 / 3.0)) (Dimensionality.ofWeights W)
    Assert.Equal(Mixed, shape W)

[<Fact>]
let ``A pair beside a lone feature is mixed, and the pair is named`` () =
    let arrangement =
        Geometry.arrangement (array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ -1.0; 0.0 ] ])

    Assert.Equal(Mixed, arrangement.Shape)
    Assert.Equal<(int * int)[]>([| 0, 2 |], arrangement.Pairs)

[<Fact>]
let ``Three features of which two oppose the third make no pairs`` () =
    Assert.Equal(Mixed, shape (array2D [ [ 1.0; 0.1 ]; [ 1.0; -0.1 ]; [ -1.0; 0.0 ] ]))

[<Fact>]
let ``Nothing represented is an empty arrangement`` () =
    Assert.Equal(Empty, shape (Array2D.zeroCreate 5 2))

[<Fact>]
let ``Rotating the space and permuting features change no arrangement`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d
        let turned = Shapes.times W (Shapes.rotation (seed + 1) d)
        let found, expected = Geometry.arrangement turned, Geometry.arrangement W
        Assert.Equal(expected.Shape, found.Shape)
        Assert.Equal<(int * int)[]>(expected.Pairs, found.Pairs)
        Assert.Equal(expected.Shape, shape (Shapes.rowsAt (Shapes.permutation (seed + 2) n) W)))
