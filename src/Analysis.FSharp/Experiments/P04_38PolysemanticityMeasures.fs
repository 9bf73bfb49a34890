/// Which measure of a neuron's polysemanticity says the truth where the truth is known, through noise, thresholds and rotations?
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.PolysemanticityMeasures

open System
open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "P4.38"

[<Literal>]
let private Source = "problem 4.38; a bar of our own"

type Recipe =
    {
        /// Of the constructed layers: features, neurons, features of a neuron from 1 to Most, and the noise on every response.
        Features: int
        Neurons: int
        Most: int
        Noise: float[]
        Layers: int
        /// Rows that strongest examples and labelled responses are taken from, and their density.
        Rows: int
        Density: float
        /// Of the trained layers of |x|.
        TrainedFeatures: int
        TrainedNeurons: int
        Densities: float[]
        Instances: int
        Steps: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Features = 100
            Neurons = 64
            Most = 8
            Noise = [| 0.0; 0.01; 0.03; 0.1 |]
            Layers = 10
            Rows = 4_096
            Density = 0.02
            TrainedFeatures = 40
            TrainedNeurons = 16
            Densities = [| 1.0; 0.3; 0.1; 0.03; 0.01 |]
            Instances = 4
            Steps = 6_000
            // Layers of seed 1 gave the idea of measuring above the noise; these judge it.
            Seed = 2L
        }

    match scale with
    | Quick ->
        { full with
            Layers = 2
            Rows = 1_024
            Instances = 1
            Steps = 300
        }
    | Daily
    | Full -> full

/// A layer whose neuron u answers to 1 + u mod Most features, with strengths uniform on [0.3, 1]; and the noise |N(0, σ)| on top
/// of every response, as a finite sample or a small weight leaves it. With how many features each was given.
let private constructed recipe (noise: float) layer (rows: float[,]) (carried: int[][]) =
    let random = Random(1_000 * int recipe.Seed + layer)
    let n, units = recipe.Features, recipe.Neurons

    let given = Array.init units (fun u -> 1 + u % recipe.Most)
    let R = Array2D.zeroCreate<float> units n

    for u in 0 .. units - 1 do
        let features = [| 0 .. n - 1 |]
        random.Shuffle features

        for f in Array.truncate given[u] features do
            R[u, f] <- 0.3 + 0.7 * random.NextDouble()

    let noisy = R |> Array2D.map (fun r -> abs (r + noise * Statistics.normal random))

    given,
    {
        Responses = noisy
        Directions = Gram.transposed noisy
        Activations = Gram.between rows noisy
        Carried = carried
    }

/// [measures] Spearman's ρ with the number of features that each neuron was given, and the share of the neurons of one feature that
/// have more than 0.999 of their response on it.
let private ranked recipe noise rows carried layer =
    let given, seen = constructed recipe noise layer rows carried
    let truth = given |> Array.map float
    let shares = Polysemanticity.share seen.Responses
    let single = Array.zip given shares |> Array.filter (fun (given, _) -> given = 1)

    NeuronMeasures.all
    |> Array.map (fun (_, measure) ->
        match Statistics.spearman truth (measure seen) with
        | rho when Double.IsNaN rho -> 0.0
        | rho -> rho),
    float (
        single
        |> Array.filter (fun (_, share) -> share > Polysemanticity.MonosemanticShare)
        |> Array.length
    )
    / float single.Length

/// [measures] Means over a layer of one neuron a feature, and over the same layer turned at random.
let private turned recipe layer =
    let n = recipe.TrainedFeatures
    let world = Toys.world n recipe.Density (recipe.Seed + 2L)
    let rows = Toys.rows recipe.Rows world

    let means (R: float[,]) =
        let seen =
            {
                Responses = Array2D.map abs R
                Directions = Gram.transposed R
                Activations = Gram.between rows R
                Carried = NeuronMeasures.carried rows
            }

        NeuronMeasures.all
        |> Array.map (fun (_, measure) -> measure seen |> Array.average)

    means (Array2D.init n n (fun u i -> if u = i then 1.0 else 0.0)),
    means (Alignment.rotation (int recipe.Seed + layer) n)

let private worldOf recipe p seed =
    Toys.signedWorld recipe.TrainedFeatures p seed

let private cell recipe p =
    ToyModelOptions(
        Dimensions = recipe.TrainedNeurons,
        Architecture = ToyArchitecture.Computing,
        Target = Target(Function = TargetFunction.Absolute),
        Importance = PerFeature.Powers 0.9,
        Instances = recipe.Instances,
        Initial =
            LiveStart.models
                ToyArchitecture.Computing
                recipe.TrainedFeatures
                recipe.TrainedNeurons
                recipe.Seed
                recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps
    )
    |> Toys.cell (worldOf recipe p recipe.Seed)

/// What is known of a trained layer: its responses to single features, or what labelled rows give in their place.
let private seen recipe p (model: ToyModel) =
    let rowsOf seed =
        worldOf recipe p seed |> Toys.rows recipe.Rows

    let activations rows =
        (model |> Responses.answers rows).Hidden

    let rows, others = rowsOf (recipe.Seed + 3L), rowsOf (recipe.Seed + 4L)

    {
        Responses = Responses.toFeatures [ 1.0; -1.0 ] model
        Directions = Toys.weights model
        Activations = activations rows
        Carried = NeuronMeasures.carried rows
    },
    (let a, labels = activations others, NeuronMeasures.carried others
     let responses = (Polysemanticity.ofLabels recipe.TrainedFeatures a labels).Responses

     {
         Responses = responses
         Directions = Gram.transposed responses
         Activations = a
         Carried = labels
     })

let private claims recipe (byNoise: (float[] * float)[][]) (turned: (float[] * float[])[]) =
    let at noise = Array.IndexOf(recipe.Noise, noise)

    let place name =
        NeuronMeasures.all |> Array.findIndex (fun (other, _) -> other = name)

    let participation = place NeuronMeasures.Participation

    /// Mean over the noises, of a layer.
    let overall measure layer =
        byNoise |> Array.averageBy (fun layers -> (fst layers[layer])[measure])

    /// By how much a measure leads the best of the others, but for those left out.
    let lead name without =
        Array.init recipe.Layers (fun layer ->
            NeuronMeasures.all
            |> Array.indexed
            |> Array.filter (fun (_, (other, _)) -> other <> name && not (List.contains other without))
            |> Array.map (fun (measure, _) -> overall measure layer)
            |> Array.max
            |> fun best -> overall (place name) layer - best)
        |> Statistics.estimate

    [
        byNoise[at 0.03]
        |> Array.map (fun (rho, _) -> rho[participation])
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.rank"
            $"The participation ratio ranks neurons by how many of {recipe.Features} features they were given: Spearman's ρ, noise of 0.03 on every response."
            Source
            0.9
        lead NeuronMeasures.Participation [ NeuronMeasures.AboveNoise ]
        |> Verdicts.atLeast
            $"{Name}.best"
            $"None of the known measures ranks them better: ρ of the participation ratio less that of the best other, means over noises from 0 to {Array.last recipe.Noise}."
            Source
            0.0
        lead NeuronMeasures.AboveNoise []
        |> Verdicts.atLeast
            $"{Name}.above-noise"
            $"The participation ratio of what stands three deviations above the noise ranks them best of all (the same means; the idea came from layers of another seed)."
            Source
            0.0
        byNoise[at 0.01]
        |> Array.map snd
        |> Statistics.estimate
        |> Verdicts.atMost
            $"{Name}.share-bar"
            $"A share of 0.999 is no bar for responses with noise: at 0.01, half or fewer of the neurons of one feature pass it."
            Source
            0.5
        turned
        |> Array.map (fun (_, after) -> after[place NeuronMeasures.Capacity])
        |> Statistics.estimate
        |> Verdicts.near
            $"{Name}.capacity-blind"
            $"Dᵢ measures superposition and not polysemanticity: a layer of one neuron a feature, turned at random, still has 1/Dᵢ = 1 ({recipe.TrainedFeatures} neurons)."
            Source
            1.0
            0.01
        turned
        |> Array.map (fun (_, after) -> after[participation])
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.rotation-seen"
            $"The participation ratio sees the turn: 5 features a neuron or more, from 1."
            Source
            5.0
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let rows =
        Toys.world recipe.Features recipe.Density recipe.Seed |> Toys.rows recipe.Rows

    let labels = NeuronMeasures.carried rows
    let layers = [| 0 .. recipe.Layers - 1 |]

    let byNoise =
        recipe.Noise
        |> Array.map (fun noise -> layers |> Settings.sideBySide (ranked recipe noise rows labels))

    let turned = layers |> Array.map (turned recipe)

    let cells =
        recipe.Densities |> Array.map (cell recipe) |> Toys.train Name None settings

    let trained =
        Array.map2
            (fun p (cell: ToyModelCell) -> cell.Instances |> Seq.toArray |> Settings.sideBySide (seen recipe p))
            recipe.Densities
            cells

    let table = CsvTable [| "measure"; "noise"; "layer"; "rho" |]
    let turns = CsvTable [| "measure"; "before"; "after"; "layer" |]
    let means = CsvTable [| "measure"; "p"; "seed"; "mean"; "repeat" |]

    NeuronMeasures.all
    |> Array.iteri (fun m (name, measure) ->
        for t in 0 .. recipe.Noise.Length - 1 do
            for layer in layers do
                table.Add [| box name; recipe.Noise[t]; layer; (fst byNoise[t].[layer])[m] |]

        for layer in layers do
            turns.Add [| box name; (fst turned[layer])[m]; (snd turned[layer])[m]; layer |]

        for t in 0 .. recipe.Densities.Length - 1 do
            trained[t]
            |> Array.iteri (fun seed (single, labelled) ->
                let values = measure single

                means.Add
                    [|
                        box name
                        recipe.Densities[t]
                        seed
                        Array.average values
                        Statistics.spearman values (measure labelled)
                    |]))

    /// [measures] of every trained neuron
    let pooled =
        NeuronMeasures.all
        |> Array.map (fun (_, measure) -> trained |> Array.collect (Array.collect (fst >> measure)))

    let agreement =
        Array2D.init NeuronMeasures.all.Length NeuronMeasures.all.Length (fun a b ->
            Statistics.spearman pooled[a] pooled[b])

    settings
    |> Settings.leave Name recipe (claims recipe byNoise turned) (fun folder ->
        folder.WriteCsv("constructed.csv", table)
        folder.WriteCsv("turned.csv", turns)
        folder.WriteCsv("trained.csv", means)
        folder.WriteSafetensors("agreement.safetensors", dict [ "agreement", StoredArray.Of agreement ]))

/// As many as have colours of their own; selectivity ranks as the share does, but for rounding.
let private drawn =
    NeuronMeasures.names
    |> Array.filter (fun name -> name <> "1 − selectivity" && name <> "responding at a tenth")

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder

    let table, turns, means =
        folder.Csv "constructed.csv", folder.Csv "turned.csv", folder.Csv "trained.csv"

    let agreement =
        (folder.Safetensors "agreement.safetensors").["agreement"].ToDoubles()

    let numbers (table: CsvTable) (column: string) holds =
        [|
            for row in 0 .. table.Count - 1 do
                if holds row && Double.IsFinite(table.Number(row, column)) then
                    table.Number(row, column)
        |]

    let rho name noise =
        numbers table "rho" (fun row -> table[row, "measure"] = name && table.Number(row, "noise") = noise)
        |> Statistics.estimate

    let overall name =
        recipe.Noise |> Array.averageBy (fun noise -> (rho name noise).Mean)

    let average table column name =
        match numbers table column (fun row -> table[row, "measure"] = name) with
        | [||] -> nan
        | values -> Array.average values

    let best = NeuronMeasures.names |> Array.maxBy overall
    let after = average turns "after"
    let most = Array.last recipe.Noise

    {
        Lead =
            $"Where it is known how many features a neuron has, {best} ranks neurons best (ρ = {overall best:F2} on average over noise from 0 to {Array.last recipe.Noise}). "
            + $"A layer of one neuron a feature, turned at random, has a participation ratio of {after NeuronMeasures.Participation:F1} and 1/Dᵢ = {after NeuronMeasures.Capacity:F2}: polysemantic without superposition. "
            + $"The participation ratio says a number of features without a threshold, with ρ = {(rho NeuronMeasures.Participation 0.03).Mean:F2} at a noise of 0.03 and {(rho NeuronMeasures.Participation most).Mean:F2} at {most}; above the noise it has {(rho NeuronMeasures.AboveNoise 0.03).Mean:F2} and {(rho NeuronMeasures.AboveNoise most).Mean:F2}, but takes the turned layer for noise ({after NeuronMeasures.AboveNoise:F1} features). Report the ratio itself, beside Dᵢ, which tells of superposition alone."
        Figures =
            [
                Charts.line
                    (Axis.Linear "noise on every response")
                    (Axis.Linear "Spearman's ρ with the truth")
                    [
                        for name in drawn ->
                            Series.Of(
                                name,
                                recipe.Noise,
                                recipe.Noise |> Array.map (fun noise -> (rho name noise).Mean)
                            )
                    ]
                |> Figure.captioned
                    $"How well each measure ranks {recipe.Neurons} neurons by the 1 to {recipe.Most} features that they were given, of {recipe.Features}. Means over {recipe.Layers} constructed layers."
                Array2D.init NeuronMeasures.names.Length NeuronMeasures.names.Length (fun a b ->
                    agreement[a * NeuronMeasures.names.Length + b])
                |> Charts.heat "Spearman's ρ" ("measure", NeuronMeasures.names) ("measure", NeuronMeasures.names)
                |> Figure.captioned
                    $"Which measures agree on the neurons of trained layers: |x| of {recipe.TrainedFeatures} features in {recipe.TrainedNeurons} neurons, p from {Array.last recipe.Densities} to {Array.head recipe.Densities}."
            ]
        Tables =
            [
                {
                    Caption =
                        "ρ with the truth at the least and the greatest noise; means over a layer of one neuron a feature, turned at random; and in trained layers ρ of what single features say with what labelled rows say."
                    Columns =
                        [|
                            "Measure"
                            "ρ without noise"
                            $"ρ at {Array.last recipe.Noise}"
                            "Turned, from 1 feature"
                            "ρ of labelled rows"
                        |]
                    IsNumber = [| false; true; true; true; true |]
                    Rows =
                        [|
                            for name in NeuronMeasures.names ->
                                [|
                                    name
                                    $"{(rho name recipe.Noise[0]).Mean:F2}"
                                    $"{(rho name (Array.last recipe.Noise)).Mean:F2}"
                                    $"{after name:F2}"
                                    $"""{average means "repeat" name:F2}"""
                                |]
                        |]
                }
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Which measure of polysemanticity?"
        Part = Part.Problems
        Answers = [ "4.38" ]
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
