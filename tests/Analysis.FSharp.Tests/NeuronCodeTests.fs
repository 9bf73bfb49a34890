module Superposition.Analysis.Tests.NeuronCodeTests

open System
open Superposition.Analysis
open Xunit

/// Toy Models of Superposition, "Superposition in a Privileged Basis": one feature alone, and three in a binary code
/// (10, 01, 11) on two neurons. The fourth neuron is silent: its features, at −1, are not returned.
let private binaryCode =
    array2D
        [
            [ 1.0; 0.0; 0.0; -1.0 ]
            [ 0.0; 1.0; 0.0; 0.0 ]
            [ 0.0; 0.0; 1.0; 0.1 ]
            [ 0.0; 0.7; 0.7; 0.0 ]
            [ 0.0; 0.0; 0.3; 0.0 ]
        ]

[<Fact>]
let ``In a binary code three features share two neurons`` () =
    let code = NeuronCode.ofTied binaryCode
    Assert.Equal<int[][]>([| [| 0 |]; [| 1; 3 |]; [| 2; 3 |]; [||] |], code.Carried)
    Assert.Equal<int[]>([| 1; 1; 1; 2; 0 |], code.Carriers)
    Assert.Equal<int[]>([| 1; 2; 3 |], code.Shared)
    Assert.Equal<bool[]>([| true; false; false; false |], code.IsMonosemantic)
    Assert.Equal((1, 2, 4), (code.Monosemantic, code.Polysemantic, code.Represented))

[<Fact>]
let ``A feature with a neuron of its own is not shared, whoever else carries it`` () =
    let code = NeuronCode.ofTied (array2D [ [ 1.0; 1.0 ]; [ 0.0; 1.0 ] ])
    Assert.Equal<int[]>([| 1 |], code.Shared)

[<Fact>]
let ``In a tied model a neuron carries what has half of its greatest weight, as a tuning curve is measured`` () =
    for weight in [ 0.49; 0.51 ] do
        let W = array2D [ [ 0.9 ]; [ 0.9 * weight ]; [ -0.9 ] ]

        let responding =
            Polysemanticity.responding Polysemanticity.HalfMaximum (Polysemanticity.ofToyNeurons W)

        Assert.Equal(responding[0], (NeuronCode.ofTied W).Carried[0].Length)

[<Fact>]
let ``The scale of a neuron and the sign by which it reads change nothing`` () =
    let encoder = array2D [ [ 2.0; 1.0 ]; [ -0.5; 0.2 ]; [ 0.1; -1.0 ] ]
    let decoder = array2D [ [ 0.5; 1.0 ]; [ 2.0; 0.2 ]; [ 0.1; 0.9 ] ]
    let scales = [| 40.0; 0.01 |]
    let scaled = encoder |> Array2D.mapi (fun _ j e -> e * scales[j])
    let inverse = decoder |> Array2D.mapi (fun _ j d -> d / scales[j])
    let code = NeuronCode.ofWeights encoder decoder
    Assert.Equal<int[][]>([| [| 0; 1 |]; [| 0; 2 |] |], code.Carried)
    Assert.Equal<int[][]>(code.Carried, (NeuronCode.ofWeights scaled inverse).Carried)
    Assert.Equal<int[][]>(code.Carried, (NeuronCode.ofWeights (Array2D.map (~-) encoder) decoder).Carried)

[<Fact>]
let ``Matrices of different shapes are refused`` () =
    Assert.Throws<ArgumentException>(fun () ->
        NeuronCode.ofWeights (Array2D.zeroCreate 3 2) (Array2D.zeroCreate 2 3) |> ignore)
    |> ignore
