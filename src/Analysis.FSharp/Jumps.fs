namespace Superposition.Analysis

/// A feature's way from one level of dimensionality to another.
type Jump =
    {
        Feature: int
        /// The last look at the old level.
        First: int
        /// The first look at the new one.
        Last: int
        From: Level
        To: Level
    }

/// Features that change their level of dimensionality while a model trains.
/// Toy Models of Superposition, "Discrete Energy Level Jumps".
[<RequireQualifiedAccess>]
module Jumps =
    /// The jumps in D: [T, n], D_i at T looks, by feature and then by time. A feature is at a level where D_i is within the
    /// tolerance of it, and between levels elsewhere; levels less than the gap apart count as one, for D_i wavers.
    let between (tolerance: float) (gap: float) (D: float[,]) : Jump[] =
        [|
            for i in 0 .. Array2D.length2 D - 1 do
                let settled =
                    [|
                        for look in 0 .. Array2D.length1 D - 1 do
                            match Dimensionality.level tolerance D[look, i] with
                            | Some level -> look, level
                            | None -> ()
                    |]

                for (first, before), (last, after) in Array.pairwise settled do
                    if abs (after.Value - before.Value) >= gap then
                        {
                            Feature = i
                            First = first
                            Last = last
                            From = before
                            To = after
                        }
        |]

    /// [T − 1] how many features change D_i by more than so much between a look and the next. D: [T, n].
    let moving (more: float) (D: float[,]) : int[] =
        Array.init (Array2D.length1 D - 1) (fun look ->
            Seq.init (Array2D.length2 D) (fun i -> abs (D[look + 1, i] - D[look, i]))
            |> Seq.filter (fun change -> change > more)
            |> Seq.length)
