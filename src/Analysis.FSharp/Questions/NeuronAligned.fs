namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// One measure of how directions prefer axes, for each direction.
type AxisPreference =
    {
        /// [m] the measure.
        Values: float[]
        /// [m] how often a direction at random does as well: (1 + draws that reach it) / (1 + draws); 1 for a direction of length 0.
        P: float[]
        /// [m] which are discoveries at the asked rate of false ones.
        Discovered: bool[]
        /// Share of the directions that are, with its 95 % Wilson interval.
        Share: Estimate
    }

/// Whether the directions of a dictionary lie along neurons.
type NeuronAligned =
    {
        /// By the greatest |cosine| with an axis: directions of one neuron.
        ByCosine: AxisPreference
        /// By the kurtosis of the coordinates: directions of few neurons, or with some that stand out.
        ByKurtosis: AxisPreference
        /// Mean greatest |cosine| with an axis, with its 95 % bootstrap interval over directions.
        MeanCosine: Interval
        /// The headline: the same beside random rotations of all directions alike, which keep every angle between them.
        Whole: AgainstChance
    }

/// Question 6: is a feature neuron-aligned, or an arbitrary direction? A direction turned at random is uniform over the sphere, so one set
/// of draws serves all directions. For the dictionary as a whole all are turned alike: directions that share a
/// subspace or a shape are not so many independent witnesses.
[<RequireQualifiedAccess>]
module NeuronAligned =
    [<Literal>]
    let private Resamples = 1000

    /// How many of the ascending draws reach the value, within rounding.
    let private reached (sorted: float[]) (value: float) =
        let bound = value - 1e-9 * abs value
        let mutable low, high = 0, sorted.Length

        while low < high do
            let middle = (low + high) / 2

            if sorted[middle] >= bound then
                high <- middle
            else
                low <- middle + 1

        sorted.Length - low

    let private preference q (measure: float[,] -> float[]) (chance: float[,]) (dictionary: float[,]) =
        let values = measure dictionary
        let draws = measure chance |> Array.sort
        let isLive = Gram.norms dictionary |> Array.map (fun norm -> norm > 0.0)

        let p =
            Array.map2
                (fun value live ->
                    if live && not (Double.IsNaN value) then
                        float (1 + reached draws value) / float (1 + draws.Length)
                    else
                        1.0)
                values
                isLive

        let discovered = NullDraws.discoveries q p

        {
            Values = values
            P = p
            Discovered = discovered
            Share =
                Statistics.share
                    (discovered |> Array.filter id |> Array.length)
                    (isLive |> Array.filter id |> Array.length)
        }

    /// Dictionary: [m, d] in the basis of the neurons. q: the share of false discoveries among all that is let pass, 0.05 mostly. Draws of single
    /// directions: for one direction alone among m to be found, at least m/q. Rotations of the whole: two at least.
    let ask (seed: int) (draws: int) (rotations: int) (q: float) (dictionary: float[,]) : NeuronAligned =
        let m, d = Array2D.length1 dictionary, Array2D.length2 dictionary

        if draws < 1 || not (q > 0.0 && q < 1.0) then
            invalidArg
                (nameof draws)
                $"There are {draws} draws and a rate of {q}; expected at least one draw and a rate between 0 and 1."

        let cosines =
            Alignment.axisCosines dictionary |> Array.filter (fun cosine -> cosine > 0.0)

        if cosines.Length = 0 then
            invalidArg (nameof dictionary) $"Of {m} directions none has a length; expected at least one."

        let random = Random seed
        let chance = RandomDictionary.uniform draws d random

        {
            ByCosine = preference q Alignment.axisCosines chance dictionary
            ByKurtosis = preference q Alignment.kurtoses chance dictionary
            MeanCosine = Statistics.bootstrap (random.Next()) Resamples Array.average cosines
            // Seeds drawn, not counted: System.Random's numbers of neighbouring seeds are a step apart.
            Whole =
                Array.init rotations (fun _ ->
                    Alignment.rotation (random.Next()) d
                    |> Gram.between dictionary
                    |> Alignment.meanAxisCosine)
                |> NullDraws.beside (Alignment.meanAxisCosine dictionary)
        }
