namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// Error rates of the questions about geometry, on dictionaries whose answer is known: worlds of the null take turns, and so do
/// those with something to find.
[<RequireQualifiedAccess>]
module GeometryCalibration =
    /// Draws and rotations of a run. With 79, both p ≤ 0.05 and a two-sided P ≤ 0.05 have a chance of exactly 0.05.
    [<Literal>]
    let private Draws = 79

    let private ask (worlds: (Random -> float[,])[]) (p: int -> float[,] -> float) (seed: int) =
        let random = Random seed
        let world = worlds[random.Next worlds.Length] random
        p (random.Next()) world

    /// Directions at random: in all dimensions alike; along axis c with variance 1/c; and in half of the dimensions but for little.
    let spreads: (Random -> float[,])[] =
        [|
            KnownDictionaries.directions (Array.create 8 1.0) 24
            KnownDictionaries.directions (Array.init 8 (fun c -> 1.0 / sqrt (float (c + 1)))) 24
            KnownDictionaries.directions (Array.init 12 (fun c -> if c < 6 then 1.0 else 0.1)) 30
        |]

    /// Four pentagons in 8 dimensions, above chance; 28 equiangular lines, below. Blurred by a tenth and a fifth of a length.
    let arrangements: (Random -> float[,])[] =
        [|
            fun random ->
                KnownDictionaries.polytopes 8 (List.replicate 4 (Polytope.Polygon 5))
                |> KnownDictionaries.turned random
                |> KnownDictionaries.blurred 0.1 random
            fun random ->
                KnownDictionaries.equiangular
                |> KnownDictionaries.turned random
                |> KnownDictionaries.blurred 0.2 random
        |]

    /// Question 1, its P.
    let howMuch (arranged: bool) : int -> float =
        ask (if arranged then arrangements else spreads) (fun seed W -> (HowMuch.ask seed Draws W W).P)

    let private someShapes =
        [
            Polytope.Polygon 5
            Polytope.Polygon 5
            Polytope.Simplex 2
            Polytope.Simplex 2
            Polytope.Simplex 1
            Polytope.Simplex 1
        ]

    /// Two pentagons, triangles and digons each and ten directions at random, in 16 dimensions, blurred by a tenth of a length.
    let private amongOthers random =
        KnownDictionaries.directions (Array.create 16 1.0) 10 random
        |> KnownDictionaries.stacked (KnownDictionaries.polytopes 16 someShapes)
        |> KnownDictionaries.turned random
        |> KnownDictionaries.blurred 0.1 random

    /// Directions so crowded that all shapes come by chance; and the lines of polytopes whose directions point either way.
    let unsigned: (Random -> float[,])[] =
        [|
            KnownDictionaries.directions (Array.create 4 1.0) 32
            fun random -> amongOthers random |> KnownDictionaries.flipped random
        |]

    /// Polytopes among directions at random.
    let inhabited: (Random -> float[,])[] = [| amongOthers |]

    /// Question 3, the P of random signs over all shapes.
    let polytopesInside (among: bool) : int -> float =
        ask (if among then inhabited else unsigned) (fun seed W ->
            (PolytopesInside.ask seed 399 2 Polytopes.ShapeCosine W).Whole.P)

    /// Directions at random, and eight pentagons in 16 dimensions turned as one.
    let arbitrary: (Random -> float[,])[] =
        [|
            KnownDictionaries.directions (Array.create 16 1.0) 32
            fun random ->
                KnownDictionaries.polytopes 16 (List.replicate 8 (Polytope.Polygon 5))
                |> KnownDictionaries.turned random
        |]

    /// [32, 16] a quarter of the directions within some 27° of an axis, the others at random.
    let leaning (random: Random) : float[,] =
        let axes =
            Array2D.init 8 16 (fun i c -> if c = i then 1.0 else 0.0)
            |> KnownDictionaries.blurred 0.5 random

        KnownDictionaries.directions (Array.create 16 1.0) 24 random
        |> KnownDictionaries.stacked axes

    /// Question 6, the P of the whole dictionary.
    let neuronAligned (aligned: bool) : int -> float =
        ask (if aligned then [| leaning |] else arbitrary) (fun seed W ->
            (NeuronAligned.ask seed 1000 Draws 0.05 W).Whole.P)

    /// The questions by name, each with its p in worlds with something to find (true) and with nothing (false).
    let all: (string * (bool -> int -> float)) list =
        [
            "how much superposition", howMuch
            "polytopes", polytopesInside
            "alignment with neurons", neuronAligned
        ]
