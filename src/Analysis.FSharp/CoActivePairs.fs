namespace Superposition.Analysis

open System

/// Two latents, and how much they are on together.
[<Struct>]
type CoActivePair = { A: int; B: int; Phi: float }

/// Pairs of latents in the order of how much they are on together, and the angles of their directions.
[<RequireQualifiedAccess>]
module CoActivePairs =
    /// All pairs that chance would have on together on so many rows or more, by φ, the least first: fewer say nothing of seeking or avoiding each
    /// other. Latents that are on always or never are in no pair.
    let ofCodes (expected: float) (codes: SparseCodes) : CoActivePair[] =
        let counts = CoActivity.counts codes
        let n = codes.Rows

        let sometimes =
            [| 0 .. codes.Width - 1 |]
            |> Array.filter (fun j -> counts[j, j] > 0 && counts[j, j] < n)

        [|
            for x in 0 .. sometimes.Length - 1 do
                for y in x + 1 .. sometimes.Length - 1 do
                    let a, b = sometimes[x], sometimes[y]

                    if float counts[a, a] * float counts[b, b] / float n >= expected then
                        {
                            A = a
                            B = b
                            Phi = CoActivity.phi n counts[a, b] counts[a, a] counts[b, b]
                        }
        |]
        |> Array.sortBy _.Phi

    /// The share of the pairs least on together, and the share most: one each at least.
    let extremes (share: float) (pairs: CoActivePair[]) : CoActivePair[] * CoActivePair[] =
        if pairs.Length = 0 then
            invalidArg
                (nameof pairs)
                "There are no pairs; expected at least one that chance has on together often enough."

        let few = max 1 (int (share * float pairs.Length))
        pairs[.. few - 1], pairs[pairs.Length - few ..]

    /// The angle of two lines in degrees, from 0 to 90.
    let angle (cosine: float) : float =
        acos (min 1.0 (abs cosine)) * 180.0 / Math.PI

    /// [draws][m] Which latent has which direction, dealt anew among those that are in a pair, and as it is for all others; m: all latents.
    let dealt (seed: int) (draws: int) (m: int) (pairs: CoActivePair[]) : int[][] =
        let latents =
            pairs |> Array.collect (fun pair -> [| pair.A; pair.B |]) |> Array.distinct

        let random = Random seed

        Array.init draws (fun _ ->
            let shuffled = Array.copy latents
            random.Shuffle shuffled
            let order = Array.init m id
            Array.iter2 (fun latent other -> order[latent] <- other) latents shuffled
            order)

    /// The mean over pairs of some measure of their directions' cosine, where latent j has direction order[j]; cosines: [m, m].
    let mean (cosines: float[,]) (measure: float -> float) (pairs: CoActivePair[]) (order: int[]) : float =
        pairs
        |> Array.averageBy (fun pair -> measure cosines[order[pair.A], order[pair.B]])
