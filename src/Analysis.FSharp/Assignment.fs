namespace Superposition.Analysis

open System
open System.Numerics
open System.Numerics.Tensors

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
    /// The column of each row, for n ≤ m. Rows enter one by one; each takes the shortest augmenting path through the
    /// reduced costs cost_ij − u_i − v_j ≥ 0, so that every partial assignment is already the cheapest of its rows.
    /// cost_ij = sign · matrix_ij is read row by row, so that neither precision nor sign needs a second matrix; sums are double.
    let private shortestAugmentingPaths<'T when 'T :> INumberBase<'T>> (sign: float) (matrix: 'T[,]) : ProvenAssignment =
        let n, m = Array2D.length1 matrix, Array2D.length2 matrix
        let u, v = Array.zeroCreate<float> n, Array.zeroCreate<float> m
        let columnOf, rowOf = Array.create n -1, Array.create m -1
        let distance, before = Array.zeroCreate<float> m, Array.create m -1
        let unscanned = Array.zeroCreate<int> m
        let costs = Array.zeroCreate<float> m
        let scannedRows, scannedColumns = Array.zeroCreate<bool> n, Array.zeroCreate<bool> m

        for start in 0 .. n - 1 do
            Array.Fill(distance, infinity)
            Array.Clear scannedRows
            Array.Clear scannedColumns

            for j in 0 .. m - 1 do
                unscanned[j] <- j

            let mutable left = m
            let mutable length = 0.0
            let mutable i = start
            let mutable free = -1

            while free < 0 do
                scannedRows[i] <- true
                TensorPrimitives.ConvertTruncating<'T, float>(Gram.row matrix i, Span costs)
                TensorPrimitives.Multiply(ReadOnlySpan costs, sign, Span costs)
                let toRow = length - u[i]
                let mutable nearest = 0
                length <- infinity

                for place in 0 .. left - 1 do
                    let j = unscanned[place]
                    let along = toRow + costs[j] - v[j]

                    if along < distance[j] then
                        before[j] <- i
                        distance[j] <- along

                    // Of two columns equally near, a free one ends the search.
                    if distance[j] < length || (distance[j] = length && rowOf[j] < 0) then
                        length <- distance[j]
                        nearest <- place

                let j = unscanned[nearest]
                scannedColumns[j] <- true
                left <- left - 1
                unscanned[nearest] <- unscanned[left]
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
                let i = before[j]
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
