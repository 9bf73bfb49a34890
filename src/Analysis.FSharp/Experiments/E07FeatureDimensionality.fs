/// What each feature has of a dimension, and which polytopes uniform features form.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.FeatureDimensionality

open Deedle
open Superposition.Analysis
open Superposition.Storage

[<Literal>]
let private Name = "E7"

[<Literal>]
let private Source = "Toy Models of Superposition, \"Feature Dimensionality\""

/// How near D_i must come to a level to be at it.
[<Literal>]
let private LevelWithin = 0.02

/// The models in question are those with D* this near 1/2.
[<Literal>]
let private PlateauWithin = 0.1

/// Cosines above these join features; a square antiprism holds together up to 1/3, a pentagon further.
let private thresholds = [| 0.1; 0.2; 0.3 |]

/// The threshold the claim is stated at: above the noise of training, below what any of the shapes needs.
[<Literal>]
let private Threshold = 0.2

/// Points of a figure: more would only be drawn over each other.
[<Literal>]
let private Points = 1_500

type private Measured =
    {
        P: float
        DStar: float
        /// D_i of the represented features.
        Represented: float[]
        /// Σ D_i / d.
        Saturation: float
        Eigenspaces: int
        /// Mean over the represented features of the share of ‖W_i‖² in their main eigenspace.
        Localisation: float
        /// At each threshold.
        Groups: FeatureGroup[][]
    }

/// NaN where a model represents nothing: at p = 1, with all features alike, each keeps a little of every dimension.
let private meanOr (measure: 'T -> float) (items: 'T[]) =
    if items.Length = 0 then
        nan
    else
        Array.averageBy measure items

let private measure (model: UniformModel) =
    let D = Dimensionality.ofWeights model.W
    let represented = Geometry.represented model.W
    let spectrum = Spectrum.ofWeights Spectrum.MergedWithin model.W
    let localisation = spectrum.Localisation

    {
        P = model.P
        DStar = Dimensionality.perFeature model.W
        Represented = represented |> Array.map (fun i -> D[i])
        Saturation = Spectrum.saturation model.W
        Eigenspaces = spectrum.Eigenvalues.Length
        Localisation = represented |> meanOr (fun i -> localisation[i])
        Groups = thresholds |> Array.map (fun threshold -> Polytopes.groups threshold model.W)
    }

let private isOnPlateau (model: Measured) = abs (model.DStar - 0.5) < PlateauWithin

/// The levels of shapes that share dimensions.
let private shared =
    Dimensionality.levels
    |> Array.filter (fun level -> level.Value > 0.0 && level.Value < 1.0)

let private isAtLevel (D: float) =
    shared |> Array.exists (fun level -> abs (level.Value - D) <= LevelWithin)

let private shareAtLevels (model: Measured) =
    model.Represented |> meanOr (fun D -> if isAtLevel D then 1.0 else 0.0)

let private shareIn (named: FeatureGroup -> bool) (groups: FeatureGroup[]) =
    let members = groups |> Array.sumBy _.Vertices
    float (groups |> Array.filter named |> Array.sumBy _.Vertices) / float members

let private at threshold (model: Measured) =
    model.Groups[Array.findIndex ((=) threshold) thresholds]

let private claims (recipe: UniformRecipe) (models: Measured[]) =
    let plateau = models |> Array.filter isOnPlateau
    let of' = $"n = {recipe.Features}, d = {recipe.Dimensions}"

    // Where no model is as the claim wants it, nothing shows it.
    let over (models: Measured[]) measure =
        match models with
        | [||] -> Statistics.estimate [| 0.0 |]
        | _ -> models |> Array.map measure |> Statistics.estimate

    let several =
        models
        |> Array.filter (fun model ->
            model.Saturation >= 0.95
            && model.Eigenspaces > 1
            && model.Represented.Length > 0)

    [
        over plateau shareAtLevels
        |> Verdicts.atLeast
            $"{Name}.levels"
            $"Where D* is within {PlateauWithin} of 1/2, represented features lie at 3/4, 2/3, 1/2, 2/5 or 3/8 of a dimension, within {LevelWithin} ({of'}; share of features, mean over models)."
            Source
            0.7
        over plateau (at Threshold >> shareIn _.Polytope.IsSome)
        |> Verdicts.atLeast
            $"{Name}.polytopes"
            $"There, they form polytopes with names: components joined by |cosine| > {Threshold} ({of'}; share of represented features, mean over models)."
            $"{Source}; a bar of our own"
            0.7
        over plateau _.Saturation
        |> Verdicts.atLeast
            $"{Name}.saturation"
            $"There, the capacity is used up: Σ Dᵢ is d ({of'}; Σ Dᵢ/d, mean over models)."
            "Ivanov et al. 2026, capacity saturation; a bar of our own"
            0.95
        over several _.Localisation
        |> Verdicts.atLeast
            $"{Name}.localisation"
            $"At whatever density Σ Dᵢ is at least 0.95 d and the frame operator has several eigenspaces, a feature lies in one of them ({of'}; share of ‖Wᵢ‖² in the main one, mean over features and {several.Length} models)."
            "Ivanov et al. 2026, spectral localisation; a bar of our own"
            0.9
    ]

let private run (settings: RunSettings) =
    let recipe = UniformModels.recipe settings.Scale
    let all = UniformModels.all recipe settings
    let models = all |> Array.collect snd |> Array.map measure

    let numbers =
        CsvTable("density", "d_star", "represented", "at_level", "saturation", "eigenspaces", "localisation")

    for model in models do
        numbers.Add(
            model.P,
            model.DStar,
            model.Represented.Length,
            shareAtLevels model,
            model.Saturation,
            model.Eigenspaces,
            model.Localisation
        )

    let groups =
        CsvTable("density", "threshold", "polytope", "is_known", "groups", "features")

    for p, ofDensity in models |> Array.groupBy _.P do
        for t in 0 .. thresholds.Length - 1 do
            for (name, known), found in
                ofDensity
                |> Array.collect (fun model -> model.Groups[t])
                |> Array.groupBy (fun group -> Polytopes.name group, group.Polytope.IsSome) do
                groups.Add(
                    p,
                    thresholds[t],
                    name,
                    (if known then 1 else 0),
                    found.Length,
                    found |> Array.sumBy _.Vertices
                )

    let tensors =
        dict
            [
                "density", all |> Array.map fst |> Toys.vector
                "D",
                [|
                    all
                    |> Array.map (fun (_, models) -> Dimensionality.ofWeights models[0].W)
                    |> array2D
                |]
                |> Toys.stack
            ]

    settings
    |> Settings.leave Name recipe (claims recipe models) (fun folder ->
        folder.WriteCsv("models.csv", numbers)
        folder.WriteCsv("polytopes.csv", groups)
        folder.WriteSafetensors("dimensionality.safetensors", tensors))

/// A row a density: how far models keep to levels, polytopes and eigenspaces.
let private byDensity (numbers: CsvTable) =
    let rows = numbers.Numbers "density" |> Array.indexed |> Array.groupBy snd

    let column name =
        let values = numbers.Numbers name

        rows
        |> Array.map (fun (_, ofDensity) -> ofDensity |> Array.averageBy (fun (row, _) -> values[row]))
        |> Series.ofValues
        :> ISeries<int>

    Frame.ofColumns
        [
            "1/p", rows |> Array.map (fun (p, _) -> 1.0 / p) |> Series.ofValues :> ISeries<int>
            "D*", column "d_star"
            "represented", column "represented"
            "at a level", column "at_level"
            "Σ Dᵢ/d", column "saturation"
            "eigenspaces", column "eigenspaces"
            "in the main one", column "localisation"
        ]

/// A row a polytope: how many of the plateau's groups and features are one, at each threshold.
let private polytopes (plateau: Set<float>) (table: CsvTable) =
    let rows =
        [|
            for row in 0 .. table.Count - 1 do
                if plateau.Contains(table.Number(row, "density")) then
                    table[row, "polytope"], table.Number(row, "threshold"), table.Number(row, "features")
        |]

    let names =
        rows
        |> Array.groupBy (fun (name, _, _) -> name)
        |> Array.sortByDescending (fun (_, ofName) -> ofName |> Array.sumBy (fun (_, _, features) -> features))
        |> Array.map fst

    let share name threshold =
        let total which =
            rows
            |> Array.sumBy (fun (other, t, features) -> if t = threshold && which other then features else 0.0)

        total ((=) name) / total (fun _ -> true)

    Frame.ofColumns
        [
            yield "component", Series.ofValues names :> ISeries<int>

            for threshold in thresholds do
                yield
                    $"|cos| > {threshold}",
                    names |> Array.map (fun name -> share name threshold) |> Series.ofValues :> ISeries<int>
        ]

let private finding (folder: RunFolder) : Finding =
    let numbers = folder.Csv "models.csv"
    let tensors = folder.Safetensors "dimensionality.safetensors"
    let D = (Toys.unstack tensors["D"])[0]
    let densities = tensors["density"].ToDoubles()

    let dStar =
        Array.zip (numbers.Numbers "density") (numbers.Numbers "d_star")
        |> Array.groupBy fst
        |> Array.map (fun (p, rows) -> p, rows |> Array.map snd |> Statistics.estimate)

    let every = (D.Length + Points - 1) / Points

    let strips =
        densities
        |> Array.mapi (fun row p -> p, [| for i in 0..every .. Array2D.length2 D - 1 -> D[row, i] |])

    let plateau =
        Array.zip (numbers.Numbers "density") (numbers.Numbers "d_star")
        |> Array.filter (fun (_, D) -> abs (D - 0.5) < PlateauWithin)
        |> Array.map fst
        |> set

    let onPlateau column =
        Array.zip (numbers.Numbers "density") (numbers.Numbers column)
        |> Array.filter (fst >> plateau.Contains)
        |> Array.averageBy snd

    {
        Lead =
            if plateau.IsEmpty then
                "No density has D* near 1/2, so there is no plateau whose features could be looked at."
            else
                let atLevel, saturation = onPlateau "at_level", onPlateau "saturation"

                $"Where D* is near 1/2, {atLevel:P0} of the stored features have the dimensionality of a known polytope, "
                + $"and together they use {saturation:P0} of the dimensions."
        Figures =
            [
                Charts.dStar
                    [
                        Series.OfEstimates("D*", dStar |> Array.map (fun (p, _) -> 1.0 / p), dStar |> Array.map snd)
                    ]
                    strips
                |> Figure.captioned
                    "Dᵢ of features (points; some of them, of one model a density) and D* (line) against 1/p. Points gather on the lines of regular polytopes, most of all on antipodal pairs at 1/2; points at 0 are features that are not stored."
            ]
        Tables =
            [
                byDensity numbers
                |> Table.ofFrame
                    "Means over the models of each density; eigenspaces of WᵀW merge eigenvalues within a tenth."
                    30
                if not plateau.IsEmpty then
                    polytopes plateau (folder.Csv "polytopes.csv")
                    |> Table.ofFrame
                        "Components of the interference graph where D* is near 1/2: share of the stored features, by the cosine above which two features are joined."
                        12
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "What each feature has of a dimension"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = UniformModels.recipe >> Settings.json
        Run = run
        Finding = finding
    }
