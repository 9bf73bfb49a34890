module Superposition.Analysis.Tests.KnownDictionariesTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

[<Fact>]
let ``Turning keeps every inner product, and the rotations have the moments of the Haar measure`` () =
    let W = Shapes.random 1 7 5
    let turned = KnownDictionaries.turned (Random 1) W
    let before, after = Gram.ofRows W, Gram.ofRows turned

    for i in 0..6 do
        Expect.allNear 1e-12 before.Products[i, *] after.Products[i, *]

    // E r² = 1/d, E r⁴ = 3 / (d (d + 2)) and E r = 0; d = 3.
    let axes = Array2D.init 3 3 (fun i c -> if i = c then 1.0 else 0.0)

    for i, c in [ 0, 0; 2, 1; 1, 2 ] do
        let entries =
            Array.init 4000 (fun seed -> (KnownDictionaries.turned (Random seed) axes)[i, c])

        Expect.near 0.03 0.0 (Array.average entries)
        Expect.near 0.015 (1.0 / 3.0) (entries |> Array.averageBy (fun r -> r ** 2.0))
        Expect.near 0.015 (1.0 / 5.0) (entries |> Array.averageBy (fun r -> r ** 4.0))

[<Fact>]
let ``Any two of the equiangular lines have a cosine of one third`` () =
    let cosines =
        Gram.cosines KnownDictionaries.equiangular KnownDictionaries.equiangular

    for i in 0..27 do
        Expect.allNear
            1e-12
            (Array.init 28 (fun j -> if i = j then 1.0 else 1.0 / 3.0))
            (cosines[i, *] |> Array.map abs)

[<Fact>]
let ``Polytopes side by side have the dimensionalities of the paper`` () =
    let W =
        KnownDictionaries.polytopes 6 [ Polytope.Polygon 5; Polytope.Simplex 1; Polytope.Simplex 2 ]

    let expected =
        Array.concat [ Array.create 5 0.4; Array.create 2 0.5; Array.create 3 (2.0 / 3.0) ]

    Expect.allNear 1e-12 expected (Dimensionality.ofWeights W)

    Assert.Throws<ArgumentException>(fun () -> KnownDictionaries.polytopes 1 [ Polytope.Polygon 5 ] |> ignore)
    |> ignore

[<Fact>]
let ``Noise has the length that is asked for`` () =
    let noise = KnownDictionaries.blurred 0.2 (Random 1) (Array2D.zeroCreate 400 50)
    // Mean square 0.04, of sd 0.04 √(2/50) each.
    Expect.near 0.002 0.04 (Gram.norms noise |> Array.averageBy (fun norm -> norm * norm))
