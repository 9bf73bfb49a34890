namespace Superposition.Analysis.Experiments

open Superposition.Analysis

/// What is known of a layer: responses to single features, and activations on rows with the features that each carries.
type internal LayerSeen =
    {
        /// [units, n] Not negative.
        Responses: float[,]
        /// [n, units] The features' directions, with their signs where these are known.
        Directions: float[,]
        /// [rows, units]
        Activations: float[,]
        Carried: int[][]
    }

/// What has been proposed to say how polysemantic a neuron is.
[<RequireQualifiedAccess>]
module internal NeuronMeasures =
    /// [rows] The features that are active in each row.
    let carried (rows: float[,]) =
        Array.init (Array2D.length1 rows) (fun r ->
            [|
                for i in 0 .. Array2D.length2 rows - 1 do
                    if rows[r, i] <> 0.0 then
                        i
            |])

    /// Mean of 1/D_i over a neuron's features, weighted by r²: how many others its features share their directions with.
    let private byCapacity (seen: LayerSeen) =
        let D = Dimensionality.ofWeights seen.Directions

        Array.init (Array2D.length1 seen.Responses) (fun u ->
            let squares = seen.Responses[u, *] |> Array.map (fun r -> r * r)

            match Array.sum squares with
            | 0.0 -> 0.0
            | sum ->
                (Array.map2 (fun square D -> if D = 0.0 then 0.0 else square / D) squares D
                 |> Array.sum)
                / sum)

    [<Literal>]
    let Participation = "participation ratio"

    [<Literal>]
    let AboveNoise = "participation above noise"

    [<Literal>]
    let Capacity = "1 / Dᵢ of its features"

    /// The measures, each so that a greater value says more polysemantic.
    let all: (string * (LayerSeen -> float[]))[] =
        let inverse (values: float[]) =
            values |> Array.map (fun value -> if value = 0.0 then 0.0 else 1.0 / value)

        [|
            Participation, fun seen -> Polysemanticity.participationRatio seen.Responses
            AboveNoise,
            fun seen ->
                seen.Responses
                |> Polysemanticity.aboveNoise
                |> Polysemanticity.participationRatio
            "1 / share", fun seen -> Polysemanticity.share seen.Responses |> inverse
            "1 − selectivity", fun seen -> Polysemanticity.selectivity seen.Responses |> Array.map (fun s -> 1.0 - s)
            "responding at a half", fun seen -> Polysemanticity.responding 0.5 seen.Responses |> Array.map float
            "responding at a tenth", fun seen -> Polysemanticity.responding 0.1 seen.Responses |> Array.map float
            Capacity, byCapacity
            "1 / purity of examples",
            fun seen ->
                Polysemanticity.ofStrongest 20 (Array2D.length2 seen.Responses) seen.Activations seen.Carried
                |> inverse
        |]

    let names: string[] = Array.map fst all
