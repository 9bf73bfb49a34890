/// The introductory figure of Toy Models of Superposition: five features, two dimensions, ten densities.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Introduction

open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E1"

[<Literal>]
let private Source = "Toy Models of Superposition, introduction and notebook"

let private features, dimensions = 5, 2

/// The notebook's: p = 20^−linspace(0, 1), ten of them.
let private densities = [| for t in 0..9 -> 20.0 ** -(float t / 9.0) |]

/// Densities at which the losses of trained pentagons and digons of equal importance are held against exact optima.
let private tabled = [| 0.05; 0.15; 0.225; 0.24 |]

/// Densities on either side of the crossing, for equal importances and for 0.9^i.
let private aroundEqual, aroundFalling = [| 0.21; 0.24 |], [| 0.145; 0.175 |]

/// What follows from the scale, as run.json holds it: instances a density, and steps.
type Recipe =
    {
        Densities: float[]
        Instances: int
        Tabled: float[]
        AroundEqual: float[]
        AroundFalling: float[]
        /// Seeds a density around a crossing, in groups of which each has a crossing.
        BestOf: int
        Groups: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Densities = densities
            Instances = 10
            Tabled = tabled
            AroundEqual = aroundEqual
            AroundFalling = aroundFalling
            BestOf = 8
            Groups = 3
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 3
            BestOf = 3
            Groups = 1
            Steps = 1_500
        }
    | Daily
    | Full -> full

let private cell recipe instances (importance: PerFeature) (p: float) =
    ToyModelOptions(
        Dimensions = dimensions,
        Instances = instances,
        Seed = recipe.Seed,
        Importance = importance,
        Steps = recipe.Steps
    )
    |> Toys.cell (Toys.world features p recipe.Seed)

let private equal p = IndependentFeatures.uniform features p

let private falling p =
    { equal p with
        Importance = Array.init features (fun i -> 0.9 ** float i)
    }

/// A density's best trained pentagon and digons beside the exact ones, losses over p; NaN where no seed has the shape.
type private Row =
    {
        Density: float
        Pentagon: float
        ExactPentagon: float
        Digons: float
        ExactDigons: float
    }

let private row (p: float) (seeds: PentagonOrDigons.Seed[]) =
    let trained shape =
        match PentagonOrDigons.best shape seeds with
        | Some loss -> loss / p
        | None -> nan

    let exact (solution: Solution option) =
        match solution with
        | Some solution -> solution.Loss / p
        | None -> nan

    {
        Density = p
        Pentagon = trained (Polygon 5)
        ExactPentagon = exact (Crossing.pentagon (equal p))
        Digons = trained (AntipodalPairs 2)
        ExactDigons = exact (Crossing.twoDigons (equal p))
    }

let private lossClaims recipe (rows: Row[]) (aroundEqual: (float * _)[]) (aroundFalling: (float * _)[]) =
    let crossing id importance exact expected (byDensity: (float * PentagonOrDigons.Seed[])[]) =
        Array.init recipe.Groups (fun g ->
            byDensity
            |> Array.map (fun (p, seeds) -> p, (Array.chunkBySize recipe.BestOf seeds)[g])
            |> PentagonOrDigons.crossing)
        |> PentagonOrDigons.overGroups
        |> Verdicts.near
            $"{Name}.{id}"
            $"With {importance} importances the pentagon becomes better than two digons at p = {expected} (where the exact losses of trained ones cross, best of {recipe.BestOf} seeds, mean over {recipe.Groups} groups)."
            $"quadrature of our own; the exact optima cross at {exact:F4}"
            expected
            0.01

    /// The largest difference from the exact loss, over the densities at which a seed ended so.
    let losses id shape (trained: Row -> float) (exact: Row -> float) =
        let differences =
            rows
            |> Array.map (fun row -> abs (trained row / exact row - 1.0))
            |> Array.filter (System.Double.IsNaN >> not)

        [
            if differences.Length > 0 then
                Statistics.estimate [| Array.max differences |]
                |> Verdicts.atMost
                    $"{Name}.{id}"
                    $"The loss of a trained {shape} is within 1 %% of the exact optimum's (largest difference of the best seeds at {differences.Length} densities, exact losses at equal importance)."
                    "Oracles.Crossing, the fifth feature of two digons dropped wholly; an earlier table by quadrature was up to 0.7 % lower, by its own error"
                    0.01
        ]

    [
        crossing "crossing-equal" "equal" (Crossing.find equal 0.2 0.25) 0.225 aroundEqual
        crossing "crossing-falling" "0.9ⁱ as" (Crossing.find falling 0.14 0.18) 0.16 aroundFalling
    ]
    @ losses "pentagon-losses" "pentagon" _.Pentagon _.ExactPentagon
    @ losses "digon-losses" "pair of digons" _.Digons _.ExactDigons

/// Share of the seeds that ended within 2 % of the best with an arrangement.
let private shareWith (fits: Shape -> bool) (cell: ToyModelCell) =
    Toys.converged 0.02 cell
    |> Array.map (fun instance ->
        if fits (Geometry.arrangement (Toys.weights instance)).Shape then
            1.0
        else
            0.0)
    |> Statistics.estimate

let private claims (byDensity: ToyModelCell[]) (pentagon: ToyModelCell) =
    let dimensionalities =
        Toys.converged 0.02 pentagon
        |> Array.collect (Toys.weights >> Dimensionality.ofWeights)

    let pairs =
        byDensity
        |> Array.filter (fun cell -> (Geometry.arrangement (Toys.weights cell.Best)).Shape = AntipodalPairs 2)

    [
        shareWith ((=) (Orthogonal 2)) byDensity[0]
        |> Verdicts.atLeast
            $"{Name}.dense-orthogonal"
            "At p = 1 two features are stored at a right angle and three are dropped (share of converged seeds)."
            Source
            1.0
        Statistics.estimate [| float pairs.Length |]
        |> Verdicts.atLeast
            $"{Name}.middle-pairs"
            "In between, four features form two antipodal pairs (number of densities where the best instance does)."
            Source
            1.0
        shareWith ((=) (Polygon 5)) byDensity[9]
        |> Verdicts.atLeast
            $"{Name}.sparse-pentagon"
            "At p = 1/20 all five features form a pentagon (share of converged seeds)."
            Source
            1.0
        { Statistics.estimate dimensionalities with
            Low = Array.min dimensionalities
            High = Array.max dimensionalities
        }
        |> Verdicts.near
            $"{Name}.pentagon-dimensionality"
            "At p = 1/20 and equal importance every feature has two fifths of a dimension (mean and range over features of converged seeds)."
            "Toy Models of Superposition, \"Feature Dimensionality\""
            0.4
            0.01
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        [|
            for p in recipe.Densities do
                cell recipe recipe.Instances (PerFeature.Powers 0.9) p
            for p in recipe.Tabled do
                cell recipe recipe.Instances (PerFeature.All 1.0) p
            for p in recipe.AroundEqual do
                cell recipe (recipe.BestOf * recipe.Groups) (PerFeature.All 1.0) p
            for p in recipe.AroundFalling do
                cell recipe (recipe.BestOf * recipe.Groups) (PerFeature.Powers 0.9) p
        |]
        |> Toys.train Name None settings

    let seedsOf family (densities: float[]) (cells: ToyModelCell[]) =
        Array.map2 (fun p cell -> p, PentagonOrDigons.seeds (family p) cell) densities cells

    let byDensity, rest = Array.splitAt recipe.Densities.Length cells
    let tabled, rest = Array.splitAt recipe.Tabled.Length rest
    let aroundEqual, aroundFalling = Array.splitAt recipe.AroundEqual.Length rest
    let pentagon = tabled[0]

    let rows =
        seedsOf equal recipe.Tabled tabled |> Array.map (fun (p, seeds) -> row p seeds)

    let ofRows part = rows |> Array.map part |> Toys.vector

    let tensors =
        dict
            [
                "density", Toys.vector densities
                "W", byDensity |> Array.map (_.Best >> Toys.weights) |> Toys.stack
                "loss", byDensity |> Array.map _.Best.Loss |> Toys.vector
                "pentagon", StoredArray.Of(Toys.weights pentagon.Best)
                "row_density", ofRows _.Density
                "row_pentagon", ofRows _.Pentagon
                "row_pentagon_exact", ofRows _.ExactPentagon
                "row_digons", ofRows _.Digons
                "row_digons_exact", ofRows _.ExactDigons
            ]

    let claims =
        claims byDensity pentagon
        @ lossClaims
            recipe
            rows
            (seedsOf equal recipe.AroundEqual aroundEqual)
            (seedsOf falling recipe.AroundFalling aroundFalling)

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteSafetensors("introduction.safetensors", tensors))

let private describe (shape: Shape) =
    match shape with
    | Empty -> "nothing"
    | Orthogonal 2 -> "two at a right angle"
    | Orthogonal k -> $"{k} at right angles"
    | AntipodalPairs 2 -> "two antipodal pairs"
    | AntipodalPairs k -> $"{k} antipodal pairs"
    | Polygon 5 -> "a pentagon"
    | Polygon k -> $"a polygon of {k}"
    | Mixed -> "no regular shape"

/// The losses that decide which arrangement is the better one.
let private losses (values: string -> float[]) : Table =
    let column name = values name |> Array.map Html.number

    {
        Caption =
            "Loss over p at equal importances, best trained seed of either arrangement beside the exact optimum of that arrangement. A dash: no seed ended so. The exact digons drop the fifth feature wholly; trained ones may keep a faint rest of it, with a length below ½, which is an optimum of its own."
        Columns = [| "p"; "pentagon"; "exact"; "two digons"; "exact" |]
        IsNumber = Array.create 5 true
        Rows =
            [|
                "row_density"
                "row_pentagon"
                "row_pentagon_exact"
                "row_digons"
                "row_digons_exact"
            |]
            |> Array.map column
            |> Array.transpose
    }

let private finding (folder: RunFolder) : Finding =
    let tensors = folder.Safetensors "introduction.safetensors"
    let p = tensors["density"].ToDoubles()
    let models = Toys.unstack tensors["W"]

    let shapes = models |> Array.map (Geometry.arrangement >> _.Shape >> describe)
    let importance = Array.init features (fun i -> 0.9 ** float i)

    {
        Lead =
            $"The sparser the features, the more of them two dimensions hold: {shapes[0]} when every feature is always on, "
            + $"{shapes[5]} at p = {p[5]:F2}, {shapes[9]} at p = {p[9]:F2}."
        Figures =
            [
                Charts.plane "importance" importance (Array.zip p models)
                |> Figure.captioned
                    "Directions of five features of importance 0.9ⁱ in the plane, best of the trained seeds at each of ten densities. A segment of length 1 is a feature stored whole."
                Charts.gram (Array.map2 (fun p W -> $"p = {p:F2}", W) p models)
                |> Figure.captioned
                    "WWᵀ at the same densities: the diagonal says how much of a feature is stored, the rest which features disturb each other."
                Array.map2 (fun p W -> p, Dimensionality.ofWeights W) p models
                |> Charts.dimensionality
                |> Figure.captioned
                    "Feature dimensionality Dᵢ against 1/p: a dimension of its own, half of one in an antipodal pair, two fifths in a pentagon."
            ]
        Tables = [ losses (fun name -> tensors[name].ToDoubles()) ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Five features in two dimensions, as the paper begins"
        Part = Part.Paper
        Answers = []
        IsLong = false
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
