/// Pairs of dependent features squeezed into two dimensions, at several densities: features 2s and 2s + 1 are pair s.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.PairsInThePlane

open System.Collections.Generic
open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

/// As run.json holds it: instances a density, and steps.
type Recipe =
    {
        Densities: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

/// The notebook's steps with so many instances a density; for a look, two of them and a tenth of the steps.
let recipe (densities: float[]) (instances: int) (scale: Scale) : Recipe =
    let full =
        {
            Densities = densities
            Instances = instances
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 2
            Steps = 1_000
        }
    | Daily
    | Full -> full

/// Pairs of one density whose members depend on each other.
let internal world (pairs: int) (dependence: Dependence) (p: float) (seed: int64) : SparseFeatureOptions =
    Toys.dependentWorld dependence (UniformValues()) (2 * pairs) p seed

/// A cell a density.
let internal train (name: string) (pairs: int) (dependence: Dependence) (recipe: Recipe) (settings: RunSettings) =
    recipe.Densities
    |> Array.map (fun p ->
        ToyModelOptions(Dimensions = 2, Instances = recipe.Instances, Seed = recipe.Seed, Steps = recipe.Steps)
        |> Toys.cell (world pairs dependence p recipe.Seed))
    |> Toys.train name None settings

/// [pairs] The cosine between the members of each pair; W: [2 pairs, 2].
let internal cosines (W: float[,]) : float[] =
    let cosines = Geometry.cosines W
    Array.init (Array2D.length1 W / 2) (fun s -> cosines[2 * s, 2 * s + 1])

/// W of the seeds that ended as well as the best of their density, but for 1 % of what storing nothing costs.
let internal converged (cells: ToyModelCell[]) : float[,][] =
    cells |> Array.collect (Toys.settled 0.01 >> Array.map Toys.weights)

/// What the section is drawn from: the densities and the best W of each.
let internal tensors (recipe: Recipe) (cells: ToyModelCell[]) : (string * StoredArray) list =
    [
        "density", Toys.vector recipe.Densities
        "W", cells |> Array.map (_.Best >> Toys.weights) |> Toys.stack
    ]

/// Trains pairs at the recipe's densities and leaves a run with the claims made of the converged seeds' W.
let internal run
    (name: string)
    (pairs: int)
    (dependence: Dependence)
    (recipeOf: Scale -> Recipe)
    (claims: float[,][] -> Claim list)
    (settings: RunSettings)
    =
    let recipe = recipeOf settings.Scale
    let cells = train name pairs dependence recipe settings

    settings
    |> Settings.leave name recipe (claims (converged cells)) (fun folder ->
        folder.WriteSafetensors("pairs.safetensors", dict (tensors recipe cells)))

/// The densities and the best W of each, as they lie in a run folder.
let internal stored (tensors: IReadOnlyDictionary<string, StoredArray>) : (float * float[,])[] =
    Array.zip (tensors["density"].ToDoubles()) (Toys.unstack tensors["W"])

/// The features in the plane in the colour of their pair, a panel a density.
let internal plane (panels: (float * float[,])[]) : Figure =
    let features = Array2D.length1 (snd panels[0])
    Charts.plane "pair" (Array.init features (fun i -> float (i / 2 + 1))) panels

/// 12.3, −0.45: a number within a sentence.
let internal inWords (digits: int) (value: float) : string =
    value.ToString($"F{digits}").Replace('-', '−')
