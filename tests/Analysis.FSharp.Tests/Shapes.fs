/// Feature matrices whose measurements are known beforehand, and random ones from a seed.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Tests.Shapes

open System

/// [n, 2] n unit vectors around the circle, the first at the given angle.
let polygon n angle =
    Array2D.init n 2 (fun i c ->
        let at = angle + 2.0 * Math.PI * float i / float n
        if c = 0 then cos at else sin at)

let digon = array2D [ [ 1.0 ]; [ -1.0 ] ]
let triangle = polygon 3 0.2
let pentagon = polygon 5 0.4

let tetrahedron =
    array2D
        [
            [ 1.0; 1.0; 1.0 ]
            [ 1.0; -1.0; -1.0 ]
            [ -1.0; 1.0; -1.0 ]
            [ -1.0; -1.0; 1.0 ]
        ]

/// [8, 3] two squares turned by 45°, at the height where they are a tight frame: 8 h² = 4 r², h² + r² = 1.
let squareAntiprism =
    let r, h = sqrt (2.0 / 3.0), sqrt (1.0 / 3.0)

    Array2D.init 8 3 (fun i c ->
        let at = Math.PI / 4.0 * float i

        match c with
        | 0 -> r * cos at
        | 1 -> r * sin at
        | _ -> if i % 2 = 0 then h else -h)

/// Shapes in orthogonal subspaces: the blocks of a block-diagonal matrix.
let beside (a: float[,]) (b: float[,]) =
    let n, d = Array2D.length1 a, Array2D.length2 a

    Array2D.init (n + Array2D.length1 b) (d + Array2D.length2 b) (fun i c ->
        if i < n && c < d then a[i, c]
        elif i >= n && c >= d then b[i - n, c - d]
        else 0.0)

/// [n, d] numbers uniform on [−1, 1).
let random (seed: int) n d =
    let random = Random seed
    Array2D.init n d (fun _ _ -> 2.0 * random.NextDouble() - 1.0)

let times (a: float[,]) (b: float[,]) =
    Array2D.init (Array2D.length1 a) (Array2D.length2 b) (fun i j ->
        Seq.sum (seq { for c in 0 .. Array2D.length2 a - 1 -> a[i, c] * b[c, j] }))

/// [d, d] an orthogonal matrix, by Gram–Schmidt on random rows.
let rotation seed d =
    let rows = random seed d d

    for i in 0 .. d - 1 do
        for j in 0 .. i - 1 do
            let along = Seq.sum (seq { for c in 0 .. d - 1 -> rows[i, c] * rows[j, c] })

            for c in 0 .. d - 1 do
                rows[i, c] <- rows[i, c] - along * rows[j, c]

        let norm = sqrt (Seq.sum (seq { for c in 0 .. d - 1 -> rows[i, c] ** 2.0 }))

        for c in 0 .. d - 1 do
            rows[i, c] <- rows[i, c] / norm

    rows

/// [n] 0 … n − 1 in random order.
let permutation (seed: int) n =
    let order = Array.init n id
    Random(seed).Shuffle order
    order

let rowsAt (order: int[]) (W: float[,]) =
    Array2D.init order.Length (Array2D.length2 W) (fun i c -> W[order[i], c])
