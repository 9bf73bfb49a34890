/// Problem 4.4: the ReLU output model with features of unequal sparsity and equal importance.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.NonUniformSparsity

open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.4"

[<Literal>]
let private Published =
    "Effects of Non-Uniform Sparsity on Superposition in Toy Models (LessWrong 2023)"

[<Literal>]
let private OwnBar = "a bar of our own"

/// Five features in two dimensions, each 0.8 times as dense as the one before.
let private graded, ratio = 5, 0.8

/// Two classes of so many features, in two dimensions.
let private ofClass = 3

/// Densities by Zipf's law, p_i = p_0/(i + 1).
let private ranked, rankedDimensions = 100, 20

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        /// Densities of the densest of the graded features.
        Tops: float[]
        /// Densities that either class may have.
        Classes: float[]
        /// Densities of the first of the features by Zipf's law.
        Firsts: float[]
        GradedInstances: int
        ClassInstances: int
        ZipfInstances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Tops = [| 1.0; 0.8; 0.6; 0.45; 0.3; 0.2; 0.1; 0.05 |]
            Classes = [| for t in 0..7 -> 0.02 ** (1.0 - float t / 7.0) |]
            Firsts = [| 1.0; 0.2 |]
            GradedInstances = 20
            ClassInstances = 5
            ZipfInstances = 3
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            GradedInstances = 2
            ClassInstances = 1
            ZipfInstances = 1
            Steps = 400
        }
    | Daily
    | Full -> full

let private cell recipe instances dimensions (density: PerFeature) n =
    ToyModelOptions(Dimensions = dimensions, Instances = instances, Seed = recipe.Seed, Steps = recipe.Steps)
    |> Toys.cell (SparseFeatureOptions(Features = n, Density = density, Rows = Toys.Rows, Seed = recipe.Seed))

let private gradedDensities top =
    Array.init graded (fun i -> top * ratio ** float i)

/// The pairs (densities of the sparser and of the denser class) that are trained.
let private classPairs recipe =
    [|
        for sparse in recipe.Classes do
            for dense in recipe.Classes do
                if sparse < dense then
                    sparse, dense
    |]

/// Of the seeds within 2 % of the best, the share that do not represent a feature.
let private dropped feature (cell: ToyModelCell) =
    let converged = Toys.converged 0.02 cell

    let dropping =
        converged
        |> Array.filter (fun model -> Geometry.represented (Toys.weights model) |> Array.contains feature |> not)

    Statistics.share dropping.Length converged.Length

/// [seeds] Spearman's ρ of density and D_i, over the features by Zipf's law.
let private rankCorrelation first (cell: ToyModelCell) =
    let density = (PerFeature.Zipf(first, 1.0)).Expand ranked

    cell.Instances
    |> Seq.map (fun model -> Statistics.spearman density (Dimensionality.ofWeights (Toys.weights model)))
    |> Seq.toArray

let private claims recipe (byTop: ToyModelCell[]) (zipf: ToyModelCell[]) =
    let at top =
        byTop[Array.findIndex ((=) top) recipe.Tops]

    [
        dropped 0 (at 1.0)
        |> Verdicts.atLeast
            $"{Name}.densest-dropped"
            "With equal importance the densest feature is not learned: n = 5, d = 2, p from 1 down by 0.8 a feature (share of converged seeds)."
            Published
            0.9
        dropped 0 (at 0.3)
        |> Verdicts.atMost
            $"{Name}.densest-kept"
            "Where the densest has p = 0.3 it is kept: v(p) = p/3 − p²/4, what a dropped feature costs, rises with p up to p = 2/3 (share of converged seeds that drop it)."
            "a prediction of our own from the cost of a dropped feature (Toy Models of Superposition, notebook)"
            0.1
        dropped (graded - 1) (at 0.3)
        |> Verdicts.atLeast
            $"{Name}.sparsest-dropped"
            "There the sparsest, p = 0.12, is the one that is dropped (share of converged seeds)."
            "a prediction of our own from the cost of a dropped feature (Toy Models of Superposition, notebook)"
            0.9
        rankCorrelation recipe.Firsts[1] zipf[1]
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.zipf"
            $"Densities by Zipf's law from p = {recipe.Firsts[1]}: the denser a feature, the more of a dimension it gets (n = {ranked}, d = {rankedDimensions}; Spearman's ρ of pᵢ and Dᵢ)."
            OwnBar
            0.5
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale
    let pairs = classPairs recipe

    let cells =
        [|
            for top in recipe.Tops do
                cell recipe recipe.GradedInstances 2 (PerFeature.Of(gradedDensities top)) graded
            for sparse, dense in pairs do
                let density =
                    Array.append (Array.replicate ofClass dense) (Array.replicate ofClass sparse)

                cell recipe recipe.ClassInstances 2 (PerFeature.Of density) (2 * ofClass)
            for first in recipe.Firsts do
                cell recipe recipe.ZipfInstances rankedDimensions (PerFeature.Zipf(first, 1.0)) ranked
        |]
        |> Toys.train Name None settings

    let byTop = Array.take recipe.Tops.Length cells
    let classes = cells |> Array.skip recipe.Tops.Length |> Array.take pairs.Length
    let zipf = cells |> Array.skip (recipe.Tops.Length + pairs.Length)

    let best (cells: ToyModelCell[]) =
        cells |> Array.map (_.Best >> Toys.weights) |> Toys.stack

    let tensors =
        dict [ "graded", best byTop; "classes", best classes; "zipf", best zipf ]

    settings
    |> Settings.leave Name recipe (claims recipe byTop zipf) (fun folder ->
        folder.WriteSafetensors("sparsity.safetensors", tensors))

/// Of which class more features are represented.
let private outcomes =
    [| "more of the denser"; "as many of both"; "more of the sparser" |]

let private outcome (W: float[,]) =
    let represented = Geometry.represented W
    let dense = represented |> Array.filter (fun i -> i < ofClass) |> Array.length
    let sparse = represented.Length - dense

    if dense > sparse then 0
    elif dense = sparse then 1
    else 2

let private names (kept: bool) (W: float[,]) (density: float[]) =
    let represented = Geometry.represented W

    match
        [| 0 .. graded - 1 |]
        |> Array.filter (fun i -> Array.contains i represented = kept)
    with
    | [||] -> "none"
    | some -> some |> Array.map (fun i -> $"{density[i]:G2}") |> String.concat ", "

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let tensors = folder.Safetensors "sparsity.safetensors"
    let byTop = Toys.unstack tensors["graded"]
    let classes = Toys.unstack tensors["classes"]
    let zipf = Toys.unstack tensors["zipf"]
    let at top = Array.findIndex ((=) top) recipe.Tops

    let droppedAt top =
        names false byTop[at top] (gradedDensities top)

    let ofZipf = Dimensionality.ofWeights zipf[1]
    let quartile q = Statistics.quantile q ofZipf

    let rank =
        Statistics.spearman ((PerFeature.Zipf(recipe.Firsts[1], 1.0)).Expand ranked) ofZipf

    let labels =
        let found =
            Array.zip (classPairs recipe) (classes |> Array.map outcome) |> Map.ofArray

        Array2D.init recipe.Classes.Length recipe.Classes.Length (fun row column ->
            found
            |> Map.tryFind (recipe.Classes[row], recipe.Classes[column])
            |> Option.defaultValue -1)

    let grid =
        {
            X = Axis.Log "density of the denser class"
            Xs = recipe.Classes
            Y = Axis.Log "density of the sparser class"
            Ys = recipe.Classes
        }

    {
        Lead =
            "What dropping a feature costs, v(p) = p/3 − p²/4, is greatest at p = 2/3: of a feature that is nearly always on, the bias knows most. "
            + $"Of five features with densities from 1 down by 0.8, those of p = {droppedAt 1.0} are dropped; from 0.3 down, those of p = {droppedAt 0.3}. "
            + $"Of {ranked} features whose densities follow Zipf's law from {recipe.Firsts[1]}, {(Geometry.represented zipf[1]).Length} are represented in {rankedDimensions} dimensions, half of all with a dimensionality Dᵢ between {quartile 0.25:F2} and {quartile 0.75:F2} (Spearman's ρ of pᵢ and Dᵢ {rank:F2})."
        Figures =
            [
                Array.map2 (fun top W -> $"p from {top}", W) recipe.Tops byTop
                |> Charts.featureBars
                |> Figure.captioned
                    "Five features of equal importance in two dimensions, feature 0 the densest, each next one 0.8 times as dense (best seed)."
                Charts.phaseDiagram grid outcomes labels
                |> Figure.captioned
                    "Three features of one density and three of another in two dimensions: of which class the best seed represents more (‖Wᵢ‖ > 0.5)."
                Array.map2
                    (fun first W ->
                        Series.Of(
                            $"p from {first}",
                            (PerFeature.Zipf(first, 1.0)).Expand ranked,
                            Dimensionality.ofWeights W
                        ))
                    recipe.Firsts
                    zipf
                |> Array.toList
                |> Charts.scatter (Axis.Log "density pᵢ") (Axis.Linear "Dᵢ")
                |> Figure.captioned
                    $"Feature dimensionality of {ranked} features in {rankedDimensions} dimensions whose densities follow Zipf's law, p₀/(i + 1) (best seed)."
            ]
        Tables =
            [
                {
                    Caption = "Five graded features: densities of the kept and of the dropped, best seed."
                    Columns =
                        [|
                            "densest"
                            "kept"
                            "dropped"
                            "cost v(p) of dropping the densest"
                            "of the sparsest"
                        |]
                    IsNumber = [| true; false; false; true; true |]
                    Rows =
                        Array.map2
                            (fun top W ->
                                let density = gradedDensities top

                                [|
                                    $"{top}"
                                    names true W density
                                    names false W density
                                    $"{ExactLoss.ofDropped density[0]:F3}"
                                    $"{ExactLoss.ofDropped (Array.last density):F3}"
                                |])
                            recipe.Tops
                            byTop
                }
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Features of unequal sparsity"
        Part = Part.Problems
        Answers = [ "4.4" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
