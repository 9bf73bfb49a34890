/// Problem 4.2: the absolute-value model with the variants of the ReLU output model.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.AbsoluteValueVariants

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.2"

[<Literal>]
let private OwnBar = "a bar of our own"

let private features, neurons = 20, 10

/// The paper's W₁ = [2, −1/2] has 4; half of that still tells a strong feature from a weak one.
[<Literal>]
let private Asymmetric = 2.0

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        Densities: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Densities = [| 0.5; 0.2; 0.1; 0.03 |]
            Instances = 8
            Steps = 10_000
            Seed = 1L
        }

    match scale with
    | Quick -> { full with Instances = 2; Steps = 400 }
    | Daily
    | Full -> full

let private pairs = Array.replicate (features / 2) 2

/// Importances and which features are active together: features 2k and 2k + 1 make a set.
let private variants: (string * PerFeature * Dependence | null)[] =
    [|
        "importance 0.8ⁱ", PerFeature.Powers 0.8, null
        "equal importance", PerFeature.All 1.0, null
        "correlated pairs", PerFeature.All 1.0, CorrelatedSets pairs
        "anticorrelated pairs", PerFeature.All 1.0, AnticorrelatedSets pairs
    |]

let private names = variants |> Array.map (fun (name, _, _) -> name)

let private cell recipe (importance: PerFeature) (dependence: Dependence | null) (p: float) =
    let world =
        Toys.dependentWorld dependence (UniformValues(-1.0f, 1.0f)) features p recipe.Seed

    ToyModelOptions(
        Dimensions = neurons,
        Architecture = ToyArchitecture.Computing,
        Target = Target(Function = TargetFunction.Absolute),
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Importance = importance,
        Steps = recipe.Steps
    )
    |> Toys.cell world

/// What is counted of a seed, in the order in which it is kept.
type private Count =
    /// Neurons without a second feature at a tenth of the first.
    | Monosemantic = 0
    /// Neurons of two features with reciprocal weights, read and written unequally by a factor of 2 or more.
    | AsymmetricPair = 1
    /// Of those, the ones whose interference other neurons take away.
    | Inhibited = 2
    /// Neurons of two features with reciprocal weights, about alike.
    | SymmetricPair = 3
    /// Neurons of two features, of either kind, whose features are a set.
    | PairOfSet = 4

/// The features that neurons answer to at a tenth of their greatest weight; of either sign, since inputs are.
let private responding (encoder: float[,]) =
    Array2D.init neurons features (fun j i -> abs encoder[i, j])
    |> Polysemanticity.responding 0.1

let private counted (model: ToyModel) =
    let encoder, decoder = Toys.weights model, Toys.decoder model
    let two = Motifs.asymmetric (1.0 + 1e-9) encoder decoder

    let asymmetric, symmetric =
        two |> List.partition (fun motif -> motif.Asymmetry >= Asymmetric)

    [|
        responding encoder |> Array.filter ((=) 1) |> Array.length
        asymmetric.Length
        asymmetric |> List.filter _.IsInhibited |> List.length
        symmetric.Length
        two
        |> List.filter (fun motif -> motif.Strong / 2 = motif.Weak / 2)
        |> List.length
    |]
    |> Array.map float

let private key (variant: string) (p: float) = $"{variant}, p {p}"

/// Over all seeds of a variant and all densities, how many of the neurons of two features hold a set.
let private shareOfSets recipe (values: string -> float -> Count -> float[]) variant =
    let sum count =
        recipe.Densities
        |> Array.sumBy (fun p -> values variant p count |> Array.sum)
        |> int

    sum Count.PairOfSet, sum Count.AsymmetricPair + sum Count.SymmetricPair

let private claims recipe (values: string -> float -> Count -> float[]) =
    let dense, sparse = recipe.Densities[0], Array.last recipe.Densities

    let ofSets id statement verdict variant =
        match shareOfSets recipe values variant with
        | _, 0 -> Statistics.estimate [| nan |]
        | ofSet, all -> Statistics.share ofSet all
        |> verdict $"{Name}.{id}" statement OwnBar

    [
        Array.map2 (-) (values names[0] dense Count.Monosemantic) (values names[0] sparse Count.Monosemantic)
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.polysemantic"
            $"From p = {dense} to p = {sparse} at least two of {neurons} neurons turn from monosemantic to polysemantic (importance 0.8ⁱ, n = {features})."
            "Toy Models of Superposition, \"Computation in Superposition\"; the bar is our own"
            2.0
        values names[0] dense Count.AsymmetricPair
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.asymmetric"
            $"The asymmetric motif shows up: one or more of {neurons} neurons a seed at p = {dense}, importance 0.8ⁱ."
            "Toy Models of Superposition, \"The Asymmetric Superposition Motif\""
            1.0
        names[3]
        |> ofSets
            "anticorrelated-share"
            "Neurons of two features hold an anticorrelated pair, whose members cannot disturb each other: half of them or more (all densities; chance is 1 in 19)."
            (fun id statement source -> Verdicts.atLeast id statement source 0.5)
        names[2]
        |> ofSets
            "correlated-apart"
            "Neurons of two features keep the members of a correlated pair apart: at most 1 in 19 hold one, which is chance (all densities)."
            (fun id statement source -> Verdicts.atMost id statement source (1.0 / 19.0))
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let plan =
        [|
            for variant in variants do
                for p in recipe.Densities -> variant, p
        |]

    let cells =
        plan
        |> Array.map (fun ((_, importance, dependence), p) -> cell recipe importance dependence p)
        |> Toys.train Name None settings

    let counts =
        Array.map2
            (fun ((name, _, _), p) (cell: ToyModelCell) -> key name p, cell.Instances |> Seq.map counted |> Seq.toArray)
            plan
            cells

    let values variant p (count: Count) =
        Map.ofArray counts
        |> Map.find (key variant p)
        |> Array.map (fun seed -> seed[int count])

    // The second density, where most neurons have two features.
    let shown =
        Array.zip plan cells
        |> Array.filter (fun ((_, p), _) -> p = recipe.Densities[1])
        |> Array.map (fun (_, cell) -> Motifs.normalised (Toys.weights cell.Best) (Toys.decoder cell.Best))

    let tensors =
        dict
            [
                yield "encoder", shown |> Array.map fst |> Toys.stack
                yield "decoder", shown |> Array.map snd |> Toys.stack
                for key, seeds in counts do
                    yield key, StoredArray.Of(array2D seeds)
            ]

    settings
    |> Settings.leave Name recipe (claims recipe values) (fun folder ->
        folder.WriteSafetensors("variants.safetensors", tensors))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let tensors = folder.Safetensors "variants.safetensors"

    let values variant p (count: Count) =
        tensors[key variant p].ToMatrix()[*, int count]

    let mean variant p count = values variant p count |> Array.average

    let percent variant =
        match shareOfSets recipe values variant with
        | _, 0 -> "none"
        | ofSet, all -> $"{100.0 * float ofSet / float all:F0} %%"

    let dense, sparse = recipe.Densities[0], Array.last recipe.Densities
    let shown = recipe.Densities[1]

    {
        Lead =
            $"Of {neurons} neurons for {features} absolute values, {mean names[0] dense Count.Monosemantic:F1} are monosemantic at p = {dense} and {mean names[0] sparse Count.Monosemantic:F1} at p = {sparse} (importance 0.8ⁱ), "
            + $"with {mean names[1] dense Count.Monosemantic:F1} and {mean names[1] sparse Count.Monosemantic:F1} where all features are equally important. "
            + $"At p = {shown} the asymmetric motif takes {mean names[0] shown Count.AsymmetricPair:F1} neurons, {mean names[1] shown Count.AsymmetricPair:F1} with equal importance, {mean names[2] shown Count.AsymmetricPair:F1} with correlated and {mean names[3] shown Count.AsymmetricPair:F1} with anticorrelated pairs. "
            + $"Of the neurons with two features, {percent names[3]} hold an anticorrelated pair and {percent names[2]} a correlated one, where chance would be 5 %%."
        Figures =
            [
                [|
                    for count, label in
                        [
                            Count.Monosemantic, "monosemantic"
                            Count.AsymmetricPair, "two features, asymmetric"
                            Count.SymmetricPair, "two features, alike"
                            Count.PairOfSet, "two features of one set"
                        ] -> label, [| for name in names -> name, values name shown count |> Statistics.estimate |]
                |]
                |> Charts.bars "" (Axis.Linear "neurons")
                |> Figure.captioned
                    $"Neurons of each kind at p = {shown}, of {neurons}; the rest carry more than two features or unbalanced ones. Intervals over seeds."
                [
                    for name in names ->
                        Series.OfEstimates(
                            name,
                            recipe.Densities,
                            recipe.Densities
                            |> Array.map (fun p -> values name p Count.Monosemantic |> Statistics.estimate)
                        )
                ]
                |> Charts.line (Axis.Log "density p") (Axis.Linear "monosemantic neurons")
                |> Figure.captioned
                    $"Neurons, of {neurons}, that read no second feature at a tenth of the first or more; bands are 95 %% intervals over seeds."
                Array.map2
                    (fun name encoder -> name, encoder, responding encoder |> Array.map ((=) 1))
                    names
                    (Toys.unstack tensors["encoder"])
                |> Charts.neuronBars
                |> Figure.captioned
                    $"Encoder weights at p = {shown} (best seed), each neuron scaled to a greatest weight of 1. Features 2k and 2k + 1 are a set where there are pairs."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "The absolute-value model with unequal importance and correlated features"
        Part = Part.Problems
        Answers = [ "4.2" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
