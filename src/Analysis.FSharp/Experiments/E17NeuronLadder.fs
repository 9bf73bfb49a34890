/// Superposition in a privileged basis: ten features in five neurons, and the ladder of codes they climb as they grow sparse.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.NeuronLadder

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E17"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Superposition in a Privileged Basis\""

let private features, neurons = 10, 5

/// A rung of the paper's ladder, read from its figure: so many neurons of one feature, and so many features in the others.
type private Rung =
    {
        Density: float
        Monosemantic: int
        /// None where the paper says only that every feature is a pair of neurons.
        Shared: int option
    }

let private rungs =
    let rung p monosemantic shared =
        {
            Density = p
            Monosemantic = monosemantic
            Shared = shared
        }

    [|
        rung 0.75 5 (Some 0)
        rung 0.35 3 (Some 3)
        rung 0.15 2 (Some 5)
        rung 0.12 1 (Some 6)
        rung 0.06 0 (Some 8)
        rung 0.04 0 None
    |]

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
            Densities = rungs |> Array.map _.Density
            Instances = 1_000
            Steps = 10_000
            Seed = 17L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 8
            Steps = 2_000
        }
    | Daily
    | Full -> full

let private cell recipe (p: float) =
    ToyModelOptions(
        Dimensions = neurons,
        Architecture = ToyArchitecture.ReluHidden,
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Importance = PerFeature.Powers 0.75,
        Steps = recipe.Steps,
        HistoryEvery = recipe.Steps
    )
    |> Toys.cell (Toys.world features p recipe.Seed)

/// A number of the best of so many models, for which there is no interval.
let private ofBest (count: int) = Statistics.estimate [| float count |]

let private claimsOf recipe (rung: Rung) (code: NeuronCode) =
    let at =
        $"n = {features}, m = {neurons}, I = 0.75ⁱ, p = {rung.Density}, best of {recipe.Instances:N0}"

    let id part = $"{Name}.{part}-{rung.Density}"

    [
        ofBest code.Monosemantic
        |> Verdicts.near
            (id "monosemantic")
            $"{rung.Monosemantic} of the {neurons} neurons are monosemantic ({at})."
            Source
            (float rung.Monosemantic)
            0.0
        match rung.Shared with
        | Some shared ->
            ofBest code.Shared.Length
            |> Verdicts.near
                (id "shared")
                $"{shared} features share the other {neurons - rung.Monosemantic} neurons ({at})."
                Source
                (float shared)
                0.0
        | None ->
            ofBest (code.Carriers |> Array.filter ((=) 2) |> Array.length)
            |> Verdicts.near
                (id "pairs")
                $"Every feature is a pair of neurons (features that exactly two neurons carry; {at})."
                Source
                (float features)
                0.0
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells =
        recipe.Densities |> Array.map (cell recipe) |> Toys.train Name None settings

    let best = cells |> Array.map (_.Best >> Toys.weights)

    let losses =
        cells |> Array.map (fun cell -> cell.Instances |> Seq.map _.Loss |> Seq.toArray)

    let tensors =
        dict
            [
                "density", Toys.vector recipe.Densities
                "W", Toys.stack best
                for p, losses in Array.zip recipe.Densities losses do
                    $"loss-{p}", Toys.vector losses
            ]

    let claims =
        Array.map2 (fun rung W -> claimsOf recipe rung (NeuronCode.ofTied W)) rungs best
        |> List.concat

    settings
    |> Settings.leave Name recipe claims (fun folder -> folder.WriteSafetensors("ladder.safetensors", tensors))

/// Seeds that a best is taken of, up to half of those trained: above that the best known is part of nearly every draw.
let private counts (trained: int) =
    [| 1; 2; 5; 10; 20; 50; 100; 200; 500 |]
    |> Array.filter (fun k -> k <= max 1 (trained / 2))

let private excess (losses: float[]) (k: int) =
    Statistics.expectedMinimum k losses / Array.min losses - 1.0

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let tensors = folder.Safetensors "ladder.safetensors"
    let p = recipe.Densities
    let models = Toys.unstack tensors["W"]
    let codes = models |> Array.map NeuronCode.ofTied
    let losses = p |> Array.map (fun p -> tensors[$"loss-{p}"].ToDoubles())

    let asInThePaper =
        Array.map2
            (fun (rung: Rung) (code: NeuronCode) ->
                code.Monosemantic = rung.Monosemantic
                && (match rung.Shared with
                    | Some shared -> code.Shared.Length = shared
                    | None -> code.Carriers |> Array.forall ((=) 2)))
            rungs
            codes
        |> Array.filter id
        |> Array.length

    let first, last = codes[0], Array.last codes
    let k = counts recipe.Instances |> Array.filter (fun k -> k <= 10) |> Array.last
    let worst = losses |> Array.map (fun losses -> excess losses k) |> Array.max

    {
        Lead =
            $"Of five neurons {first.Monosemantic} are monosemantic at p = {p[0]} and {last.Monosemantic} at p = {Array.last p}, where "
            + $"{last.Represented} of ten features are represented. {asInThePaper} of {p.Length} rungs are as the paper's figure has them. "
            + $"The best of {k} is on average up to {worst:P0} worse than the best of {recipe.Instances:N0}, which is why so many are trained."
        Figures =
            [
                Array.map2 (fun p -> Toys.tiedPanel $"p = {p}") p models
                |> Charts.neuronBars
                |> Figure.captioned
                    "Positive weights of the best model at each density, a stack a neuron, a box a feature: the sparser the features, the fewer neurons speak for one alone."
                [
                    for p, losses in Array.zip p losses do
                        let k = counts losses.Length
                        Series.Of($"p = {p}", Array.map float k, Array.map (excess losses) k)
                ]
                |> Charts.line (Axis.Log "k, models trained") (Axis.Log "excess over the best of all")
                |> Figure.captioned
                    $"How much worse the best of k models is than the best of all {recipe.Instances:N0}, as a share of its loss, on average over draws of k."
            ]
        Tables =
            [
                {
                    Caption =
                        "The code of the best model: its neurons by kind, the features that have no monosemantic neuron, and the features that exactly two neurons carry. A neuron carries what has at least half of its greatest weight. In brackets the paper's."
                    Columns =
                        [|
                            "p"
                            "Monosemantic"
                            "Polysemantic"
                            "Shared features"
                            "On two neurons"
                            "Loss"
                            "Within 1 % of it"
                        |]
                    IsNumber = Array.create 7 true
                    Rows =
                        Array.map3
                            (fun (rung: Rung) (code: NeuronCode) (losses: float[]) ->
                                let best = Array.min losses
                                let near = losses |> Array.filter (fun loss -> loss <= 1.01 * best)
                                let expected = rung.Shared |> Option.map string |> Option.defaultValue "10"

                                [|
                                    string rung.Density
                                    $"{code.Monosemantic} ({rung.Monosemantic})"
                                    $"{code.Polysemantic} ({neurons - rung.Monosemantic})"
                                    $"{code.Shared.Length} ({expected})"
                                    string (code.Carriers |> Array.filter ((=) 2) |> Array.length)
                                    Html.number best
                                    $"{near.Length} of {losses.Length}"
                                |])
                            rungs
                            codes
                            losses
                }
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Ten features in five neurons"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
