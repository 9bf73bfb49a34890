namespace Superposition.Analysis.Experiments

open System
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

/// n features of importance I in d dimensions, at what densities, and how each is trained. Public with its
/// fields, as all that run.json holds.
type BasicResultsSetup =
    {
        Features: int
        Dimensions: int
        Importance: PerFeature
        /// From dense to sparse; of the ReLU output model.
        Densities: float[]
        /// Of the linear model; may be none.
        LinearDensities: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

/// Linear and ReLU output models side by side over densities, features of falling importance: what the small and the large
/// version of Toy Models of Superposition, "Demonstrating Superposition", share.
[<RequireQualifiedAccess>]
module internal BasicResults =
    [<Literal>]
    let private Source = "Toy Models of Superposition, \"Demonstrating Superposition\""

    /// Losses within this share of the best count as the same optimum.
    [<Literal>]
    let private Converged = 0.02

    let private world (setup: BasicResultsSetup) (p: float) : IndependentFeatures =
        {
            Density = Array.create setup.Features p
            Importance = setup.Importance.Expand setup.Features
        }

    /// The cells of a setup, of the ReLU output model and of the linear one.
    type Trained =
        {
            Setup: BasicResultsSetup
            Relu: ToyModelCell[]
            Linear: ToyModelCell[]
        }

    let private recipes (setup: BasicResultsSetup) =
        let cell architecture p =
            ToyModelOptions(
                Dimensions = setup.Dimensions,
                Architecture = architecture,
                Instances = setup.Instances,
                Seed = setup.Seed,
                Importance = setup.Importance,
                Steps = setup.Steps,
                HistoryEvery = setup.Steps
            )
            |> Toys.cell (Toys.world setup.Features p setup.Seed)

        Array.append
            (setup.Densities |> Array.map (cell ToyArchitecture.ReluOutput))
            (setup.LinearDensities |> Array.map (cell ToyArchitecture.Linear))

    /// All setups at once, so that no core waits for the last cell of one.
    let train (name: string) (settings: RunSettings) (setups: BasicResultsSetup list) : Trained list =
        let cells = setups |> Seq.collect recipes |> Toys.train name None settings
        let starts = setups |> List.scan (fun at setup -> at + (recipes setup).Length) 0

        setups
        |> List.mapi (fun i setup ->
            {
                Setup = setup
                Relu = Array.sub cells starts[i] setup.Densities.Length
                Linear = Array.sub cells (starts[i] + setup.Densities.Length) setup.LinearDensities.Length
            })

    /// Whether a model represents the most important features and no other.
    let private keepsTop (setup: BasicResultsSetup) (model: ToyModel) =
        Geometry.represented (Toys.weights model) = [| 0 .. setup.Dimensions - 1 |]

    /// The largest |b_i − E|, E = 0 for a feature that is stored and p/2, its mean, for one that is not.
    let private biasError (p: float) (model: ToyModel) =
        let stored = Toys.weights model |> Geometry.represented |> set

        model.B
        |> Seq.mapi (fun i b -> abs (float b - (if stored.Contains i then 0.0 else p / 2.0)))
        |> Seq.max

    /// How often, of two stored features of which one has a dimension of its own and the other is in superposition, the first
    /// is the more important; None where there are no two such.
    let private concordance (W: float[,]) =
        let superposed = Geometry.superposed W
        let dedicated = Geometry.represented W |> Array.except superposed

        match Array.allPairs dedicated superposed with
        | [||] -> None
        | pairs ->
            Some(
                pairs
                |> Array.averageBy (fun (alone, sharing) -> if alone < sharing then 1.0 else 0.0)
            )

    /// The share of the features in superposition that have an antipodal partner; None where there are none.
    let private paired (W: float[,]) =
        let members =
            (Geometry.arrangement W).Pairs |> Seq.collect (fun (i, j) -> [ i; j ]) |> set

        match Geometry.superposed W with
        | [||] -> None
        | superposed -> Some(superposed |> Array.averageBy (fun i -> if members.Contains i then 1.0 else 0.0))

    let private about (setup: BasicResultsSetup) =
        $"n = {setup.Features}, d = {setup.Dimensions}"

    /// The linear model stores the d most important features whatever the density.
    let linearClaims (id: string) (trained: Trained) : Claim list =
        let setup = trained.Setup

        let runs = trained.Linear |> Array.collect (fun cell -> Seq.toArray cell.Instances)

        let excess =
            Array.map2
                (fun p (cell: ToyModelCell) ->
                    let features, best = world setup p, cell.Best

                    LinearModel.loss features (Toys.weights best) (Array.map float best.B)
                    / LinearModel.optimum features setup.Dimensions
                    - 1.0)
                setup.LinearDensities
                trained.Linear

        [
            Statistics.share (runs |> Array.filter (keepsTop setup) |> Array.length) runs.Length
            |> Verdicts.atLeast
                $"{id}.linear-top"
                $"{about setup}: the linear model stores the d most important features and no other, at every density (share of all seeds and densities; Wilson interval)."
                Source
                0.95
            Statistics.estimate excess
            |> Verdicts.near
                $"{id}.linear-loss"
                $"{about setup}: the linear model's exact loss exceeds Σ I_i (p/3 − p²/4) over the dropped features by nothing (relative excess of the best seed, mean over densities)."
                "Closed form: weighted PCA of independent features"
                0.0
                0.02
        ]

    /// Where b = 0 for what is stored and b = p/2 for what is not: in the linear model, and in the ReLU output model at p = 1.
    let biasClaim (id: string) (trained: Trained) : Claim =
        let setup = trained.Setup

        Array.append
            (Array.map2 (fun p (cell: ToyModelCell) -> biasError p cell.Best) setup.LinearDensities trained.Linear)
            [| biasError setup.Densities[0] trained.Relu[0].Best |]
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{id}.biases"
            $"{about setup}: without superposition, biases are 0 for stored features and p/2, the mean, for dropped ones (largest deviation over features, mean over densities of the linear model and p = 1 of the ReLU model)."
            Source
            0.05

    /// The ReLU output model does the same for dense features, and as they become sparse stores more.
    let reluClaims (id: string) (trained: Trained) : Claim list =
        let setup = trained.Setup
        let best = trained.Relu |> Array.map (_.Best >> Toys.weights)
        let stored = best |> Array.map (Geometry.represented >> Array.length)

        let dense =
            Toys.converged Converged trained.Relu[0]
            |> Array.filter (keepsTop setup)
            |> Array.length

        // The densest world in which more is stored than there are dimensions.
        let first = stored |> Array.tryFindIndex (fun stored -> stored > setup.Dimensions)

        let pairs =
            match first with
            | Some at ->
                Toys.converged Converged trained.Relu[at]
                |> Array.choose (Toys.weights >> paired)
            | None -> [||]

        let orders = best |> Array.choose concordance

        /// What no model shows cannot be measured, and does not hold.
        let orNone measured =
            if Array.isEmpty measured then
                Statistics.estimate [| 0.0 |]
            else
                Statistics.estimate measured

        [
            Statistics.share dense (Toys.converged Converged trained.Relu[0]).Length
            |> Verdicts.atLeast
                $"{id}.dense-as-linear"
                $"{about setup}: at p = 1 the ReLU output model stores what the linear one does (share of converged seeds; Wilson interval)."
                Source
                1.0
            Statistics.spearman (setup.Densities |> Array.map (~-)) (stored |> Array.map float)
            |> fun rho -> Statistics.estimate [| rho |]
            |> Verdicts.atLeast
                $"{id}.sparser-stores-more"
                $"{about setup}: the sparser the features, the more of them the ReLU output model stores (Spearman's ρ of the number stored by the best seed with −p)."
                Source
                0.9
            orNone orders
            |> Verdicts.atLeast
                $"{id}.least-important-first"
                $"{about setup}: superposition begins with less important features: of a stored feature with a dimension of its own and one in superposition, the first is the more important (share of such pairs in the best seed, mean over the densities that have both)."
                Source
                0.9
            orNone pairs
            |> Verdicts.atLeast
                $"{id}.first-pairs"
                $"{about setup}: superposition begins with antipodal pairs: at the densest p with more than d features stored, those in superposition have an antipodal partner (share of them, mean over converged seeds)."
                Source
                0.9
        ]

    let private best field (cells: ToyModelCell[]) = cells |> Array.map (_.Best >> field)

    /// What the figures need, each tensor under a prefix.
    let tensors (prefix: string) (trained: Trained) : (string * StoredArray) list =
        [
            $"{prefix}.density", Toys.vector trained.Setup.Densities
            $"{prefix}.W", trained.Relu |> best Toys.weights |> Toys.stack
            if trained.Linear.Length > 0 then
                $"{prefix}.linear.density", Toys.vector trained.Setup.LinearDensities
                $"{prefix}.linear.W", trained.Linear |> best Toys.weights |> Toys.stack
        ]

    /// (p, W) of the best ReLU output models, or of the linear ones.
    let models (prefix: string) (tensors: SafetensorsFile) : (float * float[,])[] =
        Array.zip (tensors[$"{prefix}.density"].ToDoubles()) (Toys.unstack tensors[$"{prefix}.W"])

    /// The models at some shares of the way from dense to sparse.
    let along (shares: float list) (models: 'Model[]) : 'Model[] =
        [|
            for share in shares -> models[int (Math.Round(share * float (models.Length - 1)))]
        |]
        |> Array.distinct

    /// How many features the models store, over 1/p.
    let storedSeries (name: string) (models: (float * float[,])[]) : Series =
        Series.Of(
            name,
            models |> Array.map (fun (p, _) -> 1.0 / p),
            models |> Array.map (snd >> Geometry.represented >> Array.length >> float)
        )

    /// How many features are stored, and how many of those in superposition, over 1/p.
    let counts (name: string) (models: (float * float[,])[]) : Series list =
        let stored = storedSeries $"{name}stored" models

        [
            stored
            { stored with
                Name = $"{name}in superposition"
                Y = models |> Array.map (snd >> Geometry.superposed >> Array.length >> float)
            }
        ]

    /// How many features models store, in words: "5", or "19 to 21".
    let stored (models: (float * float[,])[]) : string =
        let counts = models |> Array.map (snd >> Geometry.represented >> Array.length)
        let low, high = Array.min counts, Array.max counts
        if low = high then $"{low}" else $"{low} to {high}"
