namespace Superposition.Analysis

/// The greatest few of many, without sorting the rest.
[<RequireQualifiedAccess>]
module internal Leading =
    /// Indices of the greatest `count` of scores 0 to n − 1, greatest first, the lower index first among equals; −∞ and NaN are never taken.
    let indices (count: int) (n: int) (score: int -> float) : int[] =
        let best, scores = Array.zeroCreate<int> count, Array.zeroCreate<float> count
        let mutable taken = 0

        for i in 0 .. n - 1 do
            let x = score i

            if count > 0 && x > -infinity && (taken < count || x > scores[count - 1]) then
                let mutable at = if taken < count then taken else count - 1

                while at > 0 && x > scores[at - 1] do
                    best[at] <- best[at - 1]
                    scores[at] <- scores[at - 1]
                    at <- at - 1

                best[at] <- i
                scores[at] <- x
                taken <- min count (taken + 1)

        Array.truncate taken best

    /// The same with their scores.
    let pairs count n (score: int -> float) : (int * float)[] =
        indices count n score |> Array.map (fun i -> i, score i)
