module Superposition.Analysis.Tests.Oracles.CrossingTests

open System
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

let private equal p = IndependentFeatures.uniform 5 p

let private falling p =
    {
        Density = Array.create 5 p
        Importance = Array.init 5 (fun i -> 0.9 ** float i)
    }

/// Toy Models of Superposition, "Perturbing a Single Feature": base p = 0.05, the fifth feature sparser.
let private perturbed rel =
    {
        Density = [| 0.05; 0.05; 0.05; 0.05; 0.05 * rel |]
        Importance = Array.create 5 1.0
    }

[<Theory>]
[<InlineData(0.24, 0.44026, 0.43091, 5.058, -0.098)>]
[<InlineData(0.225, 0.42513, 0.42505, 5.164, -0.111)>]
[<InlineData(0.15, 0.33592, 0.39511, 5.692, -0.172)>]
[<InlineData(0.05, 0.17807, 0.35411, 6.437, -0.246)>]
let ``Losses per density of pentagon and digons`` (p: float) pentagonLoss digonLoss squaredNorm bias =
    let pentagon, digons =
        (Crossing.pentagon (equal p)).Value, (Crossing.twoDigons (equal p)).Value

    Expect.near 1e-5 pentagonLoss (pentagon.Loss / p)
    Expect.near 1e-5 digonLoss (digons.Loss / p)
    Expect.near 1e-3 squaredNorm (Seq.cast<float> pentagon.W |> Seq.sumBy (fun w -> w * w))
    Expect.allNear 1e-3 (Array.create 5 bias) pentagon.b
    // Without biases the digons have 2p²/3 + v(p) = p (1/3 + 5p/12): free ones gain little.
    Assert.InRange(digons.Loss / p, 0.99 * (1.0 / 3.0 + 5.0 * p / 12.0), 1.0 / 3.0 + 5.0 * p / 12.0)

[<Fact>]
let ``The sparser the features, the nearer a pentagon is to that of one active feature`` () =
    // n times the loss of Chen et al.'s 5-gon for five features, OneActive.
    let W, b = OneActive.polygon 5 5 0
    let limit = 5.0 * (OneActive.lossAndGradient W b).Loss
    Expect.near 1e-3 limit ((Crossing.pentagon (equal 1e-4)).Value.Loss / 1e-4)

[<Fact>]
let ``Pentagon and digons cross at 0.225 for equal importances`` () =
    Expect.near 1e-4 0.2249 (Crossing.find equal 0.2 0.25)

[<Fact>]
let ``Pentagon and digons cross at 0.16 for importances that fall by a tenth`` () =
    Expect.near 1e-4 0.1606 (Crossing.find falling 0.14 0.18)

[<Fact>]
let ``A fifth feature 3.7 times sparser breaks the pentagon`` () =
    // The paper's text has about 2.5, where its training switched; the losses cross here.
    Expect.near 1e-3 0.269 (Crossing.find perturbed 0.2 0.4)

[<Theory>]
[<InlineData(0.40, 0.00686, 0.00823)>]
[<InlineData(0.30, 0.00631, 0.00661)>]
[<InlineData(0.25, 0.00596, 0.00579)>]
let ``Losses beside a sparser fifth feature`` (rel: float) pentagon digons =
    Expect.near 1e-5 pentagon (Crossing.pentagon (perturbed rel)).Value.Loss
    Expect.near 1e-5 digons (Crossing.twoDigons (perturbed rel)).Value.Loss
    // Two pairs and a dropped feature, b = 0.
    Expect.near 1e-5 (2.0 * 0.05 * 0.05 / 3.0 + ExactLoss.ofDropped (0.05 * rel)) digons

[<Fact; Trait("Category", "Science")>]
let ``On either side of the crossing the better arrangement is the optimum`` () =
    for p in [ 0.05; 0.15; 0.21 ] do
        Expect.near 1e-8 (Crossing.pentagon (equal p)).Value.Loss (Optimum.find 1 32 (equal p) 2).Loss

    for p in [ 0.24; 0.3 ] do
        Expect.near 1e-8 (Crossing.twoDigons (equal p)).Value.Loss (Optimum.find 1 32 (equal p) 2).Loss

[<Fact>]
let ``Without a crossing in the range there is none to find`` () =
    Assert.Throws<ArgumentException>(fun () -> Crossing.find equal 0.05 0.1 |> ignore)
