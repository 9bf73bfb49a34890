namespace Superposition.Analysis

open System
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices

/// An assignment and why none is cheaper: with u_i + v_j ≤ cost_ij everywhere, v ≤ 0 (u ≤ 0 when n > m), equality on the pairs and 0
/// on what stays alone, the least possible sum is Σ u + Σ v, and the pairs reach it.
type internal ProvenAssignment =
    {
        /// [n] the column of each row, −1 for a row that stays alone.
        Columns: int[]
        /// [n] u.
        OfRows: float[]
        /// [m] v.
        OfColumns: float[]
    }

/// The exact assignment of rows to columns: every row of the smaller side gets a partner of its own.
[<RequireQualifiedAccess>]
module Assignment =
    /// As many as fit whole vectors.
    let private padded (m: int) =
        (m + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count

    /// Row i, whose columns are at toRow + sign · costs_j − v_j, brings columns nearer: frontier is lowered, before told of it, and the
    /// least of the frontier comes back. Every array is padded; v is −∞ where nothing is to be brought nearer.
    let private relax
        (i: int)
        (toRow: float)
        (sign: float)
        (costs: float[])
        (v: float[])
        (frontier: float[])
        (before: float[])
        : float =
        let costs = MemoryMarshal.Cast<float, Vector<float>>(ReadOnlySpan costs)
        let v = MemoryMarshal.Cast<float, Vector<float>>(ReadOnlySpan v)
        let frontier = MemoryMarshal.Cast<float, Vector<float>>(Span frontier)
        let before = MemoryMarshal.Cast<float, Vector<float>>(Span before)
        let row, toRow = Vector<float>(float i), Vector<float> toRow
        let mutable least = Vector<float> infinity

        for place in 0 .. costs.Length - 1 do
            let along = toRow + sign * costs[place] - v[place]
            let mutable distance = frontier[place]

            // Most rows of a long search bring little nearer, and what is not written stays in the cache.
            if Vector.LessThanAny(along, distance) then
                let nearer = Vector.LessThan(along, distance)
                distance <- Vector.ConditionalSelect(nearer, along, distance)
                frontier[place] <- distance
                before[place] <- Vector.ConditionalSelect(nearer, row, before[place])

            least <- Vector.Min(least, distance)

        let mutable lowest = infinity

        for lane in 0 .. Vector<float>.Count - 1 do
            lowest <- min lowest least[lane]

        lowest

    /// The column at such a distance; of several a free one, which ends the search.
    let private columnAt (length: float) (frontier: float[]) (rowOf: int[]) : int =
        // As bits, which are searched a vector at a time.
        let bits = MemoryMarshal.Cast<float, int64>(ReadOnlySpan frontier)
        let sought = BitConverter.DoubleToInt64Bits length
        let first = bits.IndexOf sought
        let mutable column = first

        while column >= 0 && rowOf[column] >= 0 do
            let further = bits.Slice(column + 1).IndexOf sought
            column <- if further < 0 then -1 else column + 1 + further

        if column < 0 then first else column

    /// The column of each row, for n ≤ m. Rows enter one by one; each takes the shortest augmenting path through the
    /// reduced costs cost_ij − u_i − v_j ≥ 0, so that every partial assignment is already the cheapest of its rows.
    /// cost_ij = sign · matrix_ij is read row by row, so that neither precision nor sign needs a second matrix; sums are double.
    let private shortestAugmentingPaths<'T when 'T :> INumberBase<'T>>
        (sign: float)
        (matrix: 'T[,])
        : ProvenAssignment =
        let n, m = Array2D.length1 matrix, Array2D.length2 matrix
        let u, v = Array.zeroCreate<float> n, Array.zeroCreate<float> m
        let columnOf, rowOf = Array.create n -1, Array.create m -1

        let costs, before =
            Array.zeroCreate<float>(padded m), Array.zeroCreate<float>(padded m)
        // v and the distance of the columns not yet scanned; −∞ and ∞ for the others, which are not brought nearer again.
        let unscanned, frontier =
            Array.create (padded m) -infinity, Array.create (padded m) infinity

        let distance = Array.zeroCreate<float> m
        let scannedRows, scannedColumns = Array.zeroCreate<bool> n, Array.zeroCreate<bool> m

        for start in 0 .. n - 1 do
            Array.Fill(frontier, infinity)
            Array.Copy(v, unscanned, m)
            Array.Clear scannedRows
            Array.Clear scannedColumns
            let mutable length = 0.0
            let mutable i = start
            let mutable free = -1

            while free < 0 do
                scannedRows[i] <- true
                TensorPrimitives.ConvertTruncating<'T, float>(Gram.row matrix i, Span costs)
                length <- relax i (length - u[i]) sign costs unscanned frontier before
                let j = columnAt length frontier rowOf
                scannedColumns[j] <- true
                distance[j] <- length
                unscanned[j] <- -infinity
                frontier[j] <- infinity
                if rowOf[j] < 0 then free <- j else i <- rowOf[j]

            u[start] <- u[start] + length

            for i in 0 .. n - 1 do
                if scannedRows[i] && i <> start then
                    u[i] <- u[i] + length - distance[columnOf[i]]

            for j in 0 .. m - 1 do
                if scannedColumns[j] then
                    v[j] <- v[j] - length + distance[j]

            // Walk the path back: each row gives its column up to the row before it.
            let mutable j = free
            let mutable arrived = false

            while not arrived do
                let i = int before[j]
                rowOf[j] <- i
                let given = columnOf[i]
                columnOf[i] <- j
                j <- given
                arrived <- i = start

        {
            Columns = columnOf
            OfRows = u
            OfColumns = v
        }

    /// The least Σ_i sign · matrix[i, column_i], with its proof.
    let internal prove<'T when 'T :> INumberBase<'T>> (sign: float) (matrix: 'T[,]) : ProvenAssignment =
        matrix
        |> Array2D.iteri (fun i j value ->
            if not ('T.IsFinite value) then
                invalidArg (nameof matrix) $"cost[{i}, {j}] is {value}; every cost must be a finite number.")

        let n, m = Array2D.length1 matrix, Array2D.length2 matrix

        if n <= m then
            shortestAugmentingPaths sign matrix
        else
            let turned = shortestAugmentingPaths sign (Gram.transposed matrix)
            let columns = Array.create n -1
            turned.Columns |> Array.iteri (fun j i -> columns[i] <- j)

            {
                Columns = columns
                OfRows = turned.OfColumns
                OfColumns = turned.OfRows
            }

    /// [n] the column of each row, all different, with the least Σ_i cost[i, column_i]; −1 for the n − m rows that stay
    /// alone when n > m. cost: [n, m], any finite numbers, negative ones too. O(min² · max) at worst.
    /// Jonker & Volgenant 1987 in the rectangular form of Crouse 2016 ("On implementing 2D rectangular assignment
    /// algorithms"): greedy matching lets one latent stand for many features, and this does not.
    let minimise<'T when 'T :> INumberBase<'T>> (cost: 'T[,]) : int[] = (prove 1.0 cost).Columns

    /// [n] as minimise, with the greatest sum.
    let maximise<'T when 'T :> INumberBase<'T>> (gain: 'T[,]) : int[] = (prove -1.0 gain).Columns
