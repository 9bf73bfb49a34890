namespace Superposition.Analysis.Oracles

open System

/// The lowest point that a descent came to.
type Minimum = { Point: float[]; Loss: float }

/// Minimising a smooth function of few variables whose gradient is known.
[<RequireQualifiedAccess>]
module Minimum =
    let private dot (a: float[]) (b: float[]) =
        let mutable sum = 0.0

        for i in 0 .. a.Length - 1 do
            sum <- sum + a[i] * b[i]

        sum

    /// The step along a direction by bisection, until the loss falls enough (10⁻⁴ of the slope) and the slope has flattened
    /// (to 0.9): the weak conditions of Wolfe, which suffice for BFGS and hold at the kinks of a ReLU too
    /// (Lewis & Overton 2013). None when 50 halvings find no such step, as at a minimum known to rounding.
    let private step (f: float[] -> struct (float * float[])) (x: float[]) loss slope (direction: float[]) =
        let rec search low high t halvings =
            let next = Array.map2 (fun x d -> x + t * d) x direction
            let struct (nextLoss, gradient) = f next

            if halvings = 0 then
                None
            elif not (nextLoss <= loss + 1e-4 * t * slope) then
                search low t (0.5 * (low + t)) (halvings - 1)
            elif dot gradient direction < 0.9 * slope then
                search t high (if Double.IsFinite high then 0.5 * (t + high) else 2.0 * t) (halvings - 1)
            else
                Some struct (next, nextLoss, gradient)

        search 0.0 infinity 1.0 50

    /// BFGS from a start, with the inverse Hessian held whole; ends after so many steps, or when three in a row gain
    /// less than a share of 10⁻¹² of the loss. f gives the loss and its gradient.
    let from (steps: int) (f: float[] -> struct (float * float[])) (start: float[]) : Minimum =
        let n = start.Length
        let inverse = Array2D.init n n (fun i j -> if i = j then 1.0 else 0.0)
        let mutable x = start
        let struct (startLoss, startGradient) = f start
        let mutable loss = startLoss
        let mutable gradient = startGradient
        let mutable left = steps
        let mutable idle = 0

        let times (v: float[]) =
            Array.init n (fun i ->
                let mutable sum = 0.0

                for j in 0 .. n - 1 do
                    sum <- sum + inverse[i, j] * v[j]

                sum)

        // The first step is a tenth of a unit long, whatever the scale of the loss.
        for i in 0 .. n - 1 do
            inverse[i, i] <- 0.1 / max 1e-300 (sqrt (dot gradient gradient))

        while left > 0 do
            let direction = times gradient |> Array.map (~-)
            let slope = dot gradient direction

            match (if slope < 0.0 then step f x loss slope direction else None) with
            | None -> left <- 0
            | Some struct (next, nextLoss, nextGradient) ->
                let s, y = Array.map2 (-) next x, Array.map2 (-) nextGradient gradient
                let curvature = dot s y

                if left = steps then
                    for i in 0 .. n - 1 do
                        inverse[i, i] <- curvature / dot y y

                let Hy = times y
                let yHy = dot y Hy

                for i in 0 .. n - 1 do
                    for j in 0 .. n - 1 do
                        inverse[i, j] <-
                            inverse[i, j]
                            + ((1.0 + yHy / curvature) * s[i] * s[j] - Hy[i] * s[j] - s[i] * Hy[j])
                              / curvature

                idle <- if loss - nextLoss <= 1e-12 * abs loss then idle + 1 else 0
                x <- next
                loss <- nextLoss
                gradient <- nextGradient
                left <- if idle = 3 then 0 else left - 1

        { Point = x; Loss = loss }
