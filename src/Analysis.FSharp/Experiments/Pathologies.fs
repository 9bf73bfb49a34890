/// How sparse autoencoders go wrong where features come together: they hedge, absorb and merge them.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Pathologies

open System
open Deedle
open Microsoft.ML
open Superposition
open Superposition.Activations
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Autoencoders
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels
open Superposition.Training

[<Literal>]
let private Name = "pathologies"

[<Literal>]
let private OfHedging =
    "Chanin et al. 2025, arXiv 2505.11756; angles derived in Oracles/HedgingAngle"

[<Literal>]
let private OfAbsorption =
    "Chanin et al. 2024, arXiv 2409.14507, toy of four features"

[<Literal>]
let private OfMerging = "MAIS-A3, proposition 3.1"

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        /// d, in which features are orthogonal.
        Dimensions: int
        Seeds: int
        Samples: int64
        BatchSize: int
        LearningRate: float
        /// λ of hedging, and of absorption and merging, in this order.
        Prices: float[]
        /// The parent of all, and its children: how often each is on.
        Parent: float
        Child: float
        /// P(child | parent) of the pair that is hedged and of the one that is merged.
        HedgedShare: float
        MergedShare: float
    }

let private recipeOf scale =
    let full =
        {
            Dimensions = 50
            Seeds = 5
            Samples = 20_000_000L
            BatchSize = 4096
            LearningRate = 1e-3
            Prices = [| 1e-3; 0.03; 0.03 |]
            Parent = 0.25
            Child = 0.05
            HedgedShare = 0.2
            MergedShare = 0.5
        }

    match scale with
    | Quick ->
        { full with
            Seeds = 1
            Samples = 400_000L
            LearningRate = 1e-2
        }
    | Daily ->
        { full with
            Seeds = 3
            Samples = 2_000_000L
            LearningRate = 5e-3
        }
    | Full -> full

/// [n, d] orthonormal directions that follow from a seed.
let private directions (n: int) (d: int) (seed: int) : float[,] =
    let rows = Matching.random seed n d

    for i in 0 .. n - 1 do
        for before in 0 .. i - 1 do
            let along = Seq.sum (seq { for c in 0 .. d - 1 -> rows[i, c] * rows[before, c] })

            for c in 0 .. d - 1 do
                rows[i, c] <- rows[i, c] - along * rows[before, c]

        let norm = sqrt (Seq.sum (seq { for c in 0 .. d - 1 -> rows[i, c] * rows[i, c] }))

        for c in 0 .. d - 1 do
            rows[i, c] <- rows[i, c] / norm

    rows

/// Binary features with parents (−1 for none), on so often, as activations in orthogonal directions; the directions beside them.
let private nested (recipe: Recipe) (seed: int) (parents: int[]) (densities: float[]) =
    let truth = directions parents.Length recipe.Dimensions seed

    let world =
        SparseFeatureOptions(
            Features = parents.Length,
            Density = PerFeature.Of densities,
            Values = BinaryValues(),
            Dependence = NestedFeatures parents,
            Rows = Toys.Rows,
            Seed = int64 seed
        )

    let embedding =
        ToyModel(Array2D.map float32 truth, Array.zeroCreate parents.Length, nan)

    embedding.ToTransformer("Activations", "Features").Transform(MLContext().Data.SparseFeatures world), truth

let private train (settings: RunSettings) (recipe: Recipe) stage (view: IDataView) (options: SparseAutoencoderOptions) =
    let trained =
        SparseAutoencoderSet.Train(
            view,
            "Activations",
            [|
                options.Watched(Settings.stage $"pathologies, {stage}" settings, settings.Cancellation)
            |]
        )

    trained[0].Autoencoder

let private adam (recipe: Recipe) =
    AdamWOptions(LearningRate = recipe.LearningRate, Schedule = LearningRateSchedule(Decay = LearningRateDecay.Linear))

let private l1
    (recipe: Recipe)
    (latents: int)
    (price: float)
    (tied: bool)
    (biases: Biases)
    (norm: DecoderNorm)
    (seed: int)
    =
    L1Options(
        Latents = latents,
        Seed = int64 seed,
        Samples = recipe.Samples,
        BatchSize = recipe.BatchSize,
        Optimizer = adam recipe,
        Coefficient = price,
        Tied = tied,
        Biases = biases,
        DecoderNorm = norm,
        StartAtDataMean = false
    )

let private decoder (autoencoder: SparseAutoencoder) = Array2D.map float autoencoder.Decoder

/// Degrees by which the only latent leans from the parent to the child. A latent that begins away from both never fires and learns nothing:
/// then another start is drawn.
let rec private hedgingAngle settings recipe biases seed =
    let view, truth =
        nested recipe seed [| -1; 0 |] [| recipe.Parent; recipe.Parent * recipe.HedgedShare |]

    let options = l1 recipe 1 recipe.Prices[0] true biases DecoderNorm.Unit seed
    let trained = train settings recipe $"hedging, {biases}, seed {seed}" view options
    let cosine = (Matching.cosines Signed truth (decoder trained))[0, 0]

    if cosine < 0.0 then
        hedgingAngle settings recipe biases (seed + 1000)
    else
        (Hedging.angles truth (decoder trained) [| 0 |])[0, 1] * 180.0 / Math.PI

/// Four features, the second on only with the first: what a latent of each makes of them.
type private FourFeatures =
    {
        /// Share of rows with both on, on which the parent's latent is silent.
        Absorbed: float
        /// cos of the child's latent with parent + child.
        ChildWithBoth: float
        /// cos of the parent's encoder with the child.
        EncoderOnChild: float
    }

let private parentsOfFour = [| -1; 0; -1; -1 |]

let private absorb settings (recipe: Recipe) stage (options: SparseAutoencoderOptions) seed =
    let view, truth =
        nested recipe seed parentsOfFour [| recipe.Parent; recipe.Child; recipe.Child; recipe.Child |]

    let trained = train settings recipe $"absorption, {stage}, seed {seed}" view options
    let found = decoder trained
    let cosines = Matching.cosines Signed truth found
    // The parent's latent is the one that tells of it alone; the child's the best of the others for the child.
    let latents = trained.Latents
    let only = Array2D.init 1 recipe.Dimensions (fun _ c -> float32 truth[0, c])

    let both =
        Array2D.init 1 recipe.Dimensions (fun _ c -> float32 (truth[0, c] + truth[1, c]))

    let codes rows =
        let codes = Array.zeroCreate<float> latents

        SparseAutoencoderEvaluation.Of(
            trained,
            ActivationView.Of rows,
            "Activations",
            1L,
            observe =
                LatentsOfRow(fun _ on values ->
                    for c in 0 .. on.Length - 1 do
                        codes[on[c]] <- float values[c])
        )
        |> ignore

        codes

    let alone, together = codes only, codes both

    let parent =
        [| 0 .. latents - 1 |]
        |> Array.maxBy (fun j -> alone[j] * max 0.0 cosines[0, j])

    let child =
        [| 0 .. latents - 1 |]
        |> Array.except [ parent ]
        |> Array.maxBy (fun j -> cosines[1, j])

    let cosine (a: int -> float) (b: int -> float) =
        let sum f =
            Seq.sum (seq { for c in 0 .. recipe.Dimensions - 1 -> f c })

        sum (fun c -> a c * b c)
        / sqrt (sum (fun c -> a c * a c) * sum (fun c -> b c * b c))

    {
        Absorbed = if together[parent] < 0.5 * alone[parent] then 1.0 else 0.0
        ChildWithBoth = cosine (fun c -> found[child, c]) (fun c -> float both[0, c])
        EncoderOnChild = cosine (fun c -> float trained.Encoder[c, parent]) (fun c -> truth[1, c])
    }

let private absorbL1 settings recipe seed =
    absorb settings recipe "L1" (l1 recipe 4 recipe.Prices[1] false Biases.Both DecoderNorm.Free seed) seed

/// A level of its own for the parent: the first latent must reconstruct alone.
let private absorbMatryoshka settings (recipe: Recipe) seed =
    let options =
        MatryoshkaOptions(
            Latents = 4,
            Seed = int64 seed,
            Samples = recipe.Samples,
            BatchSize = recipe.BatchSize,
            Optimizer = adam recipe,
            K = recipe.Parent + 3.0 * recipe.Child,
            Widths = [| 1; 4 |],
            StartAtDataMean = false
        )

    absorb settings recipe "Matryoshka" options seed

/// How many of two latents merge the pair: v₁ is always on, v₂ with it half of the time.
let private merge settings (recipe: Recipe) seed =
    let view, truth = nested recipe seed [| -1; 0 |] [| 1.0; recipe.MergedShare |]
    // Without biases: b_dec would take what is always on.
    let options = l1 recipe 2 recipe.Prices[2] false Biases.None DecoderNorm.Free seed
    let trained = train settings recipe $"merging, seed {seed}" view options
    let found = decoder trained

    let merges =
        (Splitting.measure Splitting.defaults truth found [| true; true |]).Merges

    let cosines = Matching.cosines Signed truth found

    let cosineWithBoth j =
        (cosines[0, j] + cosines[1, j]) / sqrt 2.0

    float merges.Length, Seq.max (seq { for j in 0..1 -> cosineWithBoth j })

let private columns =
    [|
        "seed"
        "hedging"
        "hedging_bias"
        "absorbed_l1"
        "child_with_both_l1"
        "encoder_on_child_l1"
        "absorbed_matryoshka"
        "merges"
        "cosine_with_both"
    |]

let private claims (recipe: Recipe) (table: CsvTable) =
    let over column =
        table.Numbers column |> Array.ofSeq |> Statistics.estimate

    let both = recipe.Parent * recipe.HedgedShare
    let degrees angle = angle * 180.0 / Math.PI
    let alone = degrees (HedgingAngle.withoutBias both (recipe.Parent - both) 0.0)
    let withBias = degrees (HedgingAngle.withBias both (recipe.Parent - both) 0.0)

    [
        over "hedging"
        |> Verdicts.near
            $"{Name}.hedging"
            "The only latent of a parent and its child, tied, of norm 1, without biases, leans towards the child: degrees."
            OfHedging
            alone
            0.3
        over "hedging_bias"
        |> Verdicts.near $"{Name}.hedging-bias" "The same with a free b_dec." OfHedging withBias 0.3
        over "absorbed_l1"
        |> Verdicts.atLeast
            $"{Name}.absorption"
            "L1 with a latent a feature: the parent's latent is silent where its child is on (share of seeds)."
            OfAbsorption
            1.0
        over "encoder_on_child_l1"
        |> Verdicts.atMost
            $"{Name}.absorption-encoder"
            "The encoder of the parent's latent points away from the child: cosine."
            OfAbsorption
            -0.3
        over "child_with_both_l1"
        |> Verdicts.atLeast
            $"{Name}.absorption-child"
            "The decoder of the child's latent is parent + child: cosine."
            OfAbsorption
            0.95
        Array.map2 (-) (table.Numbers "absorbed_l1" |> Array.ofSeq) (table.Numbers "absorbed_matryoshka" |> Array.ofSeq)
        |> Statistics.estimate
        |> Verdicts.atLeast
            $"{Name}.matryoshka-lessens"
            "Matryoshka, the parent's latent a level of its own, absorbs less: share of seeds, L1 less Matryoshka."
            OfAbsorption
            0.5
        over "cosine_with_both"
        |> Verdicts.atLeast
            $"{Name}.merging"
            $"v₁ always on and v₂ half of the time: L1 learns the bisector, for which activity is {MergedPair.ofMerged 0.0 recipe.MergedShare (Math.PI / 2.0):F3}, not v₂, for which it is {MergedPair.ofTruth 0.0 recipe.MergedShare (Math.PI / 2.0):F3}: cosine of the nearest latent with v₁ + v₂."
            OfMerging
            0.95
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let rows =
        [| 1 .. recipe.Seeds |]
        |> Settings.sideBySide (fun seed ->
            let l1 = absorbL1 settings recipe seed
            let matryoshka = absorbMatryoshka settings recipe seed
            let merges, cosine = merge settings recipe seed

            [|
                box seed
                hedgingAngle settings recipe Biases.None seed
                hedgingAngle settings recipe Biases.Decoder seed
                l1.Absorbed
                l1.ChildWithBoth
                l1.EncoderOnChild
                matryoshka.Absorbed
                merges
                cosine
            |])

    let table = CsvTable columns

    for row in rows do
        table.Add row

    settings
    |> Settings.leave Name recipe (claims recipe table) (fun folder -> folder.WriteCsv("measures.csv", table))

let private finding (folder: RunFolder) : Finding =
    let table = folder.Csv "measures.csv"
    let mean column = table.Numbers column |> Seq.average

    {
        Lead =
            $"""A latent for two features leans {mean "hedging":F1}° towards the child, {mean "hedging_bias":F1}° with a bias; L1 keeps the parent's latent silent where its child is on in {mean "absorbed_l1":P0} of seeds, Matryoshka in {mean "absorbed_matryoshka":P0}."""
        Figures = []
        Tables =
            [
                Frame.ofRows
                    [
                        for r in 0 .. table.Count - 1 ->
                            r,
                            series
                                [
                                    "Seed", box (table.Number(r, "seed"))
                                    "Hedging", box (table.Number(r, "hedging"))
                                    "With b_dec", box (table.Number(r, "hedging_bias"))
                                    "Absorbed, L1", box (table.Number(r, "absorbed_l1"))
                                    "Absorbed, Matryoshka", box (table.Number(r, "absorbed_matryoshka"))
                                    "cos(child, both)", box (table.Number(r, "child_with_both_l1"))
                                    "cos(encoder, child)", box (table.Number(r, "encoder_on_child_l1"))
                                    "cos(merged, v₁ + v₂)", box (table.Number(r, "cosine_with_both"))
                                ]
                    ]
                |> Table.ofFrame
                    "What each seed came to: degrees; whether the parent was absorbed; cosines of the child's decoder with parent + child, of the parent's encoder with the child, of the merged latent with v₁ + v₂."
                    10
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Hedging, absorption, merging"
        Part = Part.Dictionaries
        Answers = []
        IsLong = false
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
