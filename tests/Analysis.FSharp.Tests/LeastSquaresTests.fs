module Superposition.Analysis.Tests.LeastSquaresTests

open System
open Superposition.Analysis
open Xunit

[<Fact>]
let ``Anscombe's first data set has the slope, intercept and standard error that textbooks print`` () =
    // Anscombe 1973, "Graphs in Statistical Analysis": y = 3.00 + 0.500 x, standard error of the slope 0.118.
    let x = [| 10.0; 8.0; 13.0; 9.0; 11.0; 14.0; 6.0; 4.0; 12.0; 7.0; 5.0 |]
    let y = [| 8.04; 6.95; 7.58; 8.81; 8.33; 9.96; 7.24; 4.26; 10.84; 4.82; 5.68 |]
    let line = LeastSquares.line x y
    Expect.near 5e-5 0.5001 line.Slope
    Expect.near 5e-5 3.0001 line.Intercept
    Expect.near 5e-5 0.1179 line.StandardError
    // t with 9 degrees of freedom is 2.262.
    Expect.near 5e-4 (0.5001 - 2.262 * 0.1179) line.Low
    Expect.near 5e-4 (0.5001 + 2.262 * 0.1179) line.High

[<Fact>]
let ``An exact power law gives its exponent without error`` () =
    let x = [| 1.0; 2.0; 5.0; 10.0; 100.0 |]
    let law = LeastSquares.powerLaw x (x |> Array.map (fun x -> 3.0 * x ** -0.7))
    Expect.near 1e-12 -0.7 law.Slope
    Expect.near 1e-12 (log 3.0) law.Intercept
    Expect.near 1e-12 0.0 law.StandardError

[<Fact>]
let ``About 95 of 100 intervals hold the true slope`` () =
    let x = Array.init 8 float

    let held =
        Seq.init 2000 (fun seed ->
            let noise = (Matching.random seed 1 8)[0, *]
            let line = LeastSquares.line x (Array.map2 (fun x e -> 1.0 + 2.0 * x + e) x noise)
            if line.Low <= 2.0 && 2.0 <= line.High then 1.0 else 0.0)
        |> Seq.average

    Assert.InRange(held, 0.935, 0.965)

[<Fact>]
let ``The units of x and y scale slope and error`` () =
    let x, y = [| 1.0; 2.0; 4.0; 5.0 |], [| 2.0; 1.0; 5.0; 4.0 |]
    let line = LeastSquares.line x y

    let other =
        LeastSquares.line (x |> Array.map ((*) 10.0)) (y |> Array.map ((*) -3.0))

    Expect.near 1e-12 (-0.3 * line.Slope) other.Slope
    Expect.near 1e-12 (0.3 * line.StandardError) other.StandardError

[<Fact>]
let ``Two points leave the slope's interval open`` () =
    let line = LeastSquares.line [| 0.0; 2.0 |] [| 1.0; 5.0 |]
    Assert.Equal((2.0, 1.0), (line.Slope, line.Intercept))
    Assert.Equal((-infinity, infinity), (line.Low, line.High))
    Assert.True(Double.IsNaN line.StandardError)

[<Fact>]
let ``One point, equal x and the logarithm of zero are refused`` () =
    let refused (call: unit -> Line) =
        Assert.Throws<ArgumentException>(fun () -> call () |> ignore).Message

    Assert.Contains("at least two", refused (fun () -> LeastSquares.line [| 1.0 |] [| 1.0 |]))
    Assert.Contains("All x are 2", refused (fun () -> LeastSquares.line [| 2.0; 2.0 |] [| 1.0; 3.0 |]))
    Assert.Contains("y[1] is 0", refused (fun () -> LeastSquares.powerLaw [| 1.0; 2.0 |] [| 1.0; 0.0 |]))
