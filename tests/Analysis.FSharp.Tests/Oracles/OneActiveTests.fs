module Superposition.Analysis.Tests.Oracles.OneActiveTests

open System
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

let private slopes (value: LossAndGradient) =
    Seq.append (Seq.cast<float> value.W) value.b |> Seq.map abs |> Seq.max

/// c = 6, k vertices and σ positive biases: l*, b*, loss and ½‖(W, b)‖², Chen et al. 2023, arXiv 2310.06301.
/// The 6-gon's last figure is 6.37767 there; its own l* and b* give 6.37764.
[<Theory>]
[<InlineData(4, 0, 1.0, 0.0, 0.11111, 2.0)>]
[<InlineData(4, 1, 1.0, 0.0, 0.10417, 2.00347)>]
[<InlineData(4, 2, 1.0, 0.0, 0.09722, 2.00694)>]
[<InlineData(5, 0, 1.17046, -0.28230, 0.06874, 3.62417)>]
[<InlineData(5, 1, 1.17046, -0.28230, 0.06180, 3.62764)>]
[<InlineData(6, 0, 1.32053, -0.61814, 0.04819, 6.37764)>]
let ``Polygons of six features have the published losses and no slope`` k positive l bias loss half =
    let W, b = OneActive.polygon 6 k positive
    let value = OneActive.lossAndGradient W b
    Expect.near 5e-6 loss value.Loss
    Expect.allNear 5e-6 (Array.init 6 (fun i -> if i < k then l else 0.0)) (Geometry.norms W)
    Expect.allNear 5e-6 (Array.create k bias) b[.. k - 1]
    Expect.near 1e-5 half (OneActive.halfSquaredNorm (W, b))
    Expect.near 1e-8 0.0 (slopes value)

[<Fact>]
let ``A square costs 1/9 less 1/144 for every positive bias`` () =
    for positive in 0..2 do
        let value = OneActive.polygon 6 4 positive ||> OneActive.lossAndGradient
        Expect.near 1e-9 (1.0 / 9.0 - float positive / 144.0) value.Loss

[<Fact>]
let ``The posterior moves from pentagon to hexagon at 601 samples`` () =
    // Δλ = 8.5 − 7 from the paper's table, Δc the difference of ½‖(W, b)‖².
    let pentagon, hexagon = OneActive.polygon 6 5 0, OneActive.polygon 6 6 0

    let loss point =
        (point ||> OneActive.lossAndGradient).Loss

    OneActive.transition
        (loss hexagon - loss pentagon)
        (8.5 - 7.0)
        (OneActive.halfSquaredNorm hexagon - OneActive.halfSquaredNorm pentagon)
    |> Expect.near 0.5 601.0

[<Fact>]
let ``The gradient is the slope of the loss`` () =
    let step = 1e-6

    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d

        let b =
            Array.init n (fun i -> Shapes.random (seed + 1) n 1 |> fun b -> 0.5 * b[i, 0])

        let exact = OneActive.lossAndGradient W b
        let i, c = seed % n, seed % d
        let loss W b = (OneActive.lossAndGradient W b).Loss

        let moved by =
            W |> Array2D.mapi (fun j e w -> if i = j && c = e then w + by else w)

        let raised by =
            b |> Array.mapi (fun j b -> if i = j then b + by else b)

        Expect.near 1e-7 exact.W[i, c] ((loss (moved step) b - loss (moved -step) b) / (2.0 * step))
        Expect.near 1e-7 exact.b[i] ((loss W (raised step) - loss W (raised -step)) / (2.0 * step)))

[<Fact>]
let ``The loss is the mean over one-hots and sizes`` () =
    let n, sizes = 5, 20_000
    let W, b = Shapes.random 3 n 2, [| 0.3; -0.2; 0.0; -0.4; 0.1 |]

    let mean =
        Seq.sum (
            seq {
                for i in 0 .. n - 1 do
                    for at in 0 .. sizes - 1 do
                        let size = (float at + 0.5) / float sizes

                        for j in 0 .. n - 1 do
                            let z = b[j] + size * (W[i, 0] * W[j, 0] + W[i, 1] * W[j, 1])
                            ((if i = j then size else 0.0) - max 0.0 z) ** 2.0
            }
        )
        / float (n * sizes)

    Expect.near 1e-8 mean (OneActive.lossAndGradient W b).Loss

[<Fact>]
let ``A transition needs a lower loss that costs something`` () =
    Assert.Throws<ArgumentException>(fun () -> OneActive.transition 0.1 1.0 1.0 |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> OneActive.transition -0.1 -1.0 -1.0 |> ignore)
