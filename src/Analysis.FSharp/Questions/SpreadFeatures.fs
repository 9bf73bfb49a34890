namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// How many neurons a feature takes.
[<RequireQualifiedAccess>]
type Carriers =
    /// One neuron has nine tenths of it.
    | One
    /// Several have, but fewer than chance gives.
    | Several
    /// No fewer than of a random direction: not written in neurons.
    | Unaligned

/// A feature in the basis of neurons.
type SpreadFeature =
    {
        Feature: int
        /// The fewest neurons with nine tenths of Σ w², the strongest first, and the first of equals.
        CarriedBy: int[]
        /// (Σ w²)² / Σ w⁴, from 1 to all neurons; 0 for a zero row.
        Participating: float
        /// Σ w⁴ / (Σ w²)², its inverse, beside the same row turned at random: small p where few neurons carry the feature.
        Concentration: AgainstChance
        Carriers: Carriers
    }

/// Can a feature carried by several neurons be told from a random direction?
type SpreadFeatures =
    {
        /// By feature.
        Features: SpreadFeature[]
        /// Mean concentration of the rows that have a direction, beside the same rows all turned alike.
        MeanConcentration: AgainstChance
        /// The same with its 95 % interval over features.
        ConcentrationInterval: Interval
    }

/// What is lost as neurons are ablated one after another.
type AblationCurve =
    {
        /// [K] the neurons, in the order they went.
        Order: int[]
        /// [K + 1] loss without the first 0 … K of them.
        Losses: float[]
        /// [K + 1] mean loss without as many neurons of random orders.
        RandomLosses: float[]
        /// [K + 1] its 2.5 % quantile over the orders.
        RandomLow: float[]
        /// [K + 1] its 97.5 % quantile.
        RandomHigh: float[]
        /// Mean over 1 … K of the loss, less that with all neurons; beside random orders.
        Damage: AgainstChance
    }

/// Question 4. directions: [m, neurons], row i is feature i in the basis of neurons: decoder rows of an autoencoder on a hidden layer, or
/// a probe's weights.
[<RequireQualifiedAccess>]
module SpreadFeatures =
    /// Share of Σ w² that the carriers of a feature have.
    [<Literal>]
    let CarriedShare = 0.9

    /// [m] Σ w⁴ / (Σ w²)², from 1/neurons to 1; 0 for a zero row.
    let concentrations (directions: float[,]) : float[] =
        directions
        |> Array2D.map abs
        |> Polysemanticity.participationRatio
        |> Array.map (fun ratio -> if ratio = 0.0 then 0.0 else 1.0 / ratio)

    /// The fewest neurons with this share of Σ w², the strongest first; none for a zero row.
    let carriers (share: float) (direction: float[]) : int[] =
        let order =
            [ 0 .. direction.Length - 1 ]
            |> List.sortByDescending (fun j -> abs direction[j])
            |> Array.ofList

        let sums = order |> Array.scan (fun sum j -> sum + direction[j] ** 2.0) 0.0
        // Equal weights that add up to the share exactly, but for rounding, are enough.
        let needed = (1.0 - 1e-12) * share * Array.last sums
        order |> Array.truncate (sums |> Array.findIndex (fun sum -> sum >= needed))

    /// The mean over rows with a direction; 0 where there is none.
    let private mean (concentrations: float[]) =
        match concentrations |> Array.filter (fun one -> one > 0.0) with
        | [||] -> 0.0
        | some -> Array.average some

    /// directions: [m, neurons]; scales: [neurons] what a random direction is as long as along each neuron: 1 for all, or the standard deviations
    /// of the activations, for loud neurons carry more of any direction. The null: rows without preference, all turned alike by random
    /// rotations where these lengths are 1, so that how rows lie to each other stays. falseShare: of false ones among those said to be
    /// written in neurons. The time is draws · neurons² · (neurons + m).
    let measure (seed: int) (draws: int) (falseShare: float) (scales: float[]) (directions: float[,]) : SpreadFeatures =
        let m, neurons = Array2D.length1 directions, Array2D.length2 directions

        if
            m = 0
            || scales.Length <> neurons
            || scales |> Array.exists (fun scale -> not (scale > 0.0))
            || draws < 2
        then
            invalidArg
                (nameof scales)
                $"There are {m} directions in {neurons} neurons, {scales.Length} scales and {draws} draws; expected a direction, a scale above 0 for every neuron (leave silent neurons out) and two draws."

        let measured = concentrations directions
        let rounded = directions |> Array2D.mapi (fun _ j w -> w / scales[j])
        let random = Random seed

        let drawn =
            Array.init draws (fun _ -> random.Next())
            |> Array.Parallel.map (fun seed ->
                Gram.between rounded (Alignment.rotation seed neurons)
                |> Array2D.mapi (fun _ j w -> w * scales[j])
                |> concentrations)

        let besides =
            measured
            |> Array.mapi (fun i value -> drawn |> Array.map (fun draw -> draw[i]) |> NullDraws.beside value)

        let found = besides |> Array.map _.P |> NullDraws.discoveries falseShare

        {
            Features =
                Array.init m (fun i ->
                    let carriedBy = carriers CarriedShare directions[i, *]

                    {
                        Feature = i
                        CarriedBy = carriedBy
                        Participating = if measured[i] = 0.0 then 0.0 else 1.0 / measured[i]
                        Concentration = besides[i]
                        Carriers =
                            match found[i], carriedBy.Length with
                            | false, _ -> Carriers.Unaligned
                            | true, 1 -> Carriers.One
                            | true, _ -> Carriers.Several
                    })
            MeanConcentration = drawn |> Array.map mean |> NullDraws.beside (mean measured)
            ConcentrationInterval = Statistics.bootstrap seed 1000 mean measured
        }

    /// Ablates the neurons of an order one after another, and as many of random orders of all neurons. loss: the neurons that are ablated →
    /// what is lost: the model's loss, a probe's error, or projectionLost. It is asked 1 + (1 + orders) · K times.
    let ablate (seed: int) (orders: int) (neurons: int) (order: int[]) (loss: int[] -> float) : AblationCurve =
        if
            order.Length = 0
            || orders < 2
            || (Array.distinct order).Length <> order.Length
            || order |> Array.exists (fun j -> j < 0 || j >= neurons)
        then
            invalidArg
                (nameof order)
                $"{order.Length} of {neurons} neurons are ablated in order, beside {orders} random orders; expected at least one neuron, each once and from 0 to {neurons - 1}, and two orders."

        let random = Random seed
        let whole = loss [||]

        let curve order =
            Array.init (1 + Array.length order) (fun k -> if k = 0 then whole else loss (Array.truncate k order))

        let damage (curve: float[]) = Array.average curve[1..] - whole
        let measured = curve order

        let drawn =
            Array.init orders (fun _ ->
                let all = Array.init neurons id
                random.Shuffle all
                curve (Array.truncate order.Length all))

        let over (summary: float[] -> float) =
            Array.init measured.Length (fun k -> drawn |> Array.map (fun curve -> curve[k]) |> summary)

        {
            Order = order
            Losses = measured
            RandomLosses = over Array.average
            RandomLow = over (Statistics.quantile 0.025)
            RandomHigh = over (Statistics.quantile 0.975)
            Damage = drawn |> Array.map damage |> NullDraws.beside (damage measured)
        }

    /// What is lost of a feature's projection p = a·w when neurons are held at their mean: Σ (p − p')² / Σ (p − p̄)² over positions, 0 with all neurons,
    /// 1 without any, and above 1 where those that are left only cancelled the others. activations: [N, neurons]; NaN where p does not vary.
    let projectionLost (activations: float[,]) (direction: float[]) : int[] -> float =
        let n = Array2D.length1 activations

        if Array2D.length2 activations <> direction.Length || n = 0 then
            invalidArg
                (nameof direction)
                $"The direction has {direction.Length} neurons, the activations {n} positions of {Array2D.length2 activations}; expected as many neurons, and a position."

        let parts =
            direction
            |> Array.mapi (fun j w ->
                let a = activations[*, j]
                let mean = Array.average a
                a |> Array.map (fun x -> w * (x - mean)))

        let power (neurons: int[]) =
            Seq.sum (seq { for s in 0 .. n - 1 -> (neurons |> Array.sumBy (fun j -> parts[j][s])) ** 2.0 })

        let whole = power [| 0 .. direction.Length - 1 |]
        fun ablated -> power ablated / whole
