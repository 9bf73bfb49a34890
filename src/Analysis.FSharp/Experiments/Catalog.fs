namespace Superposition.Analysis.Experiments

open System

/// There is no experiment of that name.
type UnknownExperimentException(name: string, names: string list, nearest: string) =
    inherit
        ArgumentException(
            let known = String.concat ", " names
            $"There is no experiment \"{name}\". Did you mean \"{nearest}\"? There are {known}."
        )

    /// The name there is that needs the fewest letters changed.
    member _.Nearest = nearest

/// All experiments, in the order of the report.
[<RequireQualifiedAccess>]
module Catalog =
    let all: Experiment list =
        [ Introduction.experiment; FeatureRecovery.experiment; WordFeatures.experiment ]

    /// Levenshtein's distance, row by row.
    let private distance (a: string) (b: string) =
        let next (row: int[]) (letter: char) =
            b
            |> Seq.indexed
            |> Seq.scan
                (fun left (j, other) ->
                    min (min (left + 1) (row[j + 1] + 1)) (row[j] + if letter = other then 0 else 1))
                (row[0] + 1)
            |> Seq.toArray

        a |> Seq.fold next [| 0 .. b.Length |] |> Array.last

    /// The experiment of a name.
    let find (name: string) : Experiment =
        match all |> List.tryFind (fun experiment -> experiment.Name = name) with
        | Some experiment -> experiment
        | None ->
            let names = all |> List.map _.Name
            raise (UnknownExperimentException(name, names, names |> List.minBy (distance name)))
