module Superposition.Analysis.Tests.LineGroupsTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

let private cosines W = Gram.cosines W W
let private flat = Array.map (fun (group: LineGroup) -> Array.sort group.Rows)

let rec private orders (rows: int list) : int list list =
    match rows with
    | [] -> [ [] ]
    | _ ->
        [
            for first in rows do
                for rest in orders (List.except [ first ] rows) -> first :: rest
        ]

let rec private subsets k from : int list list =
    match k, from with
    | 0, _ -> [ [] ]
    | _, [] -> []
    | k, first :: rest -> (subsets (k - 1) rest |> List.map (fun set -> first :: set)) @ subsets k rest

/// Every set in every order with every choice of signs, by eigenvectors: the share of squared length outside the span.
let private slowly tolerance polytope (W: float[,]) =
    let corners = Polytopes.vertices polytope
    let exact = cosines corners
    let k, r = Array2D.length1 corners, Array2D.length2 corners
    let kernel = (Eigen.symmetric exact).Vectors[r .. k - 1, *]
    let found = cosines W

    [|
        for set in subsets k [ 0 .. Array2D.length1 W - 1 ] do
            let outside =
                [
                    for order in orders set do
                        for flips in 0 .. (1 <<< (k - 1)) - 1 do
                            let order = Array.ofList order

                            let signs =
                                Array.init k (fun t -> if (flips <<< 1 >>> t) &&& 1 = 1 then -1.0 else 1.0)

                            let G =
                                Array2D.init k k (fun s t -> signs[s] * signs[t] * found[order[s], order[t]])

                            let fits =
                                Seq.forall
                                    (fun (s, t) -> abs (G[s, t] - exact[s, t]) <= tolerance)
                                    (Seq.allPairs [ 0 .. k - 1 ] [ 0 .. k - 1 ])

                            if fits then
                                // Σ over the kernel of ‖Σ_t v_t s_t w_t‖².
                                Seq.sum (
                                    seq {
                                        for v in 0 .. k - r - 1 do
                                            for s in 0 .. k - 1 do
                                                for t in 0 .. k - 1 -> kernel[v, s] * kernel[v, t] * G[s, t]
                                    }
                                )
                                / float k
                ]

            match outside with
            | [] -> ()
            | _ when List.min outside > LineGroups.MostOutside -> ()
            | _ -> Array.ofList set, max 0.0 (List.min outside)
    |]

[<Fact>]
let ``Growing finds what trying every set, order and sign finds`` () =
    let mutable all = 0

    for polytope, m, tolerance in
        [
            Polytope.Simplex 1, 12, 0.15
            Polytope.Simplex 2, 12, 0.2
            Polytope.Simplex 3, 9, 0.2
            Polytope.Polygon 5, 7, 0.3
        ] do
        for seed in 1..2 do
            let W = Matching.random seed m (if polytope = Polytope.Simplex 3 then 3 else 2)
            let expected = slowly tolerance polytope W
            let found = LineGroups.find tolerance polytope (cosines W)
            Assert.Equal<int[][]>(expected |> Array.map fst |> Array.sort, flat found |> Array.sort)

            for group in found do
                let _, outside =
                    expected |> Array.find (fun (set, _) -> set = Array.sort group.Rows)

                Expect.near 1e-9 outside group.Outside

            all <- all + found.Length

    Assert.True(all > 50, $"{all} groups were compared.")

[<Fact>]
let ``A polytope's corners are found once, as they are, turned, and turned round`` () =
    for polytope in PolytopesInside.shapes do
        let W =
            KnownDictionaries.polytopes 6 [ polytope ]
            |> KnownDictionaries.turned (Random 3)

        let k = Array2D.length1 W
        let group = LineGroups.find 0.15 polytope (cosines W) |> Assert.Single
        Assert.Equal<int[]>([| 0 .. k - 1 |], Array.sort group.Rows)
        Assert.True group.IsPolytope
        Expect.near 1e-9 0.0 group.Outside

        let signs = Array.init k (fun i -> if i % 3 = 1 then -1.0 else 1.0)
        let flipped = W |> Array2D.mapi (fun i _ w -> signs[i] * w)
        let turned = LineGroups.find 0.15 polytope (cosines flipped) |> Assert.Single
        Assert.False turned.IsPolytope
        // What turns them back, up to the sign of all.
        let first = turned.Signs[0] * signs[turned.Rows[0]]
        Assert.All(Array.zip turned.Rows turned.Signs, fun (row, sign) -> Assert.Equal(first, sign * signs[row]))

[<Fact>]
let ``A square is two digons, and directions of length zero lie on none`` () =
    let cross = KnownDictionaries.polytopes 2 [ Polytope.Simplex 1; Polytope.Simplex 1 ]
    Assert.Equal(2, (LineGroups.find 0.15 (Polytope.Simplex 1) (cosines cross)).Length)
    Assert.Empty(LineGroups.find 0.15 (Polytope.Simplex 1) (cosines (Array2D.zeroCreate 4 3)))

[<Fact>]
let ``Shapes whose corners differ, or with one alone, are refused`` () =
    for polytope in [ Polytope.Dedicated; Polytope.Polygon 4; Polytope.Bipyramid 3 ] do
        Assert.Throws<ArgumentException>(fun () -> LineGroups.find 0.15 polytope (Array2D.zeroCreate 2 2) |> ignore)
        |> ignore

[<Fact>]
let ``Where more groups fit than can be gone through the search says so`` () =
    let crowd = Matching.random 1 40 2

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            LineGroups.search 1_000L 2.0 (Polytope.Simplex 6) (cosines crowd) |> ignore)

    Assert.Contains("smaller tolerance", error.Message)
