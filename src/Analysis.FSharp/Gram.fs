namespace Superposition.Analysis

open System
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices
open System.Threading.Tasks

/// [n, n] G_ij = W_i·W_j, every inner product of the rows of a matrix.
/// What superposition is, in numbers: the diagonal says how strongly a feature is stored,
/// the rest of its row how much it shares (Toy Models of Superposition, "Demonstrating Superposition").
[<Sealed>]
type Gram internal (products: float[,]) =
    let row i =
        MemoryMarshal.CreateReadOnlySpan(&products[i, 0], Array2D.length2 products)

    /// n, the number of rows.
    member _.Size = Array2D.length1 products

    /// W_i·W_j.
    member _.Item
        with get (i: int, j: int) = products[i, j]

    /// [n, n] the products themselves, as a heat map takes them.
    member _.Products = products

    /// Σ_j (W_i·W_j)², j = i included.
    member _.SumOfSquares(i: int) = TensorPrimitives.SumOfSquares(row i)

    /// Σ_{j≠i} (W_i·W_j)²: summed without the diagonal rather than subtracted from the whole, so it is never below 0.
    member _.SumOfSquaresOfOthers(i: int) =
        TensorPrimitives.SumOfSquares((row i).Slice(0, i))
        + TensorPrimitives.SumOfSquares((row i).Slice(i + 1))

/// Inner products and cosines of the rows of matrices; [n, d], row i is feature i. Single or double precision, as the matrices are.
[<RequireQualifiedAccess>]
module Gram =
    /// 64 rows of 512 dimensions are 256 kB: two such tiles stay in a core's cache.
    [<Literal>]
    let private Tile = 64

    /// Rows as columns.
    let transposed (matrix: 'T[,]) : 'T[,] =
        Array2D.init (Array2D.length2 matrix) (Array2D.length1 matrix) (fun i j -> matrix[j, i])

    /// [d] row i, without a copy.
    let internal row (matrix: 'T[,]) (i: int) : ReadOnlySpan<'T> =
        match Array2D.length2 matrix with
        | 0 -> ReadOnlySpan<'T>.Empty
        | d -> MemoryMarshal.CreateReadOnlySpan(&matrix[i, 0], d)

    /// Fills the tiles of A Bᵀ, one strip of rows a task. Every entry is one dot product, so the thread count changes nothing.
    let private fill<'T when 'T :> INumberBase<'T>> (a: 'T[,]) (b: 'T[,]) (firstColumn: int -> int) (products: 'T[,]) =
        let n, m = Array2D.length1 a, Array2D.length1 b

        Parallel.For(
            0,
            (n + Tile - 1) / Tile,
            fun strip ->
                let top = strip * Tile

                for left in firstColumn top .. Tile .. m - 1 do
                    for i in top .. min n (top + Tile) - 1 do
                        for j in left .. min m (left + Tile) - 1 do
                            products[i, j] <- TensorPrimitives.Dot<'T>(row a i, row b j)
        )
        |> ignore

    /// [n, m] A_i·B_j for a: [n, d] and b: [m, d].
    let between<'T when 'T :> INumberBase<'T>> (a: 'T[,]) (b: 'T[,]) : 'T[,] =
        let d, e = Array2D.length2 a, Array2D.length2 b

        if d <> e then
            invalidArg (nameof b) $"The rows of a have {d} dimensions, the rows of b {e}; inner products need the same."

        let products = Array2D.zeroCreate (Array2D.length1 a) (Array2D.length1 b)
        fill a b (fun _ -> 0) products
        products

    /// [n, n] W_i·W_j. The lower half is the mirror of the upper.
    let ofRows (W: float[,]) : Gram =
        let n = Array2D.length1 W
        let products = Array2D.zeroCreate n n
        fill W W id products

        for i in 0 .. n - 1 do
            for j in 0 .. i - 1 do
                products[i, j] <- products[j, i]

        Gram products

    /// [n] ‖W_i‖, about 1 for a feature that is stored and 0 for one that is not.
    let norms<'T when 'T :> IRootFunctions<'T>> (W: 'T[,]) : 'T[] =
        Array.init (Array2D.length1 W) (fun i -> TensorPrimitives.Norm<'T>(row W i))

    /// [n, m] cos(A_i, B_j), in [−1, 1]; 0 where either row is zero, for a feature without direction resembles nothing.
    let cosines<'T when 'T :> IBinaryFloatingPointIeee754<'T>> (a: 'T[,]) (b: 'T[,]) : 'T[,] =
        let ofA, ofB = norms a, norms b
        let cosines = between a b

        for i in 0 .. ofA.Length - 1 do
            for j in 0 .. ofB.Length - 1 do
                let length = ofA[i] * ofB[j]

                cosines[i, j] <-
                    if 'T.IsZero length then
                        'T.Zero
                    else
                        'T.Clamp(cosines[i, j] / length, -'T.One, 'T.One)

        cosines
