module Superposition.Analysis.Tests.AdversaryTests

open System
open Superposition.Analysis
open Xunit

let private vulnerability = Adversary.vulnerability Adversary.NormFraction

/// [S, n] uniform on [0, 1), a third of them 0.
let private samples seed S n =
    Shapes.random seed S n
    |> Array2D.map (fun x -> if x < -0.33 then 0.0 else abs x)

[<Fact>]
let ``Without superposition an attack costs its squared norm times the importance of what it hits`` () =
    let identity = Array2D.init 3 3 (fun i c -> if i = c then 1.0 else 0.0)
    let X = samples 1 50 3
    let found = vulnerability identity (Array.zeroCreate 3) [| 1.0; 5.0; 2.0 |] X
    let norm = found.Norm
    Expect.near 1e-12 (0.1 * Array.average (Gram.norms X)) norm
    Assert.Equal(0.0, found.Clean)
    Expect.allNear 1e-12 [| norm * norm; 5.0 * norm * norm; 2.0 * norm * norm |] found.Attacked
    Assert.Equal(1, found.Worst)
    Expect.near 1e-12 (5.0 * norm * norm) found.Increase
    Assert.Equal(infinity, found.Ratio)

[<Fact>]
let ``A digon is twice as vulnerable as a dimension of its own`` () =
    // x = (1, 0), λ = 0.1: δ = ±λ(1, −1)/√2 moves output 0 by ±√2 λ.
    let found =
        vulnerability Shapes.digon [| 0.0; 0.0 |] [| 1.0; 1.0 |] (array2D [ [ 1.0; 0.0 ] ])

    Assert.Equal(0.0, found.Clean)
    Expect.allNear 1e-12 [| 0.02; 0.02 |] found.Attacked

[<Fact>]
let ``Losses are those of the model applied to each attacked sample`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W, X = Shapes.random seed n d, samples (seed + 1) 5 n
        let b = (Shapes.random (seed + 2) 1 n)[0, *]
        let importance = (Shapes.random (seed + 3) 1 n)[0, *] |> Array.map abs
        let attacks = Adversary.attacks (0.1 * Array.average (Gram.norms X)) W

        let loss s (attack: float[]) =
            let hidden = Shapes.times (Array2D.init 1 n (fun _ i -> X[s, i] + attack[i])) W

            Seq.sum (
                seq {
                    for i in 0 .. n - 1 do
                        let pre = Seq.sum (seq { for c in 0 .. d - 1 -> hidden[0, c] * W[i, c] })
                        importance[i] * (X[s, i] - max 0.0 (pre + b[i])) ** 2.0
                }
            )

        let mean attack =
            Seq.average (seq { for s in 0..4 -> loss s attack })

        let found = vulnerability W b importance X
        Expect.near 1e-9 (mean (Array.zeroCreate n)) found.Clean
        Expect.allNear 1e-9 (Array.init n (fun i -> mean attacks[i, *])) found.Attacked
        Assert.Equal(Array.max found.Attacked, found.Attacked[found.Worst])

        Seq.average (seq { for s in 0..4 -> Seq.max (seq { for i in 0 .. n - 1 -> loss s attacks[i, *] }) })
        |> fun chosen -> Expect.near 1e-9 chosen found.Chosen)

[<Fact>]
let ``No perturbation of the same norm moves an output further than the attack on it`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d
        let attacks = Adversary.attacks 0.3 W
        let pushes = Gram.between attacks (Gram.ofRows W).Products
        let others = Matching.random (seed + 1) 50 n |> Array2D.map (fun x -> 0.3 * x)
        let moved = Gram.between others (Gram.ofRows W).Products

        Expect.allNear 1e-9 (Array.create n 0.3) (Gram.norms attacks)

        for i in 0 .. n - 1 do
            Assert.True(Array.max moved[*, i] <= pushes[i, i] + 1e-9))

[<Fact>]
let ``Rotating the hidden space changes nothing and permuting features permutes the losses`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W, X = Shapes.random seed n d, samples (seed + 1) 6 n
        let b = (Shapes.random (seed + 2) 1 n)[0, *]
        let importance = Array.init n (fun i -> 1.0 / float (i + 1))
        let order = Shapes.permutation (seed + 3) n
        let expected = vulnerability W b importance X

        let turned =
            vulnerability (Shapes.times W (Shapes.rotation (seed + 4) d)) b importance X

        Expect.allNear 1e-9 expected.Attacked turned.Attacked

        let permuted =
            vulnerability
                (Shapes.rowsAt order W)
                (order |> Array.map (fun i -> b[i]))
                (order |> Array.map (fun i -> importance[i]))
                (Array2D.init 6 n (fun s i -> X[s, order[i]]))

        Expect.allNear 1e-9 (order |> Array.map (fun i -> expected.Attacked[i])) permuted.Attacked)

[<Fact>]
let ``A feature that is not represented cannot be attacked`` () =
    let W = array2D [ [ 0.0 ]; [ 2.0 ] ]
    Assert.Equal<float[,]>(array2D [ [ 0.0; 0.0 ]; [ 0.0; 0.5 ] ], Adversary.attacks 0.5 W)
    let found = vulnerability W [| 0.5; 0.0 |] [| 1.0; 1.0 |] (array2D [ [ 1.0; 1.0 ] ])
    Assert.Equal(found.Clean, found.Attacked[0])
    Assert.Equal(1, found.Worst)

[<Fact>]
let ``Parts that do not fit and no samples are refused`` () =
    let refused b X =
        Assert.Throws<ArgumentException>(fun () -> vulnerability Shapes.digon b [| 1.0; 1.0 |] X |> ignore)

    Assert.Contains("b 3", (refused [| 0.0; 0.0; 0.0 |] (Array2D.zeroCreate 1 2)).Message)
    Assert.Contains("no samples", (refused [| 0.0; 0.0 |] (Array2D.zeroCreate 0 2)).Message)
