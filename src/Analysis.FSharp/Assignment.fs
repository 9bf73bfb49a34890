namespace Superposition.Analysis

open System

/// The exact assignment of rows to columns: every row of the smaller side gets a partner of its own.
[<RequireQualifiedAccess>]
module Assignment =
    /// The column of each row, for n ≤ m. Rows enter one by one; each takes the shortest augmenting path through the
    /// reduced costs cost_ij − u_i − v_j ≥ 0, so that every partial assignment is already the cheapest of its rows.
    let private shortestAugmentingPaths (cost: float[,]) : int[] =
        let n, m = Array2D.length1 cost, Array2D.length2 cost
        let u, v = Array.zeroCreate<float> n, Array.zeroCreate<float> m
        let columnOf, rowOf = Array.create n -1, Array.create m -1
        let distance, before = Array.zeroCreate<float> m, Array.create m -1
        let unscanned = Array.zeroCreate<int> m
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
                let costs = Gram.row cost i
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

        columnOf

    /// [n] the column of each row, all different, with the least Σ_i cost[i, column_i]; −1 for the n − m rows that stay
    /// alone when n > m. cost: [n, m], any finite numbers, negative ones too. O(min² · max) at worst.
    /// Jonker & Volgenant 1987 in the rectangular form of Crouse 2016 ("On implementing 2D rectangular assignment
    /// algorithms"): greedy matching lets one latent stand for many features, and this does not.
    let minimise (cost: float[,]) : int[] =
        cost
        |> Array2D.iteri (fun i j value ->
            if not (Double.IsFinite value) then
                invalidArg (nameof cost) $"cost[{i}, {j}] is {value}; every cost must be a finite number.")

        let n, m = Array2D.length1 cost, Array2D.length2 cost

        if n <= m then
            shortestAugmentingPaths cost
        else
            let rows = Array.create n -1

            Array2D.init m n (fun j i -> cost[i, j])
            |> shortestAugmentingPaths
            |> Array.iteri (fun j i -> rows[i] <- j)

            rows

    /// [n] as minimise, with the greatest sum.
    let maximise (gain: float[,]) : int[] = minimise (Array2D.map (~-) gain)
