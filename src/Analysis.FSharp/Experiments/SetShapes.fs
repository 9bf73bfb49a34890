namespace Superposition.Analysis.Experiments

open System
open Superposition.Analysis

/// The arrangements of sets of correlated features in three dimensions.
[<RequireQualifiedAccess>]
module internal SetShapes =
    /// Features of a set with cosines above this are one direction.
    [<Literal>]
    let CollapsedCosine = 0.9

    /// How far the angles of an antiprism that should be equal may differ, in cosine.
    [<Literal>]
    let private EqualCosine = 0.15

    /// [n] which set a feature is in.
    let private setsOf (sizes: int[]) =
        sizes |> Array.indexed |> Array.collect (fun (s, size) -> Array.create size s)

    /// Cosines (i, j), i < j, of features of one set, or of different ones.
    let private cosinesOf (within: bool) (sizes: int[]) (W: float[,]) =
        let sets, cosines = setsOf sizes, Geometry.cosines W

        [|
            for i in 0 .. sets.Length - 1 do
                for j in i + 1 .. sets.Length - 1 do
                    if (sets[i] = sets[j]) = within then
                        cosines[i, j]
        |]

    let isCollapsed sizes W =
        cosinesOf true sizes W |> Array.forall (fun cosine -> cosine > CollapsedCosine)

    let private areEqual (cosines: float[]) =
        Array.max cosines - Array.min cosines <= EqualCosine

    /// Two triangles turned by 60° against each other: equal angles within the sets, and each feature with one of the other
    /// set nearly behind it, the rest at equal angles. At one height, the octahedron, all within a set are at right angles.
    let private isAntiprism (W: float[,]) =
        let cosines = Geometry.cosines W
        let across = cosinesOf false [| 3; 3 |] W |> Array.sort

        let opposite =
            [| for i in 0..2 -> [| 3..5 |] |> Array.minBy (fun j -> cosines[i, j]) |]
            |> Array.distinct

        (Geometry.represented W).Length = 6
        && areEqual (cosinesOf true [| 3; 3 |] W)
        && opposite.Length = 3
        && areEqual across[..2]
        && areEqual across[3..]
        && across[2] < across[3] - EqualCosine

    let shape (sizes: int[]) (W: float[,]) =
        let sets, arrangement = setsOf sizes, Geometry.arrangement W

        match arrangement.Shape with
        | AntipodalPairs 3 when arrangement.Pairs |> Array.forall (fun (i, j) -> sets[i] <> sets[j]) ->
            "octahedron, antipodal pairs across sets"
        | AntipodalPairs 3 -> "octahedron, an antipodal pair within a set"
        | _ when sizes = [| 3; 3 |] && isAntiprism W -> "triangular antiprism"
        | _ when
            arrangement.Pairs.Length = 3
            && arrangement.Pairs |> Array.forall (fun (i, j) -> sets[i] <> sets[j])
            ->
            "three antipodal pairs across sets, not quite at right angles"
        | Orthogonal k -> $"{k} at right angles"
        | _ -> $"{arrangement.Represented.Length} features in another shape"

    /// The plane through the line between two sets' centres: along it the sets part, across it a set unfolds. The turn by 15°
    /// keeps the corners of a triangle from lying behind each other.
    let plane (sizes: int[]) (W: float[,]) =
        let row i = W[i, *]
        let add = Array.map2 (+)
        let scale (a: float) = Array.map ((*) a)
        let dot a b = Array.map2 (*) a b |> Array.sum
        let unit a = scale (1.0 / sqrt (dot a a)) a
        let without u a = add a (scale (-(dot a u)) u)

        let centre first size =
            [| first .. first + size - 1 |]
            |> Array.map row
            |> Array.reduce add
            |> scale (1.0 / float size)

        let along = unit (add (centre 0 sizes[0]) (scale -1.0 (centre sizes[0] sizes[1])))
        let across = row 0 |> without along |> unit

        let third =
            [|
                along[1] * across[2] - along[2] * across[1]
                along[2] * across[0] - along[0] * across[2]
                along[0] * across[1] - along[1] * across[0]
            |]

        let turn = Math.PI / 12.0
        along, add (scale (cos turn) across) (scale (sin turn) third)
