module Superposition.Analysis.Tests.HowMuchTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

let private identity d =
    Array2D.init d d (fun i c -> if i = c then 1.0 else 0.0)

[<Fact>]
let ``Activations of equal variance fill all dimensions, those on a line one, and their mean is not asked`` () =
    // The corners of a cube.
    let cube = Array2D.init 8 3 (fun s c -> if (s >>> c) &&& 1 = 1 then 6.0 else 4.0)

    Expect.near 1e-12 3.0 (HowMuch.effectiveDimensions cube)
    Expect.near 1e-12 1.0 (HowMuch.effectiveDimensions (Array2D.init 5 3 (fun s c -> float (s * (c + 1)))))
    // Variances 4 and 1: 25/17.
    let flat = cube |> Array2D.mapi (fun _ c x -> [| 2.0; 1.0; 0.0 |][c] * x)
    Expect.near 1e-12 (25.0 / 17.0) (HowMuch.effectiveDimensions flat)

[<Fact>]
let ``Features with a dimension each have no superposition`` () =
    let W = identity 6
    let found = HowMuch.ask 1 20 W W
    Assert.Equal((6, 6), (found.Directions, found.Dimensions))
    Expect.near 1e-12 6.0 found.Capacity
    Expect.near 1e-9 0.0 found.MaxCosine
    Assert.Equal(0.0, found.Welch)
    Assert.Equal(1.0, found.RmsCosine.P)

[<Fact>]
let ``Pentagons fill their dimensions twice and a half and reach Welch's bound on the mean square`` () =
    let W = KnownDictionaries.polytopes 8 (List.replicate 4 (Polytope.Polygon 5))
    let found = HowMuch.ask 1 79 W W
    Expect.near 1e-9 2.5 found.PerDimension
    Expect.near 1e-9 8.0 found.Capacity
    Expect.near 1e-9 (HowMuch.welch 20 8) found.RmsCosine.Value
    Expect.near 1e-9 (cos (Math.PI / 5.0)) found.Nearest.Value
    Expect.near 1e-9 found.Nearest.Value found.Arrangement.Value
    // Closer to a neighbour than any of the random ones.
    Expect.near 1e-12 (1.0 / 80.0) found.Arrangement.P
    Expect.near 1e-12 (2.0 / 80.0) found.P

[<Fact>]
let ``Equiangular lines reach Welch's bound on the greatest, and are farther apart than chance`` () =
    let found =
        HowMuch.ask 1 79 KnownDictionaries.equiangular KnownDictionaries.equiangular

    Expect.near 1e-9 (1.0 / 3.0) found.MaxCosine
    Expect.near 1e-9 (HowMuch.welch 28 7) found.MaxCosine
    Expect.near 1e-9 7.0 found.EffectiveDimensions
    Assert.Equal(1.0, found.Arrangement.P)
    Expect.near 1e-12 (2.0 / 80.0) found.P
    // Beside directions that use all 8 dimensions.
    Assert.True(found.RmsCosine.Value < found.RmsCosine.NullLow)

[<Fact>]
let ``Directions at random in half of the dimensions are too coherent for the whole space, not for their own`` () =
    let half = Array.init 24 (fun c -> if c < 12 then 1.0 else 0.0)
    let W = KnownDictionaries.directions half 60 (Random 4)
    let found = HowMuch.ask 1 79 W W
    Assert.True(found.RmsCosine.Z > 10.0)
    Assert.InRange(found.Arrangement.Value, found.Arrangement.NullLow, found.Arrangement.NullHigh)
    Assert.InRange(found.Nearest.Value, found.Nearest.Low, found.Nearest.High)

[<Fact>]
let ``Turning, stretching and turning round the directions changes no answer about angles`` () =
    let W = GeometryCalibration.spreads[1](Random 2)
    let before = HowMuch.ask 1 20 W W
    let turned = KnownDictionaries.turned (Random 5) W
    let after = HowMuch.ask 1 20 turned turned

    Expect.allNear
        1e-9
        [|
            before.EffectiveDimensions
            before.Capacity
            before.MaxCosine
            before.MeanCosine
            before.RmsCosine.Value
        |]
        [|
            after.EffectiveDimensions
            after.Capacity
            after.MaxCosine
            after.MeanCosine
            after.RmsCosine.Value
        |]

    Expect.near 1e-6 before.Arrangement.NullMean after.Arrangement.NullMean

[<Fact>]
let ``Activations of another width are refused`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () -> HowMuch.ask 1 20 (identity 3) (identity 4) |> ignore)

    Assert.Contains("4 dimensions", error.Message)
