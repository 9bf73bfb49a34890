namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// How often one polytope is found among the directions of a dictionary.
type PolytopeCount =
    {
        Polytope: Polytope
        /// Every group of k directions on lines that lie as the polytope's.
        Lines: LineGroup[]
        /// Those of them that make the polytope, the most exact first.
        Found: LineGroup[]
        /// How many would at random signs: one in 2^(k − 1).
        Expected: float
        /// Found, each counted by how exact it is, beside random signs of the directions.
        Signs: AgainstChance
        /// The share that makes the polytope of groups with no direction in common, the most exact taken first, with its 95 %
        /// Wilson interval; at random signs 2^(1 − k). None where there are no such lines.
        Share: Estimate option
        /// Lines, each counted by how exact it is, beside random dictionaries with the same second moment: whether lines come
        /// together so at all, whichever way the directions point.
        Gathered: AgainstChance
    }

/// Polytopes among directions, shape by shape and all together.
type PolytopesInside =
    {
        Shapes: PolytopeCount[]
        /// The headline: the bits by which the found polytopes surprise, k − 1 for each exact one, beside random signs.
        Whole: AgainstChance
        /// The share of these bits that groups on fitting lines bring, of what they would if all made the polytope, with its 95 % bootstrap
        /// interval over groups that have no direction in common; None for fewer than two of these.
        Share: Interval option
        /// The same share at random signs, on average.
        ChanceShare: float
    }

/// Question 3: is there a pentagon of features in here? Polytopes that interfering features of toy models settle in (Toy Models of
/// Superposition, "The Geometry of Superposition") have corners that turn away from one another: with ReLU, interference below
/// zero is free. A random dictionary of the same coherence is one whose directions are turned round at random: every |cosine|
/// stays, so as many lines meet at the angles of a polytope, and chance alone says which way the directions point on
/// them. That null is exact for any dictionary without preferred signs, however its lines lie; that lines meet so at all is asked
/// apart, beside random dictionaries with the same second moment.
[<RequireQualifiedAccess>]
module PolytopesInside =
    /// What is looked for: the shapes of the paper with more than one corner.
    let shapes =
        [|
            Polytope.Simplex 1
            Polytope.Simplex 2
            Polytope.Simplex 3
            Polytope.Polygon 5
            Polytope.SquareAntiprism
        |]

    [<Literal>]
    let private Resamples = 1000

    /// 1 for the exact shape, 0 at the most that is taken for it: without steps, p-values are uniform even for few groups.
    let private exactness (group: LineGroup) =
        1.0 - group.Outside / LineGroups.MostOutside

    let private bits (group: LineGroup) = float (group.Rows.Length - 1)

    /// Whether the group is the polytope after the directions were turned round by the flips, 1 or −1 each.
    let private survives (flips: float[]) (group: LineGroup) =
        let mutable t = 1
        let first = group.Signs[0] * flips[group.Rows[0]]

        while t < group.Rows.Length && group.Signs[t] * flips[group.Rows[t]] = first do
            t <- t + 1

        t = group.Rows.Length

    let private counted flips weight (groups: LineGroup[]) =
        let mutable sum = 0.0

        for group in groups do
            if survives flips group then
                sum <- sum + weight group

        sum

    /// Groups with no direction in common, the most exact first: which way they point was not asked in choosing them.
    let private disjoint (groups: LineGroup[]) =
        let taken = Collections.Generic.HashSet<int>()

        groups
        |> Array.sortBy _.Outside
        |> Array.filter (fun group ->
            let isFree = group.Rows |> Array.forall (taken.Contains >> not)

            if isFree then
                taken.UnionWith group.Rows

            isFree)

    let private find tolerance rows =
        let cosines = Gram.cosines rows rows
        shapes |> Array.map (fun polytope -> LineGroups.find tolerance polytope cosines)

    /// Dictionary: [m, d], rows of length 0 are on no line. Tolerance: how far each cosine may lie from the exact one,
    /// Polytopes.ShapeCosine for the rest of the geometry. Flips: draws of signs, cheap; dictionaries: draws of whole dictionaries,
    /// each searched like the given one. Two of either are the least.
    let ask (seed: int) (flips: int) (dictionaries: int) (tolerance: float) (dictionary: float[,]) : PolytopesInside =
        let random = Random seed
        let m = Array2D.length1 dictionary
        let lines = find tolerance dictionary
        let asTheyAre = Array.create m 1.0

        let turned =
            Array.init flips (fun _ -> Array.init m (fun _ -> if random.Next 2 = 0 then 1.0 else -1.0))

        let beside weight groups =
            turned
            |> Array.map (fun flips -> counted flips weight groups)
            |> NullDraws.beside (counted asTheyAre weight groups)

        let alike = RandomDictionary.withSecondMoment dictionary

        let gathered =
            Array.init dictionaries (fun _ -> find tolerance (alike random) |> Array.map (Array.sumBy exactness))

        let all = Array.concat lines
        let surprise group = bits group * exactness group
        let apart = disjoint all

        let ratio (made: LineGroup -> bool) groups =
            (groups |> Array.filter made |> Array.sumBy surprise)
            / Array.sumBy surprise groups

        {
            Shapes =
                Array.map2
                    (fun polytope groups ->
                        let place = Array.IndexOf(shapes, polytope)
                        let corners = Array2D.length1 (Polytopes.vertices polytope)
                        let apart = disjoint groups

                        {
                            Polytope = polytope
                            Lines = groups
                            Found = groups |> Array.filter _.IsPolytope |> Array.sortBy _.Outside
                            Expected = float groups.Length * 2.0 ** float (1 - corners)
                            Signs = beside exactness groups
                            Share =
                                if apart.Length = 0 then
                                    None
                                else
                                    let made = apart |> Array.filter _.IsPolytope
                                    Some(Statistics.share made.Length apart.Length)
                            Gathered =
                                gathered
                                |> Array.map (fun sums -> sums[place])
                                |> NullDraws.beside (Array.sumBy exactness groups)
                        })
                    shapes
                    lines
            Whole = beside surprise all
            Share =
                if apart.Length < 2 then
                    None
                else
                    Some(Statistics.bootstrap (random.Next()) Resamples (ratio _.IsPolytope) apart)
            ChanceShare =
                Array.sumBy (fun group -> surprise group * 2.0 ** -(bits group)) all
                / Array.sumBy surprise all
        }
