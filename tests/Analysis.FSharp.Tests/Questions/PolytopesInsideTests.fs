module Superposition.Analysis.Tests.PolytopesInsideTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

let private ask seed W =
    PolytopesInside.ask seed 199 20 Polytopes.ShapeCosine W

let private both =
    KnownDictionaries.polytopes
        12
        [
            Polytope.Polygon 5
            Polytope.Polygon 5
            Polytope.Simplex 3
            Polytope.Simplex 2
            Polytope.Simplex 1
            Polytope.Simplex 1
        ]

let private shapeOf polytope (found: PolytopesInside) =
    found.Shapes |> Array.find (fun count -> count.Polytope = polytope)

[<Fact>]
let ``Each polytope of a toy model is found in its place and counted once`` () =
    let found = ask 1 (KnownDictionaries.turned (Random 2) both)

    for polytope, first, corners in [ Polytope.Simplex 3, 10, 4; Polytope.Simplex 2, 14, 3 ] do
        let group = (shapeOf polytope found).Found |> Assert.Single
        Assert.Equal<int[]>([| first .. first + corners - 1 |], Array.sort group.Rows)

    Assert.Equal(2, (shapeOf (Polytope.Polygon 5) found).Found.Length)
    Assert.Equal(2, (shapeOf (Polytope.Simplex 1) found).Found.Length)
    Assert.Empty((shapeOf Polytope.SquareAntiprism found).Lines)
    Assert.True((shapeOf Polytope.SquareAntiprism found).Share.IsNone)
    // Chances of signs: two in 2⁴, one in 2³, one in 2², two in 2¹.
    Expect.allNear 1e-12 [| 1.0; 0.25; 0.125; 0.125; 0.0 |] (found.Shapes |> Array.map _.Expected)
    // 4 + 4 + 3 + 2 + 1 + 1 bits.
    Expect.near 1e-6 15.0 found.Whole.Value
    Expect.near 1e-9 1.0 found.Share.Value.Value
    Expect.near 1e-9 ((8.0 / 16.0 + 3.0 / 8.0 + 2.0 / 4.0 + 2.0 / 2.0) / 15.0) found.ChanceShare
    Expect.near 1e-12 (1.0 / 200.0) found.Whole.P

[<Fact>]
let ``Lines of polytopes with directions at random signs are gathered, and no polytopes beyond chance`` () =
    let flipped = KnownDictionaries.flipped (Random 5) both
    let found, asTheyAre = ask 1 flipped, ask 1 both

    for turned, original in Array.zip found.Shapes asTheyAre.Shapes do
        Assert.Equal(original.Lines.Length, turned.Lines.Length)
        Expect.near 1e-9 original.Gathered.Value turned.Gathered.Value

        if turned.Lines.Length > 0 then
            Expect.near 1e-12 (1.0 / 21.0) turned.Gathered.P

    Assert.True(found.Whole.P > 0.05, $"p is {found.Whole.P}.")

[<Fact>]
let ``The mean over random signs is one in 2 to the corners less one`` () =
    let W = KnownDictionaries.directions (Array.create 4 1.0) 40 (Random 3)
    let found = PolytopesInside.ask 1 4000 2 Polytopes.ShapeCosine W

    for count in found.Shapes |> Array.filter (fun count -> count.Lines.Length > 20) do
        let chance = count.Expected / float count.Lines.Length
        Expect.near (0.1 * count.Signs.NullMean) (chance * count.Gathered.Value) count.Signs.NullMean

[<Fact>]
let ``Turning the space changes nothing, and the same seed gives the same answer`` () =
    let W = KnownDictionaries.directions (Array.create 4 1.0) 25 (Random 8)

    let before, again, turned =
        ask 3 W, ask 3 W, ask 3 (KnownDictionaries.turned (Random 1) W)

    Assert.Equal(before.Whole, again.Whole)
    Assert.Equal(before.Share, again.Share)

    for one, other in Array.zip before.Shapes again.Shapes do
        Assert.Equal(one.Gathered.NullMean, other.Gathered.NullMean)

    for one, other in Array.zip before.Shapes turned.Shapes do
        Assert.Equal<int[][]>(one.Lines |> Array.map _.Rows, other.Lines |> Array.map _.Rows)

    Expect.near 1e-6 before.Whole.Value turned.Whole.Value
    Assert.Equal(before.Whole.P, turned.Whole.P)

[<Fact>]
let ``Where no lines lie as a polytope's nothing is found and nothing claimed`` () =
    let found = ask 1 (Alignment.rotation 3 6)
    Assert.All(found.Shapes, fun count -> Assert.Empty count.Lines)
    Assert.Equal(1.0, found.Whole.P)
    Assert.True(found.Share.IsNone)
