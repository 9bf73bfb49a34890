namespace Superposition.Analysis.Experiments

open System
open System.Collections.Generic
open Superposition.Analysis
open Superposition.Storage
open Superposition.ToyModels

/// What the trainings of uniform features are made by: equal importance, equal density, and a sweep of it.
type UniformRecipe =
    {
        Features: int
        Dimensions: int
        /// Descending, from 1.
        Densities: float[]
        Instances: int
        Steps: int
        /// The place among the densities whose training is watched.
        Watched: int
        /// Steps between two looks at it.
        WatchEvery: int
        Seed: int64
    }

/// A trained model of the sweep.
type UniformModel =
    {
        P: float
        /// [n, d].
        W: float[,]
        /// [n].
        B: float[]
        Loss: float
    }

/// One training at the watched density.
type WatchedTraining =
    {
        /// [T] the steps of the looks, from 1.
        Steps: float[]
        /// [T, n] D_i at each.
        Dimensionality: float[,]
        /// [T] the loss, the mean over the batches from a look until the next.
        Loss: float[]
    }

/// ReLU output models of features that are all alike, over a sweep of densities. E6, E7, E14 and E16 measure these.
/// Toy Models of Superposition, "The Geometry of Superposition": n = 400, d = 30; p = 20^−linspace(0, 1) in 20 steps is
/// the notebook's.
[<RequireQualifiedAccess>]
module internal UniformModels =
    let recipe (scale: Scale) : UniformRecipe =
        let full =
            {
                Features = 400
                Dimensions = 30
                Densities = [| for t in 0..19 -> 20.0 ** -(float t / 19.0) |]
                Instances = 3
                Steps = 10_000
                Watched = 7
                WatchEvery = 50
                Seed = 6L
            }

        match scale with
        | Quick ->
            { full with
                Features = 60
                Dimensions = 12
                Densities = [| for t in 0..7 -> 20.0 ** -(float t / 7.0) |]
                Instances = 2
                Steps = 1_500
                Watched = 3
                WatchEvery = 50
            }
        | Daily
        | Full -> full

    let private cell (recipe: UniformRecipe) place p =
        let isWatched = place = recipe.Watched

        ToyModelOptions(
            Dimensions = recipe.Dimensions,
            Instances = recipe.Instances,
            Seed = recipe.Seed,
            Steps = recipe.Steps,
            // A batch's loss is noisy: where jumps are looked for, it is averaged over all of them.
            HistoryEvery = (if isWatched then 1 else recipe.Steps),
            SnapshotEvery = (if isWatched then recipe.WatchEvery else 0)
        )
        |> Toys.cell (Toys.world recipe.Features p recipe.Seed)

    let private models (cells: ToyModelCell[]) =
        let instances =
            [|
                for cell in cells do
                    for model in cell.Instances -> cell.Recipe.World.Density.Expand(1)[0], model
            |]

        dict
            [
                "density", instances |> Array.map fst |> Toys.vector
                "W", instances |> Array.map (snd >> Toys.weights) |> Toys.stack
                "b",
                instances
                |> Array.map (fun (_, model) -> [| model.B |] |> array2D |> Array2D.map float)
                |> Toys.stack
                "loss", instances |> Array.map (fun (_, model) -> model.Loss) |> Toys.vector
            ]

    let private watched (cell: ToyModelCell) =
        let history = cell.History
        let looks = history.SnapshotSteps

        let at look =
            Array.BinarySearch(history.Steps, looks[look])

        let loss look j =
            let first = at look

            let last =
                if look + 1 < looks.Length then
                    at (look + 1)
                else
                    history.Steps.Length

            Array.init (last - first) (fun t -> float history.Loss[first + t, j])
            |> Array.average

        let levels j =
            Array.init looks.Length (fun look ->
                history.Snapshots[look, j] |> Array2D.map float |> Dimensionality.ofWeights)
            |> array2D

        dict
            [
                "step", looks |> Array.map float |> Toys.vector
                "dimensionality", cell.Kept |> Seq.map levels |> Seq.toArray |> Toys.stack
                "loss", StoredArray.Of(Array2D.init cell.Kept.Count looks.Length (fun j look -> loss look cell.Kept[j]))
            ]

    let private train (settings: RunSettings) (recipe: UniformRecipe) (folder: RunFolderWriter) =
        let cells =
            recipe.Densities
            |> Array.mapi (cell recipe)
            |> Toys.train "uniform features" None settings

        folder.WriteSafetensors("models.safetensors", models cells)
        folder.WriteSafetensors("watched.safetensors", watched cells[recipe.Watched])

    let private folder (recipe: UniformRecipe) (settings: RunSettings) : RunFolder =
        settings |> Settings.shared "uniform-features" recipe (train settings recipe)

    /// All trained models, densest first, by density.
    let all (recipe: UniformRecipe) (settings: RunSettings) : (float * UniformModel[])[] =
        let tensors = (folder recipe settings).Safetensors "models.safetensors"
        let p = tensors["density"].ToDoubles()
        let loss = tensors["loss"].ToDoubles()

        Array.map3
            (fun (p, loss) W (b: float[,]) ->
                {
                    P = p
                    W = W
                    B = b[0, *]
                    Loss = loss
                })
            (Array.zip p loss)
            (Toys.unstack tensors["W"])
            (Toys.unstack tensors["b"])
        |> Array.groupBy _.P
        |> Array.sortByDescending fst

    /// The trainings at the watched density.
    let watchedTrainings (recipe: UniformRecipe) (settings: RunSettings) : WatchedTraining[] =
        let tensors = (folder recipe settings).Safetensors "watched.safetensors"
        let loss = tensors["loss"].ToMatrix()

        Toys.unstack tensors["dimensionality"]
        |> Array.mapi (fun j levels ->
            {
                Steps = tensors["step"].ToDoubles()
                Dimensionality = levels
                Loss = loss[j, *]
            })
