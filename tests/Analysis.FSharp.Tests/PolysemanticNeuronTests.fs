module Superposition.Analysis.Tests.PolysemanticNeuronTests

open Superposition.Analysis
open Superposition.Analysis.Experiments
open Superposition.Models
open Xunit

/// Latents of a layer of four neurons; neuron 2 is among the three with most of the first three, the last is on too seldom.
let private directions =
    array2D
        [
            [ 0.9; 0.1; -0.3; 0.2 ]
            [ 0.1; 0.2; 0.9; -0.3 ]
            [ -0.5; 0.6; 0.5; 0.1 ]
            [ 0.1; 0.5; 0.2; 0.8 ]
        ]

let private block: BlockOfModel =
    let layer codes =
        {
            Activations = Array2D.zeroCreate 200 4
            Directions = directions
            Codes = codes
        }

    // Latent i is on in the first 60 + 20 i rows, the last in 59.
    let codes =
        Array.init 200 (fun r ->
            [|
                for i in 0..3 do
                    if r < (if i = 3 then 59 else 60 + 20 * i) then
                        i, 1.0
            |])
        |> SparseCodes.ofPairs 4
        |> layer

    {
        Model = Unchecked.defaultof<LanguageModel>
        Text = TokenText(Seq.replicate 200 1, 50)
        Pieces = Array.replicate 200 "a"
        Layer = 0
        Residual = codes
        Hidden = codes
    }

[<Fact>]
let ``Carriers come by how much they have of a feature, of either sign`` () =
    Assert.Equal<int[]>([| 0; 2; 3; 1 |], PolysemanticNeuron.carriersOf block 0)
    Assert.Equal<int[]>([| 2; 3; 1; 0 |], PolysemanticNeuron.carriersOf block 1)

[<Fact>]
let ``The neuron is that among the carriers of most features, which come by how often they are on; the rare count for nothing``
    ()
    =
    let found = PolysemanticNeuron.ofBlock block
    Assert.Equal(2, found.Neuron)
    Assert.Equal<int[]>([| 2; 1; 0 |], found.Features)
    Assert.Equal<int[]>([| 60; 80; 100; 59 |], found.On |> Array.map _.Length)
