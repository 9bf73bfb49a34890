namespace Superposition.Analysis

open System

/// How the represented features lie to each other.
type Shape =
    /// No feature is represented.
    | Empty
    /// Every feature at a right angle to every other: so many features, each with a dimension of its own.
    | Orthogonal of features: int
    /// Every feature opposite to one other and at a right angle to the rest.
    | AntipodalPairs of pairs: int
    /// In the plane, all around the circle at equal angles.
    | Polygon of vertices: int
    /// None of these, or these side by side.
    | Mixed

/// Which features a toy model represents, and how they are arranged.
type Arrangement =
    {
        Shape: Shape
        /// Indices of the features with ‖W_i‖ > 0.5, ascending.
        Represented: int[]
        /// Pairs (i, j), i < j, of represented features with cosine below −0.9, whatever the shape.
        Pairs: (int * int)[]
    }

/// Where features lie in the activation space. W: [n, d], row i is feature i.
[<RequireQualifiedAccess>]
module Geometry =
    /// A feature counts as represented when ‖W_i‖ exceeds this: half the length that stored features come to.
    [<Literal>]
    let RepresentedNorm = 0.5

    /// Two features are antipodal when their cosine is below this: within 26° of opposite.
    [<Literal>]
    let AntipodalCosine = -0.9

    /// Two features are orthogonal when their |cosine| is below this: within 6° of a right angle.
    [<Literal>]
    let OrthogonalCosine = 0.1

    /// How far each D_i of a polygon may lie from 2/N: importances that fall by 10 % a feature bend a pentagon by less.
    [<Literal>]
    let PolygonDimensionality = 0.05

    /// How far each angle between neighbours may lie from 2π/N, as a share of it.
    [<Literal>]
    let PolygonAngle = 0.2

    /// [n] ‖W_i‖.
    let norms (W: float[,]) : float[] = Gram.norms W

    /// [n] Σ_{j≠i} (Ŵ_i·W_j)²: how strongly the other features, each at 1, disturb feature i's direction.
    /// 0 for a direction of its own, 1 or more where the others are together as strong; 0 for a zero row, which has no
    /// direction. Toy Models of Superposition, "Demonstrating Superposition"; its figures colour by the root of this.
    let interference (W: float[,]) : float[] =
        let gram = Gram.ofRows W

        Array.init gram.Size (fun i ->
            match gram[i, i] with
            | 0.0 -> 0.0
            | own -> gram.SumOfSquaresOfOthers i / own)

    /// [n, n] cos(W_i, W_j); 0 where a row is zero.
    let cosines (W: float[,]) : float[,] = Gram.cosines W W

    /// Indices of the features with ‖W_i‖ > 0.5, ascending.
    let represented (W: float[,]) : int[] =
        norms W
        |> Array.indexed
        |> Array.filter (fun (_, norm) -> norm > RepresentedNorm)
        |> Array.map fst

    /// The represented features of a plane in the order in which they stand around the circle; W: [n, 2].
    let circle (W: float[,]) : int[] =
        if Array2D.length2 W <> 2 then
            invalidArg (nameof W) $"W has {Array2D.length2 W} columns; a circle is of the plane, [n, 2]."

        represented W |> Array.sortBy (fun i -> Math.Atan2(W[i, 1], W[i, 0]))

    /// Indices of the represented features in superposition, ascending: those whose direction others hold half as strongly or
    /// more, Σ_{j≠i} (Ŵ_i·W_j)² ≥ 0.5. Half way between a dimension of its own, 0, and half of an antipodal pair, 1.
    let superposed (W: float[,]) : int[] =
        let interference = interference W
        represented W |> Array.filter (fun i -> interference[i] >= 0.5)

    /// A regular polygon has equal angles and, its norms being equal, D_i = 2/N. The second alone would not do:
    /// two triangles turned against each other also have D_i = 2/6.
    let private isPolygon (rows: float[,]) =
        let n = Array2D.length1 rows
        let step = 2.0 * Math.PI / float n

        let angles =
            Array.init n (fun i -> Math.Atan2(rows[i, 1], rows[i, 0])) |> Array.sort

        let gaps =
            Array.init n (fun i ->
                if i + 1 < n then
                    angles[i + 1] - angles[i]
                else
                    angles[0] + 2.0 * Math.PI - angles[i])

        gaps |> Array.forall (fun gap -> abs (gap - step) <= PolygonAngle * step)
        && Dimensionality.ofWeights rows
           |> Array.forall (fun D -> abs (D - 2.0 / float n) <= PolygonDimensionality)

    /// What the represented features look like: right angles, pairs of opposites, a regular polygon, or none of these.
    /// Opposites and right angles are looked for in any d, polygons in d = 2. Four features at right angles in the plane
    /// are two pairs, as the paper calls them, not a square (Toy Models of Superposition, introduction).
    let arrangement (W: float[,]) : Arrangement =
        let represented = represented W
        let d = Array2D.length2 W
        let rows = Array2D.init represented.Length d (fun i c -> W[represented[i], c])
        let cosines = cosines rows
        let n = represented.Length

        let opposites =
            [|
                for i in 0 .. n - 1 do
                    for j in i + 1 .. n - 1 do
                        if cosines[i, j] < AntipodalCosine then
                            i, j
            |]

        let opposite = set opposites

        let rightAngled =
            seq {
                for i in 0 .. n - 1 do
                    for j in i + 1 .. n - 1 do
                        if not (opposite.Contains(i, j)) then
                            abs cosines[i, j] < OrthogonalCosine
            }
            |> Seq.forall id

        let isPaired =
            let members = opposites |> Array.collect (fun (i, j) -> [| i; j |])
            members.Length = n && (Array.distinct members).Length = n

        let shape =
            if n = 0 then
                Empty
            elif rightAngled && opposites.Length = 0 then
                Orthogonal n
            elif rightAngled && isPaired then
                AntipodalPairs opposites.Length
            elif d = 2 && n >= 3 && isPolygon rows then
                Polygon n
            else
                Mixed

        {
            Shape = shape
            Represented = represented
            Pairs = opposites |> Array.map (fun (i, j) -> represented[i], represented[j])
        }
