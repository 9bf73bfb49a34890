module Superposition.Analysis.Tests.MotifsTests

open System
open Superposition.Analysis
open Xunit

/// Four features of |x| in seven neurons. Neuron 0 is the paper's, W₁ = [2, −1/2] and W₂ = [1/2, 2] for features 0 and 1;
/// neuron 1 is driven by feature 0 and inhibits feature 1. The others compute one side of one feature each.
let private encoder =
    array2D
        [
            [ 2.0; 1.0; -1.0; 0.0; 0.0; 0.0; 0.0 ]
            [ -0.5; 0.0; 0.0; 1.0; 0.0; 0.0; 0.0 ]
            [ 0.0; 0.0; 0.0; 0.0; 1.0; -1.0; 0.0 ]
            [ 0.0; 0.0; 0.0; 0.0; 0.0; 0.0; 1.0 ]
        ]

let private decoder =
    array2D
        [
            [ 0.5; 0.0; 1.0; 0.0; 0.0; 0.0; 0.0 ]
            [ 2.0; -5.0; 0.0; 1.0; 0.0; 0.0; 0.0 ]
            [ 0.0; 0.0; 0.0; 0.0; 1.0; 1.0; 0.0 ]
            [ 0.0; 0.0; 0.0; 0.0; 0.0; 0.0; 1.0 ]
        ]

let private found = Motifs.asymmetric 2.0

[<Fact>]
let ``The paper's neuron is found with what it does and what inhibits it`` () =
    let motif = found encoder decoder |> Assert.Single
    Assert.Equal((0, 0, 1), (motif.Neuron, motif.Strong, motif.Weak))
    Assert.Equal(4.0, motif.Asymmetry)
    // 2 · 2 from the neuron, 1 · −5 from its inhibitor.
    Assert.Equal(4.0, motif.Interference)
    Assert.Equal(-5.0, motif.Inhibition)
    Assert.Equal(-1.0, motif.Remaining)
    Assert.Equal<int[]>([| 1 |], motif.Inhibitors)
    Assert.True motif.IsInhibited

[<Fact>]
let ``Without its inhibitor, or with one that the other sign drives, the neuron interferes unhindered`` () =
    for weight in [ 0.0; -1.0 ] do
        let changed =
            encoder |> Array2D.mapi (fun i j e -> if (i, j) = (0, 1) then weight else e)

        let motif = found changed decoder |> Assert.Single
        Assert.Empty motif.Inhibitors
        Assert.Equal(0.0, motif.Inhibition)
        Assert.False motif.IsInhibited

[<Fact>]
let ``Inhibition within a tenth of the interference is inhibition`` () =
    for weight, inhibited in [ 0.73, true; 0.71, false ] do
        let changed =
            encoder |> Array2D.mapi (fun i j e -> if (i, j) = (0, 1) then weight else e)

        Assert.Equal(inhibited, (found changed decoder |> Assert.Single).IsInhibited)

[<Fact>]
let ``An inhibitor that takes away only half leaves the interference positive`` () =
    let halved =
        encoder |> Array2D.mapi (fun i j e -> if (i, j) = (0, 1) then 0.4 else e)

    let motif = found halved decoder |> Assert.Single
    Assert.Equal<int[]>([| 1 |], motif.Inhibitors)
    Expect.near 1e-12 2.0 motif.Remaining
    Assert.False motif.IsInhibited

[<Fact>]
let ``Scaling neurons and permuting features and neurons change nothing but the indices`` () =
    for seed in 1..20 do
        let features, neurons = Shapes.permutation seed 4, Shapes.permutation (seed + 100) 7
        let scales = (Shapes.random seed 1 7)[0, *] |> Array.map exp

        let moved (W: float[,]) power =
            Array2D.init 4 7 (fun i j -> W[features[i], neurons[j]] * scales[j] ** power)

        let motif = found (moved encoder 1.0) (moved decoder -1.0) |> Assert.Single
        Assert.Equal((0, 0, 1), (neurons[motif.Neuron], features[motif.Strong], features[motif.Weak]))
        Assert.Equal<int[]>([| 1 |], motif.Inhibitors |> Array.map (fun j -> neurons[j]))
        Expect.near 1e-9 4.0 motif.Asymmetry
        Expect.near 1e-9 4.0 motif.Interference
        Expect.near 1e-9 -5.0 motif.Inhibition

[<Fact>]
let ``Monosemantic neurons and neurons that store two features alike are no motif`` () =
    // Each side of three features by a neuron of its own.
    let sides =
        Array2D.init 3 6 (fun i j ->
            if j / 2 <> i then 0.0
            elif j % 2 = 0 then 1.0
            else -1.0)

    Assert.Empty(found sides (Array2D.map abs sides))
    // W₁ = [1, −1], W₂ = [1, 1], the paper's plain superposition.
    Assert.Empty(found (array2D [ [ 1.0 ]; [ -1.0 ] ]) (array2D [ [ 1.0 ]; [ 1.0 ] ]))
    Assert.Empty(found (Array2D.zeroCreate 2 2) (Array2D.zeroCreate 2 2))

[<Fact>]
let ``A third feature, weights that are not reciprocal, and a negative decoder weight are no motif`` () =
    Assert.Empty(found (array2D [ [ 2.0 ]; [ -0.5 ]; [ 1.0 ] ]) (array2D [ [ 0.5 ]; [ 2.0 ]; [ 1.0 ] ]))
    Assert.Empty(found (array2D [ [ 2.0 ]; [ -0.5 ] ]) (array2D [ [ 0.5 ]; [ 0.6 ] ]))
    Assert.Empty(found (array2D [ [ 2.0 ]; [ -0.5 ] ]) (array2D [ [ 0.5 ]; [ -2.0 ] ]))

[<Fact>]
let ``The asymmetry asked for is a lower bound`` () =
    Assert.Single(Motifs.asymmetric 4.0 encoder decoder) |> ignore
    Assert.Empty(Motifs.asymmetric 4.01 encoder decoder)

[<Fact>]
let ``Normalised neurons compute the same, and each has a greatest encoder weight of one`` () =
    Expect.forAllMatrices (fun seed n m ->
        let E, D = Shapes.random seed n m, Shapes.random (seed + 1) n m
        let E', D' = Motifs.normalised E D

        let output (encoder: float[,]) decoder =
            let h = Shapes.times (Shapes.random (seed + 2) 1 n) encoder |> Array2D.map (max 0.0)
            (Gram.between h decoder)[0, *]

        Expect.allNear 1e-9 (output E D) (output E' D')

        for j in 0 .. m - 1 do
            Expect.near 1e-12 1.0 (E'[*, j] |> Array.map abs |> Array.max))

[<Fact>]
let ``A neuron without encoder weights stays as it is`` () =
    let E, D = Motifs.normalised (array2D [ [ 0.0; 4.0 ] ]) (array2D [ [ 3.0; 1.0 ] ])
    Assert.Equal<float[,]>(array2D [ [ 0.0; 1.0 ] ], E)
    Assert.Equal<float[,]>(array2D [ [ 3.0; 4.0 ] ], D)

[<Fact>]
let ``Matrices of different shapes and an asymmetry of one are refused`` () =
    let refused (call: unit -> unit) = Assert.Throws<ArgumentException> call
    Assert.Contains("[4, 7]", (refused (fun () -> found encoder (Array2D.zeroCreate 3 7) |> ignore)).Message)
    Assert.Contains("above 1", (refused (fun () -> Motifs.asymmetric 1.0 encoder decoder |> ignore)).Message)
