namespace Superposition.Analysis.Oracles

open System

/// A ReLU output model and its exact loss.
type Solution =
    {
        /// [n, d]
        W: float[,]
        /// [n]
        b: float[]
        Loss: float
    }

/// What training could reach at best: the exact loss minimised over W and b from many starts.
[<RequireQualifiedAccess>]
module Optimum =
    /// Steps of a descent that does not settle; most settle within a hundred.
    [<Literal>]
    let private Steps = 500

    /// The local optimum below a start.
    let from (features: IndependentFeatures) (W: float[,], b: float[]) : Solution =
        let n, d = Array2D.length1 W, Array2D.length2 W

        let weights (point: float[]) =
            Array2D.init n d (fun i c -> point[i * d + c])

        let biases (point: float[]) = Array.sub point (n * d) n

        let point (W: float[,]) b =
            Array.append (Array.init (n * d) (fun at -> W[at / d, at % d])) b

        let minimum =
            Minimum.from
                Steps
                (fun at ->
                    let value = ExactLoss.lossAndGradient features (weights at) (biases at)
                    struct (value.Loss, point value.W value.b))
                (point W b)

        {
            W = weights minimum.Point
            b = biases minimum.Point
            Loss = minimum.Loss
        }

    /// So many starts: weights uniform in [−1, 1], biases in [0, 0.1], from the seed alone.
    let starts (seed: int) (count: int) (n: int) (d: int) : (float[,] * float[])[] =
        let random = Random seed

        Array.init count (fun _ ->
            Array2D.init n d (fun _ _ -> 2.0 * random.NextDouble() - 1.0),
            Array.init n (fun _ -> 0.1 * random.NextDouble()))

    /// The best of so many random starts (32 find the optimum of 2 to 5 features): local optima dominate where d is small.
    let find (seed: int) (count: int) (features: IndependentFeatures) (d: int) : Solution =
        starts seed count features.Density.Length d
        |> Array.map (from features)
        |> Array.minBy _.Loss
