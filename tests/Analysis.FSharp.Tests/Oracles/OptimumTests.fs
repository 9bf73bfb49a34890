module Superposition.Analysis.Tests.Oracles.OptimumTests

open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

[<Fact>]
let ``With a dimension for every feature nothing is lost`` () =
    let optimum = Optimum.find 1 8 (IndependentFeatures.uniform 2 0.3) 2
    Expect.near 1e-9 0.0 optimum.Loss
    Expect.allNear 1e-3 [| 1.0; 1.0 |] (Geometry.norms optimum.W)

[<Fact>]
let ``Dense features are stored one a dimension and the rest dropped`` () =
    // p = 1: no superposition; three of five features cost 1/3 − 1/4 each (Toy Models of Superposition, introduction).
    let optimum = Optimum.find 1 32 (IndependentFeatures.uniform 5 1.0) 2
    Assert.InRange(optimum.Loss, 0.24, 0.25 + 1e-9)

[<Fact>]
let ``Sparse features of equal importance are a pentagon in the plane`` () =
    let optimum = Optimum.find 1 32 (IndependentFeatures.uniform 5 0.05) 2
    Assert.Equal(Polygon 5, (Geometry.arrangement optimum.W).Shape)
    Expect.allNear 1e-6 (Array.create 5 0.4) (Dimensionality.ofWeights optimum.W)

[<Fact>]
let ``An optimum's loss is the exact loss of its weights and no slope is left`` () =
    let features =
        {
            Density = [| 0.2; 0.1; 0.05 |]
            Importance = [| 1.0; 0.7; 0.4 |]
        }

    let optimum = Optimum.find 3 16 features 2
    let value = ExactLoss.lossAndGradient features optimum.W optimum.b
    Expect.near 1e-15 value.Loss optimum.Loss
    Assert.All(value.b, fun slope -> Expect.near 1e-6 0.0 slope)
    Assert.All(Seq.cast<float> value.W, fun slope -> Expect.near 1e-6 0.0 slope)

[<Fact>]
let ``The same seed gives the same optimum, and more starts none that is worse`` () =
    let features = IndependentFeatures.uniform 4 0.1
    let find count = Optimum.find 5 count features 2
    Assert.Equal(find 4, find 4)
    Assert.True((find 16).Loss <= (find 4).Loss)
