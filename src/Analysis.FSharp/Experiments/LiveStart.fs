namespace Superposition.Analysis.Experiments

open System.Collections.Generic
open Superposition.Analysis
open Superposition.ToyModels

/// Initial weights of models with one hidden layer, a decoder of their own and ReLU outputs. An output that is closed for its own
/// feature has no gradient to open it, and a random decoder leaves about half of the outputs so; with U = |W| every feature opens
/// its own output, whichever its sign. Experiments that start so started from random weights in their first runs; their claims are
/// judged from here.
[<RequireQualifiedAccess>]
module internal LiveStart =
    /// [K] Rows of W are gaussian directions of the length that Xavier-normal rows have on average, √(2d/(n + d)).
    let models
        (architecture: ToyArchitecture)
        (n: int)
        (d: int)
        (seed: int64)
        (instances: int)
        : IReadOnlyList<ToyModel> =
        let length = sqrt (2.0 * float d / float (n + d))

        Array.init instances (fun j ->
            let W =
                Matching.random (1_000 * int seed + j) n d
                |> Array2D.map (fun w -> float32 (length * w))

            ToyModel(
                W,
                Array.zeroCreate n,
                nan,
                Architecture = architecture,
                Decoder = Array2D.map abs W,
                HiddenBiases =
                    (if architecture.HiddenBias then
                         [| Array.zeroCreate d |]
                     else
                         [||])
            ))
