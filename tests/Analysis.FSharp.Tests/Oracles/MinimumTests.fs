module Superposition.Analysis.Tests.Oracles.MinimumTests

open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

[<Fact>]
let ``Rosenbrock's valley is followed to its end`` () =
    let minimum =
        Minimum.from
            200
            (fun x ->
                let across, along = x[1] - x[0] * x[0], 1.0 - x[0]

                struct (100.0 * across * across + along * along,
                        [| -400.0 * x[0] * across - 2.0 * along; 200.0 * across |]))
            [| -1.2; 1.0 |]

    Expect.allNear 1e-6 [| 1.0; 1.0 |] minimum.Point
    Expect.near 1e-12 0.0 minimum.Loss

[<Theory; InlineData(1e-8); InlineData(1.0); InlineData(1e8)>]
let ``The scale of the loss does not matter`` (scale: float) =
    let minimum =
        Minimum.from
            100
            (fun x ->
                struct (scale
                        * (1.0 + Seq.sum (seq { for i in 0..4 -> float (1 + i) * (x[i] - float i) ** 2.0 })),
                        Array.init 5 (fun i -> 2.0 * scale * float (1 + i) * (x[i] - float i))))
            (Array.zeroCreate 5)

    Expect.allNear 1e-5 [| 0.0; 1.0; 2.0; 3.0; 4.0 |] minimum.Point

[<Fact>]
let ``A kink is a minimum too`` () =
    // |x| + y² from either side; BFGS with Wolfe's weak conditions converges there (Lewis & Overton 2013).
    for start in [ 0.7; -3.3 ] do
        let minimum =
            Minimum.from
                200
                (fun x -> struct (abs x[0] + x[1] * x[1], [| float (sign x[0]); 2.0 * x[1] |]))
                [| start; 1.0 |]

        Expect.near 1e-6 0.0 minimum.Loss

[<Fact>]
let ``Where the gradient is zero the descent stays`` () =
    let minimum =
        Minimum.from 10 (fun x -> struct (x[0] ** 2.0, [| 2.0 * x[0] |])) [| 0.0 |]

    Assert.Equal<float[]>([| 0.0 |], minimum.Point)
