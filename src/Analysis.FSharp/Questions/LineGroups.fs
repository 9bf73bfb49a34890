namespace Superposition.Analysis.Questions

open System
open System.Collections.Generic
open Superposition.Analysis

/// Directions whose lines, arrows left off, lie as those through the corners of a polytope.
type LineGroup =
    {
        /// [k] the directions, in the order of the polytope's corners.
        Rows: int[]
        /// [k] 1 or −1, the first 1: turned round by these, the directions are the polytope.
        Signs: float[]
        /// Share of the directions' squared length, so turned, outside the polytope's span: 0 for the exact shape.
        Outside: float
    }

    /// Whether the directions as they are make the polytope.
    member group.IsPolytope =
        group.Signs |> Array.forall (fun sign -> sign = group.Signs[0])

/// All groups of directions that lie on the lines of one polytope, found by growing them in the graph of pairs with fitting |cosine|.
[<RequireQualifiedAccess>]
module LineGroups =
    /// A group may have this share of its squared length outside the polytope's span, as in Polytopes.NoiseShare; for two
    /// directions it is a cosine below −0.9, Geometry.AntipodalCosine.
    [<Literal>]
    let MostOutside = 0.05

    /// More partial groups than these from one direction, and the search gives up: in few dimensions chance alone makes them.
    [<Literal>]
    let private MostSteps = 10_000_000L

    /// Corners so that each has the greatest |cosine| possible with one before it, the place of that one, and the cosines.
    let private plan (polytope: Polytope) =
        let corners = Polytopes.vertices polytope
        let exact = Gram.cosines corners corners
        let k = Array2D.length1 exact

        let rec place order rest =
            match rest with
            | [] -> List.rev order
            | _ ->
                let next =
                    rest
                    |> List.maxBy (fun v -> order |> List.map (fun u -> Math.Round(abs exact[u, v], 9)) |> List.max)

                place (next :: order) (List.except [ next ] rest)

        let order = place [ 0 ] [ 1 .. k - 1 ] |> Array.ofList
        let exact = Array2D.init k k (fun s t -> exact[order[s], order[t]])

        let anchors =
            Array.init k (fun t ->
                if t = 0 then
                    0
                else
                    Seq.maxBy (fun s -> Math.Round(abs exact[s, t], 9)) [ 0 .. t - 1 ])

        exact, anchors, Array2D.length2 corners

    /// As find, with the number of partial groups from one direction after which the search gives up.
    let internal search (mostSteps: int64) (tolerance: float) (polytope: Polytope) (cosines: float[,]) : LineGroup[] =
        match polytope with
        | Polytope.Dedicated
        | Polytope.Polygon 4
        | Polytope.Bipyramid _ ->
            invalidArg
                (nameof polytope)
                $"{polytope} is not looked for: expected a polytope of two corners or more that are all alike and do not fall apart, as a simplex or a pentagon."
        | Polytope.Simplex _
        | Polytope.Polygon _
        | Polytope.SquareAntiprism -> ()

        let exact, anchors, r = plan polytope
        let k, m = anchors.Length, Array2D.length1 cosines

        let isSimplex =
            match polytope with
            | Polytope.Simplex _ -> true
            | _ -> false

        // [m] the rows at such a |cosine| to each; a row of length 0 is at none.
        let neighbours edge =
            Array.init m (fun i ->
                [|
                    for j in 0 .. m - 1 do
                        if j <> i && cosines[i, j] <> 0.0 && abs (abs cosines[i, j] - edge) <= tolerance then
                            j
                |])

        let edges = Array.init k (fun t -> Math.Round(abs exact[anchors[t], t], 9))

        let lists =
            Array.distinct edges[1..]
            |> Array.map (fun edge -> edge, neighbours edge)
            |> dict

        let near = Array.init k (fun t -> if t = 0 then [||] else lists[edges[t]])
        let isTooMuch = ref false

        // A set is found from its first direction only, so directions are gone through side by side.
        let from first =
            let best = Dictionary<string, LineGroup>()
            let rows, signs = Array.create k first, Array.create k 1.0
            let steps = ref 0L

            let outside () =
                let mutable along = 0.0

                for s in 0 .. k - 1 do
                    for t in 0 .. k - 1 do
                        let cosine = if s = t then 1.0 else cosines[rows[s], rows[t]]
                        along <- along + exact[s, t] * signs[s] * signs[t] * cosine

                max 0.0 (1.0 - along * float r / float (k * k))

            let keep () =
                let outside = outside ()

                if outside <= MostOutside then
                    let key = String.Join(',', Array.sort rows)

                    let isBest =
                        match best.TryGetValue key with
                        | true, known -> outside < known.Outside
                        | _ -> true

                    if isBest then
                        best[key] <-
                            {
                                Rows = Array.copy rows
                                Signs = Array.copy signs
                                Outside = outside
                            }

            let fits t j sign =
                let mutable s = 0

                while s < t
                      && rows[s] <> j
                      && abs (signs[s] * sign * cosines[rows[s], j] - exact[s, t]) <= tolerance do
                    s <- s + 1

                s = t

            let rec grow t =
                if t = k then
                    keep ()
                else
                    let anchor = anchors[t]
                    // The corners of a simplex may change places, so one order is enough.
                    let after = if isSimplex then rows[t - 1] else first
                    let turn = signs[anchor] * float (sign exact[anchor, t])

                    for j in near[t][rows[anchor]] do
                        if j > after && not isTooMuch.Value then
                            steps.Value <- steps.Value + 1L

                            if steps.Value > mostSteps then
                                isTooMuch.Value <- true

                            let sign = turn * float (sign cosines[rows[anchor], j])

                            if fits t j sign then
                                rows[t] <- j
                                signs[t] <- sign
                                grow (t + 1)

            grow 1
            Array.ofSeq best.Values

        let found = Array.Parallel.init m from

        if isTooMuch.Value then
            invalidArg
                (nameof tolerance)
                $"Of {m} directions more fit {polytope} within {tolerance} than can be gone through; expected a smaller tolerance, or fewer directions in more dimensions."

        found |> Array.concat |> Array.sortBy _.Rows

    /// Cosines: [m, m]; tolerance: how far each may lie from the exact one. Each set of directions comes once, in the order that
    /// fits best. For polytopes whose corners are all alike: simplices, polygons but the square, which falls apart into two
    /// digons, and the square antiprism.
    let find (tolerance: float) (polytope: Polytope) (cosines: float[,]) : LineGroup[] =
        search MostSteps tolerance polytope cosines
