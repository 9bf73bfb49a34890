namespace Superposition.Analysis

open System

/// A shape that interfering features settle in. A square and an octahedron are none: they fall apart into two and three
/// digons at right angles, which do not interfere.
[<RequireQualifiedAccess>]
type Polytope =
    /// One feature with a dimension of its own.
    | Dedicated
    /// d + 1 features at equal angles in d dimensions: digon (1), triangle (2), tetrahedron (3).
    | Simplex of dimensions: int
    /// In the plane, all around the circle at equal angles: pentagon (5).
    | Polygon of vertices: int
    /// 8 in 3-D: two squares turned by 45° against each other, at the height where they are a tight frame.
    | SquareAntiprism
    /// 3-D: a polygon and two poles at right angles to it. Exact, it falls apart into polygon and digon; bent, it is one group.
    | Bipyramid of baseVertices: int

/// Represented features that interfere with each other, directly or through others, and with no other feature.
type FeatureGroup =
    {
        /// Indices of the features, ascending.
        Features: int[]
        /// [r] the eigenvalues of the group's frame operator that are more than noise, descending.
        Eigenvalues: float[]
        /// The shape whose cosines the group has, if one is known.
        Polytope: Polytope option
    }

    /// k.
    member group.Vertices = group.Features.Length

    /// r, the dimension that the group spans.
    member group.Rank = group.Eigenvalues.Length

    /// r/k, the D_i of every member where the group is a tight frame of equal norms.
    member group.Level = float group.Rank / float group.Vertices

/// Which polytopes the represented features form. W: [n, d], row i is feature i.
/// Toy Models of Superposition, "The Geometry of Superposition".
[<RequireQualifiedAccess>]
module Polytopes =
    /// Directions along which a group has less than this share of its largest eigenvalue are noise of training.
    [<Literal>]
    let NoiseShare = 0.05

    /// A group is a tight frame when its eigenvalues differ by less than this share of the largest.
    [<Literal>]
    let TightSpread = 0.1

    /// How far each cosine may lie from that of the exact shape: unequal importance bends shapes by less.
    [<Literal>]
    let ShapeCosine = 0.15

    let private demand least what given =
        if given < least then
            invalidArg "polytope" $"The polytope has {given} {what}; at least {least} are needed."

    let private polygon k =
        Array2D.init k 2 (fun i c ->
            let at = 2.0 * Math.PI * float i / float k
            if c = 0 then cos at else sin at)

    /// Row i has zeros beyond column i, and every column adds up to 0.
    let private simplex d =
        Array2D.init (d + 1) d (fun i c ->
            let left = float (d - c)
            let diagonal = sqrt (float (d + 1) * left / (float d * (left + 1.0)))

            if i < c then 0.0
            elif i = c then diagonal
            else -diagonal / left)

    /// [k, r] unit vectors to the corners of a polytope in the least space that holds it.
    let vertices (polytope: Polytope) : float[,] =
        match polytope with
        | Polytope.Dedicated -> array2D [ [ 1.0 ] ]
        | Polytope.Simplex d ->
            demand 1 "dimensions" d
            simplex d
        | Polytope.Polygon k ->
            demand 3 "vertices" k
            polygon k
        | Polytope.SquareAntiprism ->
            // Tight where 8 h² = 4 r², and h² + r² = 1.
            let r, h = sqrt (2.0 / 3.0), sqrt (1.0 / 3.0)

            polygon 8
            |> fun circle ->
                Array2D.init 8 3 (fun i c ->
                    if c < 2 then r * circle[i, c]
                    elif i % 2 = 0 then h
                    else -h)
        | Polytope.Bipyramid k ->
            demand 3 "base vertices" k
            let circle = polygon k

            Array2D.init (k + 2) 3 (fun i c ->
                match i - k with
                | 0 -> if c = 2 then 1.0 else 0.0
                | 1 -> if c = 2 then -1.0 else 0.0
                | _ -> if c < 2 then circle[i, c] else 0.0)

    /// [k(k − 1)/2] the cosines of all pairs, ascending: the same however the rows are turned and ordered.
    let private pairs (rows: float[,]) =
        let cosines = Gram.cosines rows rows

        [|
            for i in 0 .. Array2D.length1 rows - 1 do
                for j in i + 1 .. Array2D.length1 rows - 1 do
                    cosines[i, j]
        |]
        |> Array.sort

    let private candidates k r =
        [
            if k = 1 then
                Polytope.Dedicated
            elif k = r + 1 then
                Polytope.Simplex r

            if r = 2 && k > 3 then
                Polytope.Polygon k

            if r = 3 && k = 8 then
                Polytope.SquareAntiprism

            if r = 3 && k >= 5 then
                Polytope.Bipyramid(k - 2)
        ]

    /// What k rows that span r dimensions are, by their cosines; lengths do not matter.
    let private shape (rows: float[,]) r =
        let found = pairs rows

        candidates (Array2D.length1 rows) r
        |> List.tryFind (fun candidate ->
            Array.forall2 (fun exact cosine -> abs (exact - cosine) <= ShapeCosine) (pairs (vertices candidate)) found)

    /// Connected components of 0 … k − 1, each ascending, in the order of their first members.
    let private components (joined: int -> int -> bool) k =
        let rec grow group frontier rest =
            match frontier with
            | [] -> List.sort group, rest
            | i :: others ->
                let near, far = rest |> List.partition (joined i)
                grow (near @ group) (near @ others) far

        let rec split rest =
            match rest with
            | [] -> []
            | first :: others ->
                let group, rest = grow [ first ] [ first ] others
                group :: split rest

        split [ 0 .. k - 1 ]

    /// The represented features (‖W_i‖ > 0.5) as connected components of the interference graph, whose edges join
    /// features with |cosine| above the threshold, in [0, 1). Geometry.OrthogonalCosine is the threshold that the rest of
    /// the geometry uses; shapes with cosines below it, such as a simplex in more than 10 dimensions, need a lower one.
    let groups (threshold: float) (W: float[,]) : FeatureGroup[] =
        if not (threshold >= 0.0 && threshold < 1.0) then
            invalidArg (nameof threshold) $"The threshold is {threshold}; a cosine's must lie in [0, 1)."

        let represented = Geometry.represented W

        let rowsAt (features: int[]) =
            Array2D.init features.Length (Array2D.length2 W) (fun i c -> W[features[i], c])

        let cosines = Geometry.cosines (rowsAt represented)

        components (fun i j -> abs cosines[i, j] > threshold) represented.Length
        |> List.map (fun places ->
            let features = places |> List.map (fun i -> represented[i]) |> Array.ofList
            let rows = rowsAt features
            // The Gram matrix has the nonzero eigenvalues of the frame operator, and for a group it is the smaller one.
            let eigenvalues = (Eigen.symmetric (Gram.ofRows rows).Products).Values

            let strong =
                eigenvalues
                |> Array.takeWhile (fun value -> value > NoiseShare * eigenvalues[0])

            {
                Features = features
                Eigenvalues = strong
                Polytope = shape rows strong.Length
            })
        |> Array.ofList

    /// Whether all eigenvalues of the group's frame operator are equal, within a tenth of the largest: then the group
    /// resolves its span evenly, and Σ D_i over it is its rank.
    let isTight (group: FeatureGroup) : bool =
        Array.last group.Eigenvalues >= (1.0 - TightSpread) * group.Eigenvalues[0]

    /// The name the papers give the shape; "6 in 4-D" where they have none.
    let name (group: FeatureGroup) : string =
        match group.Polytope with
        | Some Polytope.Dedicated -> "dedicated dimension"
        | Some(Polytope.Simplex 1) -> "digon"
        | Some(Polytope.Simplex 2) -> "triangle"
        | Some(Polytope.Simplex 3) -> "tetrahedron"
        | Some(Polytope.Polygon 5) -> "pentagon"
        | Some Polytope.SquareAntiprism -> "square antiprism"
        | Some(Polytope.Bipyramid 3) -> "triangular bipyramid"
        | Some(Polytope.Bipyramid 5) -> "pentagonal bipyramid"
        | _ -> $"{group.Vertices} in {group.Rank}-D"
