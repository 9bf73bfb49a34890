module Superposition.Analysis.Tests.CarriedFeaturesTests

open System
open Superposition.Analysis
open Xunit

/// Latents 0, 1 and 2; the first fires at 2 and at 4, the second at 1, the third nowhere.
let private codes =
    SparseCodes.ofPairs 3 [| [| 0, 2.0 |]; [| 0, 4.0; 1, 1.0 |]; [||] |]

let private directions = array2D [ [ 1.0; 0.0 ]; [ -0.6; 0.8 ]; [ 0.0; 1.0 ] ]

[<Fact>]
let ``A feature adds its mean strength where it fires, along its direction and with its sign`` () =
    let added = CarriedFeatures.contributions directions codes [| 0; 1 |]

    for j, i, expected in [ 0, 0, 3.0; 1, 0, 0.0; 0, 1, -0.6; 1, 1, 0.8 ] do
        Assert.Equal(expected, added[j, i], 6)

[<Fact>]
let ``A latent that fires nowhere is refused by its number`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () -> CarriedFeatures.contributions directions codes [| 0; 2 |] |> ignore)

    Assert.StartsWith("Latent 2 fires nowhere", error.Message)

[<Fact>]
let ``A neuron carries what reaches half of its greatest, of either sign, the greatest first`` () =
    let carried =
        array2D [ [ 1.0; -2.0; 0.9 ]; [ 0.0; 0.0; 0.0 ]; [ 0.4; 1.0; 0.5 ] ]
        |> CarriedFeatures.carried

    Assert.Equal<int[]>([| 1; 0 |], carried[0])
    Assert.Empty carried[1]
    Assert.Equal<int[]>([| 1; 2 |], carried[2])
