module Superposition.Analysis.Tests.SmugglingTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

/// Activations 1 … 40 in some order, but for four neurons, which are the weakest and do as much as any other.
let private activation =
    Array.init 40 (fun j ->
        if j < 4 then
            0.01 * float (j + 1)
        else
            1.0 + float ((7 * j) % 40))

let private smuggled =
    activation |> Array.mapi (fun j a -> if j < 4 then 60.0 + float j else a)

[<Fact>]
let ``Neurons of little activation and great effect are found and named`` () =
    let found = Smuggling.measure 1 199 activation smuggled
    Assert.Equal(10, found.Weak.Length)
    Assert.Equal<int[]>([| 0; 1; 2; 3 |], found.Weak[..3])
    Assert.Equal<int[]>([| 3; 2; 1; 0 |], found.Smugglers)
    Assert.Equal(4.0, found.Count.Value)
    Assert.True(found.WeakShare.P <= 0.05 && found.BeyondTrend.P <= 0.05)
    Expect.near 1e-12 ((found.Weak |> Array.sumBy (fun j -> smuggled[j])) / Array.sum smuggled) found.WeakShare.Value
    Assert.Equal(found, Smuggling.measure 1 199 activation smuggled)

[<Fact>]
let ``Units change nothing`` () =
    let found = Smuggling.measure 1 99 activation smuggled

    let moved =
        Smuggling.measure 1 99 (activation |> Array.map ((*) 4.0)) (smuggled |> Array.map ((*) 0.125))

    Assert.Equal(found.WeakShare.P, moved.WeakShare.P)
    Assert.Equal(found.BeyondTrend.P, moved.BeyondTrend.P)
    Assert.Equal<int[]>(found.Smugglers, moved.Smugglers)
    Expect.near 1e-12 found.Trend moved.Trend

[<Fact>]
let ``Where effect goes with activation nobody smuggles`` () =
    let found = Smuggling.measure 1 99 activation activation
    Assert.Empty found.Smugglers
    Assert.Equal((1.0, 1.0), (found.WeakShare.P, found.Count.P))

[<Fact>]
let ``Weights that make up for activation are a trend of all neurons, not a group beyond it`` () =
    // Effect per activation falls with activation as its power −0.9, within noise.
    let random = Random 3
    let activation = Array.init 40 (fun j -> 1.0 + float j)

    let effect =
        activation
        |> Array.map (fun a -> a ** 0.1 * exp (0.2 * Statistics.normal random))

    let found = Smuggling.measure 1 199 activation effect
    Assert.True(found.Trend < -0.8)
    Assert.True(found.WeakShare.P <= 0.05)
    Assert.True(found.BeyondTrend.P > 0.05)

[<Fact>]
let ``Effect per unit is how far the centred logits move, by hand`` () =
    // w ⊙ γ = (2, 0) and (0, 3); logits (2, 0, −2) and (3, 3, 6), less their means (2, 0, −2) and (−1, −1, 2).
    let out = array2D [ [ 1.0; 0.0 ]; [ 0.0; 6.0 ] ]
    let unembedding = array2D [ [ 1.0; 1.0 ]; [ 0.0; 1.0 ]; [ -1.0; 2.0 ] ]
    Expect.allNear 1e-12 [| sqrt 8.0; sqrt 6.0 |] (Smuggling.perUnit out [| 2.0; 0.5 |] unembedding)
    // What moves all logits alike moves nothing.
    let shifted =
        unembedding |> Array2D.mapi (fun _ c u -> if c = 0 then u + 5.0 else u)

    Expect.allNear 1e-12 [| sqrt 8.0; sqrt 6.0 |] (Smuggling.perUnit out [| 2.0; 0.5 |] shifted)

[<Fact>]
let ``What does not fit is refused`` () =
    let refused (act: unit -> obj) =
        Assert.Throws<ArgumentException>(fun () -> act () |> ignore) |> ignore

    refused (fun () -> Smuggling.measure 1 99 activation smuggled[1..])
    refused (fun () -> Smuggling.measure 1 99 activation (smuggled |> Array.map (fun _ -> 0.0)))
    refused (fun () -> Smuggling.measure 1 99 activation[..6] smuggled[..6])
    refused (fun () -> Smuggling.measure 1 99 (activation |> Array.map (fun _ -> 1.0)) smuggled)
    refused (fun () -> Smuggling.perUnit (Array2D.zeroCreate 2 3) [| 1.0 |] (Array2D.zeroCreate 4 3))
