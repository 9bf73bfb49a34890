/// Two features of one neuron that are on together: where that is common, does the model spread them, or bear it?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.SimultaneousInterference

open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.16"

[<Literal>]
let private Source = "problem 4.16; a bar of our own"

type Recipe =
    {
        /// Features 0 and 1, 2 and 3, … are partners.
        Features: int
        Neurons: int
        Densities: float[]
        /// Of which the best are kept: codes on neurons have many local minima, and the paper keeps the best of a thousand.
        Instances: int
        Kept: int
        Steps: int
        BatchSize: int
        LearningRate: float
        /// For models with hidden biases, which go through autograd.
        BiasedInstances: int
        BiasedSteps: int
        Seed: int64
    }

/// Half of the notebook's batch: rows of which features depend on each other take longer to draw.
let private recipeOf scale =
    let full =
        {
            Features = 16
            Neurons = 8
            Densities = [| 0.2; 0.05; 0.02 |]
            Instances = 30
            Kept = 6
            Steps = 6_000
            BatchSize = 512
            LearningRate = 3e-3
            BiasedInstances = 6
            BiasedSteps = 5_000
            Seed = 1L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 3
            Kept = 2
            Steps = 300
            BatchSize = 256
            BiasedInstances = 2
            BiasedSteps = 100
        }
    | Daily
    | Full -> full

/// How partners are on.
type private Company =
    /// Each for itself: both with probability p².
    | Independent
    /// Both or neither: both with probability p.
    | Together

    member company.Name =
        match company with
        | Independent -> "independent"
        | Together -> "together"

/// The density that claims are made at, and that hidden biases are tried at.
[<Literal>]
let private ClaimDensity = 0.05

let private world recipe company p =
    let dependence: Dependence | null =
        match company with
        | Independent -> null
        | Together -> CorrelatedSets(Array.create (recipe.Features / 2) 2)

    Toys.dependentWorld dependence (UniformValues()) recipe.Features p recipe.Seed

/// x̂ = ReLU(U ReLU(Wᵀx) + b): neurons, so that features share something, and x itself as the target, so that sharing is all there is.
let private plain recipe company p =
    ToyModelOptions(
        Dimensions = recipe.Neurons,
        Architecture = ToyArchitecture.Computing,
        Instances = recipe.Instances,
        Initial = LiveStart.models ToyArchitecture.Computing recipe.Features recipe.Neurons recipe.Seed recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        Optimizer = Toys.annealed recipe.LearningRate
    )
    |> Toys.cell (world recipe company p)

let private withBiases =
    ToyArchitecture(Tied = false, Hidden = Activation.Relu, HiddenBias = true)

let private biased recipe company =
    ToyModelOptions(
        Dimensions = recipe.Neurons,
        Architecture = withBiases,
        Instances = recipe.BiasedInstances,
        Initial = LiveStart.models withBiases recipe.Features recipe.Neurons recipe.Seed recipe.BiasedInstances,
        Seed = recipe.Seed,
        Steps = recipe.BiasedSteps,
        BatchSize = recipe.BatchSize,
        Optimizer = Toys.annealed recipe.LearningRate
    )
    |> Toys.cell (world recipe company ClaimDensity)

/// What one model does with two features at once.
type private Pairing =
    {
        /// Mean cosine of the neurons' responses to two partners.
        Partners: float
        /// The same of two features that are no partners.
        Strangers: float
        /// Mean loss of rows with two partners on and nothing else, both uniform on [0, 1].
        PartnersLoss: float
        /// The same of rows with two features that are no partners.
        StrangersLoss: float
        /// Mean hidden bias; 0 where there are none.
        Bias: float
    }

/// Midpoints of eight equal parts of [0, 1].
let private values = [| for v in 0..7 -> (float v + 0.5) / 8.0 |]

let private rowsOf n (pairs: (int * int)[]) =
    [|
        for i, j in pairs do
            for x in values do
                for y in values ->
                    Array.init n (fun c ->
                        if c = i then x
                        elif c = j then y
                        else 0.0)
    |]
    |> array2D

let private measure (model: ToyModel) =
    let n = model.Features
    let partners = [| for i in 0..2 .. n - 2 -> i, i + 1 |]
    let strangers = [| for i in 0 .. n - 1 -> i, (i + 2) % n |]
    let R = Responses.toFeatures [ 1.0 ] model

    let cosines = Gram.transposed R |> Geometry.cosines

    let loss pairs =
        let rows = rowsOf n pairs
        let outputs = (model |> Responses.answers rows).Outputs

        (Array2D.mapi (fun r i x -> (x - outputs[r, i]) ** 2.0) rows
         |> Seq.cast<float>
         |> Seq.sum)
        / float (Array2D.length1 rows)

    {
        Partners = partners |> Array.averageBy (fun (i, j) -> cosines[i, j])
        Strangers =
            [|
                for i in 0 .. n - 1 do
                    for j in i + 1 .. n - 1 do
                        if i / 2 <> j / 2 then
                            cosines[i, j]
            |]
            |> Array.average
        PartnersLoss = loss partners
        StrangersLoss = loss strangers
        Bias =
            if model.HiddenBiases.Count = 0 then
                0.0
            else
                model.HiddenBiases[0] |> Array.averageBy float
    }

let private claims recipe (apart: Pairing[]) (together: Pairing[]) (biasedApart: Pairing[]) =
    let setting =
        $"n = {recipe.Features}, {recipe.Neurons} neurons, p = {ClaimDensity}, the best {recipe.Kept} of {recipe.Instances}"

    [
        together
        |> Array.map (fun model -> model.Partners / model.Strangers)
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.spread"
            $"Features that are always on together share neurons half as much as others, or less: ratio of the cosines of responses ({setting})."
            Source
            0.5
        Array.map2 (fun together apart -> together.PartnersLoss / apart.PartnersLoss) together apart
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.handled"
            $"On rows with two partners on, a model that always saw them together loses half of what one does that saw features independently, or less ({setting})."
            Source
            0.5
        Array.map2 (fun together apart -> together.StrangersLoss / apart.StrangersLoss) together apart
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.price"
            $"Others pay for it: on rows with two features on that are no partners, the same ratio is above 1 ({setting})."
            Source
            1.0
        biasedApart
        |> Array.map _.Bias
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.biases"
            $"Given hidden biases, models make them positive: their mean, features independent ({setting}). A neuron that is always on is linear."
            "Toy Models of Superposition, \"Superposition in a Privileged Basis\""
            0.05
    ]

let private columns =
    [|
        "company"
        "biases"
        "p"
        "seed"
        "loss"
        "partners"
        "strangers"
        "partners_loss"
        "strangers_loss"
        "bias"
    |]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let kinds =
        [|
            for company in [ Independent; Together ] do
                for p in recipe.Densities -> company, false, p
            for company in [ Independent; Together ] -> company, true, ClaimDensity
        |]

    let cells =
        kinds
        |> Array.map (fun (company, hasBias, p) ->
            if hasBias then
                biased recipe company
            else
                plain recipe company p)
        |> Toys.train Name (Some recipe.Kept) settings

    let measured =
        cells
        |> Array.map (fun cell -> cell.Instances |> Seq.toArray |> Settings.sideBySide measure)

    let table = CsvTable columns

    kinds
    |> Array.iteri (fun c (company, hasBias, p) ->
        measured[c]
        |> Array.iteri (fun seed m ->
            table.Add
                [|
                    box company.Name
                    (if hasBias then "yes" else "no")
                    p
                    seed
                    cells[c].Instances[seed].Loss
                    m.Partners
                    m.Strangers
                    m.PartnersLoss
                    m.StrangersLoss
                    m.Bias
                |]))

    let at company hasBias =
        measured[kinds |> Array.findIndex ((=) (company, hasBias, ClaimDensity))]

    settings
    |> Settings.leave
        Name
        recipe
        (claims recipe (at Independent false) (at Together false) (at Independent true))
        (fun folder -> folder.WriteCsv("pairs.csv", table))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let table = folder.Csv "pairs.csv"

    let estimate (company: Company) biases p (column: string) =
        [|
            for row in 0 .. table.Count - 1 do
                if
                    table[row, "company"] = company.Name
                    && table[row, "biases"] = biases
                    && table.Number(row, "p") = p
                then
                    table.Number(row, column)
        |]
        |> Statistics.estimate

    let series company name column =
        Series.OfEstimates(
            name,
            recipe.Densities |> Array.map (fun p -> 1.0 / p),
            recipe.Densities |> Array.map (fun p -> estimate company "no" p column)
        )

    let mean company column =
        (estimate company "no" ClaimDensity column).Mean

    let bias = (estimate Independent "yes" ClaimDensity "bias").Mean

    {
        Lead =
            $"""At p = {ClaimDensity}, features that are always on together share neurons with a cosine of {mean Together "partners":F2} against {mean Together "strangers":F2} for others (where all are independent {mean Independent "partners":F2} and {mean Independent "strangers":F2}), """
            + $"""and a row with both on costs {mean Together "partners_loss":F3} in place of {mean Independent "partners_loss":F3}. Two features on that are no partners cost {mean Together "strangers_loss":F3} in place of {mean Independent "strangers_loss":F3}. """
            + $"Given hidden biases, models of independent features set them to {bias:F2} on average."
        Figures =
            [
                Charts.line
                    (Axis.Log "1/p")
                    (Axis.Linear "cosine of responses")
                    [
                        series Together "partners, always together" "partners"
                        series Together "others, in the same models" "strangers"
                        series Independent "any two, all independent" "strangers"
                    ]
                |> Figure.captioned
                    "How much two features share neurons, as features get sparser. Means over the best seeds with 95 % intervals."
                Charts.line
                    (Axis.Log "1/p")
                    (Axis.Linear "loss of a row with two features on")
                    [
                        series Together "partners, always together" "partners_loss"
                        series Together "others, in the same models" "strangers_loss"
                        series Independent "any two, all independent" "strangers_loss"
                    ]
                |> Figure.captioned
                    "What a row with just two features on costs, both uniform on [0, 1]. Every model is asked about the same rows."
            ]
        Tables = []
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Two features of a neuron on at once"
        Part = Part.Problems
        Answers = [ "4.16" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
