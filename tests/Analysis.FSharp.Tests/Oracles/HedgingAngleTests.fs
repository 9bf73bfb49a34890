module Superposition.Analysis.Tests.Oracles.HedgingAngleTests

open System
open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

/// The rows (parent, child) and their shares.
let private rows both parentOnly childOnly =
    [|
        0.0, 0.0, 1.0 - both - parentOnly - childOnly
        1.0, 0.0, parentOnly
        0.0, 1.0, childOnly
        1.0, 1.0, both
    |]

/// E‖x − u z − b‖² with z = ReLU(u·x) and, when it is free, the b that is best at this θ: the mean of the residual.
let private loss withBias rows theta =
    let u, v = cos theta, sin theta

    let residuals =
        rows
        |> Array.map (fun (x, y, share) ->
            let z = max 0.0 (u * x + v * y)
            x - u * z, y - v * z, share)

    let b, c =
        if withBias then
            residuals |> Array.sumBy (fun (x, _, share) -> share * x),
            residuals |> Array.sumBy (fun (_, y, share) -> share * y)
        else
            0.0, 0.0

    residuals
    |> Array.sumBy (fun (x, y, share) -> share * ((x - b) ** 2.0 + (y - c) ** 2.0))

/// The best of all angles: a grid all around, then thirds.
let private minimiser (loss: float -> float) =
    let step = Math.PI / 1000.0
    let near = Seq.minBy loss (seq { for k in -1000 .. 1000 -> float k * step })
    let mutable low, high = near - step, near + step

    for _ in 1..80 do
        let a, b = low + (high - low) / 3.0, high - (high - low) / 3.0
        if loss a < loss b then high <- b else low <- a

    (low + high) / 2.0

let private degrees radians = radians * 180.0 / Math.PI

[<Fact>]
let ``A child on with a fifth of its parents turns the latent by 13.28 degrees, and by 14.09 with a bias`` () =
    // p(parent) = 0.25, p(child | parent) = 0.2: tan 2θ = 2 · 0.05/0.2, and 2 · 0.0375/(0.1875 − 0.0475).
    Expect.near 0.005 13.28 (degrees (HedgingAngle.withoutBias 0.05 0.2 0.0))
    Expect.near 0.005 14.09 (degrees (HedgingAngle.withBias 0.05 0.2 0.0))
    Expect.near 0.0005 0.230 (sin (HedgingAngle.withoutBias 0.05 0.2 0.0))

[<Fact>]
let ``The closed forms are where the loss is least`` () =
    for both, parentOnly, childOnly in
        [
            0.05, 0.2, 0.0
            0.3, 0.1, 0.0
            0.1, 0.25, 0.05
            0.02, 0.5, 0.01
            0.2, 0.1, 0.1
        ] do
        let rows = rows both parentOnly childOnly
        // A minimum is flat: its place is known to the root of rounding.
        Expect.near 1e-6 (HedgingAngle.withoutBias both parentOnly childOnly) (minimiser (loss false rows))
        Expect.near 1e-6 (HedgingAngle.withBias both parentOnly childOnly) (minimiser (loss true rows))

[<Fact>]
let ``No bias of either kind does better than the closed form`` () =
    // The bias may also be subtracted before encoding, z = ReLU(u·(x − b)): descents from many starts find nothing lower.
    let rows = rows 0.05 0.2 0.0
    let least = loss true rows (HedgingAngle.withBias 0.05 0.2 0.0)

    let subtracted (point: float[]) =
        let u, v, b, c = cos point[0], sin point[0], point[1], point[2]

        rows
        |> Array.sumBy (fun (x, y, share) ->
            let x, y = x - b, y - c
            let z = max 0.0 (u * x + v * y)
            share * ((x - u * z) ** 2.0 + (y - v * z) ** 2.0))

    let withGradient (point: float[]) =
        let gradient =
            Array.init 3 (fun k ->
                let moved by =
                    subtracted (point |> Array.mapi (fun i x -> if i = k then x + by else x))

                (moved 1e-6 - moved -1e-6) / 2e-6)

        struct (subtracted point, gradient)

    let random = Random 1

    let found =
        Array.init 40 (fun _ ->
            (Minimum.from
                200
                withGradient
                [|
                    Math.PI * (2.0 * random.NextDouble() - 1.0)
                    random.NextDouble()
                    random.NextDouble()
                |])
                .Loss)

    Expect.near 1e-8 least (Array.min found)

[<Fact>]
let ``Independent features are not hedged once there is a bias, and without one they are`` () =
    let both, parentOnly, childOnly = 0.25 * 0.2, 0.25 * 0.8, 0.75 * 0.2
    Expect.near 1e-12 0.0 (HedgingAngle.withBias both parentOnly childOnly)
    Assert.True(HedgingAngle.withoutBias both parentOnly childOnly > 0.3)

[<Fact>]
let ``A latent leans away from an anticorrelated feature, where the closed form is refused`` () =
    // p(child | parent) = 0.1 and 0.2 without it.
    let both, parentOnly, childOnly = 0.025, 0.225, 0.15
    Assert.True(minimiser (loss true (rows both parentOnly childOnly)) < -0.01)

    let error =
        Assert.Throws<ArgumentException>(fun () -> HedgingAngle.withBias both parentOnly childOnly |> ignore)

    Assert.Contains("anticorrelated", error.Message)

[<Fact>]
let ``Shares beyond all rows are refused`` () =
    Assert.Throws<ArgumentException>(fun () -> HedgingAngle.withoutBias 0.5 0.6 0.0 |> ignore)
    |> ignore
