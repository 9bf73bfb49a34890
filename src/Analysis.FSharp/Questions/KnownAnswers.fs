namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// Small worlds where the answer to a question about neurons and dictionaries is known, and what the question says of them:
/// seed → p. Each comes in two kinds, with nothing to find and with something.
[<RequireQualifiedAccess>]
module KnownAnswers =
    /// Draws of each null: with 99, p ≤ 0.05 is exactly five in a hundred.
    [<Literal>]
    let Draws = 99

    /// The randomness of a world, and the seed of the question asked of it: streams of Random are linear in their seeds, and seeds a constant
    /// apart would tie the two together.
    let private apart (seed: int) =
        let random = Random seed
        struct (Random(random.Next()), random.Next())

    let private gaussians (random: Random) rows columns =
        Array2D.init rows columns (fun _ _ -> Statistics.normal random)

    /// Positions of a story; there are 20 stories.
    [<Literal>]
    let StoryLength = 32

    /// Labels and neurons of stories. A label, one of 12, the first 12 times as common as the last, stays on at two positions of three; each of 6
    /// neurons has a level of its own in each story, about which it wanders slowly, and knows no labels. The first so many neurons do: neuron j is 1 ± 0.3
    /// at label j + 2, and elsewhere a tenth of what it was.
    let stories (answering: int) (random: Random) : struct (float[,] * int[]) =
        let n = 20 * StoryLength

        let draw () =
            let mutable left, label = random.NextDouble() * 3.1032, 0 // The twelfth harmonic number.

            while left > 1.0 / float (label + 1) && label < 11 do
                left <- left - 1.0 / float (label + 1)
                label <- label + 1

            label

        let labels = Array.zeroCreate n
        let activations = Array2D.zeroCreate n 6

        for s in 0 .. n - 1 do
            let starts = s % StoryLength = 0

            labels[s] <-
                if starts || random.NextDouble() < 1.0 / 3.0 then
                    draw ()
                else
                    labels[s - 1]

        for j in 0..5 do
            let mutable level, wander = 0.0, 0.0

            for s in 0 .. n - 1 do
                if s % StoryLength = 0 then
                    level <- Statistics.normal random
                    wander <- Statistics.normal random
                else
                    wander <- 0.8 * wander + 0.6 * Statistics.normal random

                activations[s, j] <- level + wander

        for j in 0 .. answering - 1 do
            for s in 0 .. n - 1 do
                activations[s, j] <-
                    if labels[s] = j + 2 then
                        1.0 + 0.3 * Statistics.normal random
                    else
                        0.1 * activations[s, j]

        struct (activations, labels)

    let private ofStories answering seed =
        let struct (random, seed) = apart seed
        let struct (activations, labels) = stories answering random

        let options =
            { Monosemantic.defaults (LabelNull.Stories StoryLength) with
                Draws = Draws
                Seed = seed
            }

        Monosemantic.measure options activations labels

    /// Question 2, by the purest of six neurons, of which one answers to a label or none does.
    let monosemantic (answering: bool) (seed: int) : float =
        (ofStories (if answering then 1 else 0) seed).Purest.P

    /// Question 2, by the mean purity of six neurons, which all answer to a label or none does.
    let labelled (answering: bool) (seed: int) : float =
        (ofStories (if answering then 6 else 0) seed).MeanPurity.P

    /// [12, 24] features in 24 neurons, of rank 8, so that they are not independent; when carried, each on 6 neurons of its own besides, by
    /// weights twice as great as the rest on average.
    let features (carried: bool) (random: Random) : float[,] =
        let spread =
            Gram.between (gaussians random 12 8) (gaussians random 24 8)
            |> Array2D.map (fun w -> w / sqrt 8.0)

        if carried then
            for i in 0..11 do
                let neurons = Array.init 24 id
                random.Shuffle neurons

                for j in Array.truncate 6 neurons do
                    spread[i, j] <- spread[i, j] + 2.0 * Statistics.normal random

        spread

    /// Question 4, by the mean concentration of the twelve features.
    let spreadFeatures (carried: bool) (seed: int) : float =
        let struct (random, seed) = apart seed

        (features carried random
         |> SpreadFeatures.measure seed Draws 0.05 (Array.create 24 1.0))
            .MeanConcentration.P

    /// Question 4, by what is lost of one feature as the eight neurons with its greatest weights are ablated; when not carried, eight
    /// neurons at random. Neurons are as loud as each other.
    let ablation (carried: bool) (seed: int) : float =
        let struct (random, seed) = apart seed
        let activations = gaussians random 200 24
        let direction = (features true random)[0, *]
        let order = Array.init 24 id
        random.Shuffle order

        let order =
            if carried then
                order |> Array.sortByDescending (fun j -> abs direction[j])
            else
                order

        (SpreadFeatures.projectionLost activations direction
         |> SpreadFeatures.ablate seed Draws 24 (Array.truncate 8 order))
            .Damage.P

    /// [m, d] lines through the rows: each row goes to the direction with the greatest cosine, and each direction to the mean of its rows; eight
    /// rounds from m rows at random. An autoencoder of one active latent that a toy can afford.
    let lines (seed: int) (m: int) (rows: float[,]) : float[,] =
        let random = Random seed

        let start =
            random.GetItems([| 0 .. Array2D.length1 rows - 1 |], m)
            |> fun places -> Array2D.init m (Array2D.length2 rows) (fun j c -> rows[places[j], c])

        let improve (directions: float[,]) =
            let sums = Array2D.zeroCreate m (Array2D.length2 rows)

            Matching.cosines Signed rows directions
            |> Matching.nearest
            |> Array.iteri (fun s best ->
                for c in 0 .. Array2D.length2 rows - 1 do
                    sums[best.Partner, c] <- sums[best.Partner, c] + rows[s, c])

            sums

        [ 1..8 ] |> List.fold (fun directions _ -> improve directions) start

    /// [1000, 12] gaussian activations whose coordinates differ in size by up to four; and what planting does to them.
    let private background (random: Random) rows =
        gaussians random rows 12
        |> Array2D.mapi (fun _ c x -> x * (1.0 + 3.0 * float c / 11.0))

    /// Eight directions, each in one position of ten, three times as long as the rest.
    let planting (seed: int) : PlantingOptions =
        { AllDirections.defaults with
            Directions = 8
            Frequency = 0.1
            Magnitude = 3.0
            Draws = Draws
            Seed = seed
        }

    /// Question 5, by how much of a dictionary of 24 lines another one has, of another start and of 16 lines, when both are of activations with eight
    /// directions in them; else the second is random rows that lie as the activations do.
    let agreement (featured: bool) (seed: int) : float =
        let struct (random, seed) = apart seed

        let rows =
            (AllDirections.plant (planting (random.Next())) (background random 1000)).Activations

        let first = lines (random.Next()) 24 rows

        let rows, second =
            if featured then
                rows, lines (random.Next()) 16 rows
            else
                // The first is of the world; the space of both is the background's.
                let rows = background random 1000
                rows, background random 16

        (AllDirections.agreement seed Draws rows first second).FoundAgain.P

    /// Question 5, by how many of eight planted directions a dictionary of 24 lines has; when not added, their size is 0.
    let planted (added: bool) (seed: int) : float =
        let struct (random, seed) = apart seed
        let options = planting seed
        let start = random.Next()

        let options = if added then options else { options with Magnitude = 0.0 }

        (AllDirections.recover options (background random 1000) (lines start 24)).MeanReturned.P

    /// Activations and effects of 64 neurons, lognormal, log activation and log effect per activation correlated by trend; when smuggling,
    /// eight neurons at random have a twentieth of the activation and fifty times the effect per activation.
    let neurons (smuggling: bool) (trend: float) (random: Random) : struct (float[] * float[]) =
        let loud = Array.init 64 (fun _ -> Statistics.normal random)

        let strong =
            loud
            |> Array.map (fun z -> trend * z + sqrt (1.0 - trend * trend) * Statistics.normal random)

        let activation, perActivation =
            loud |> Array.map exp, strong |> Array.map (fun z -> exp (0.5 * z))

        if smuggling then
            let chosen = Array.init 64 id
            random.Shuffle chosen

            for j in Array.truncate 8 chosen do
                activation[j] <- activation[j] / 20.0
                perActivation[j] <- perActivation[j] * 50.0

        struct (activation, Array.map2 (*) activation perActivation)

    /// Smuggling, beside activation and effect per activation that know nothing of each other.
    let smuggling (smuggling: bool) (seed: int) : float =
        let struct (random, seed) = apart seed
        let struct (activation, effect) = neurons smuggling 0.0 random
        (Smuggling.measure seed Draws activation effect).WeakShare.P

    /// Smuggling beyond a trend of −0.4.
    let smugglingBeyondTrend (smuggling: bool) (seed: int) : float =
        let struct (random, seed) = apart seed
        let struct (activation, effect) = neurons smuggling -0.4 random
        (Smuggling.measure seed Draws activation effect).BeyondTrend.P

    /// The questions by name, each with its p in worlds with something to find (true) and with nothing (false).
    let all: (string * (bool -> int -> float)) list =
        [
            "a monosemantic neuron", monosemantic
            "neurons that answer to labels", labelled
            "features over several neurons", spreadFeatures
            "ablation of a feature's neurons", ablation
            "agreement of dictionaries", agreement
            "planted directions", planted
            "smuggling", smuggling
            "smuggling beyond the trend", smugglingBeyondTrend
        ]
