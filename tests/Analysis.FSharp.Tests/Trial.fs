/// Experiments that train nothing, for what the laboratory does with any experiment.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Tests.Trial

open System.Threading
open Superposition.Analysis.Experiments
open Superposition.Storage

type Recipe = { Steps: int; Rate: float }

let recipeOf scale =
    {
        Steps = if scale = Quick then 10 else 1_000
        Rate = 1e-3
    }

let settings folder scale =
    {
        Folder = folder
        Overwrite = false
        Scale = scale
        Data = "data"
        Progress = null
        Cancellation = CancellationToken.None
    }

/// Its run holds a file with a text, which its section tells.
let telling (text: string) (name: string) : Experiment =
    {
        Name = name
        Title = $"Title of {name}"
        Part = Part.Problems
        Answers = []
        IsLong = false
        Recipe = recipeOf >> Settings.json
        Run =
            fun settings ->
                settings
                |> Settings.leave name (recipeOf settings.Scale) [] (fun folder ->
                    let table = CsvTable "found"
                    table.Add text
                    folder.WriteCsv("found.csv", table))
        Finding =
            fun folder ->
                {
                    Lead = (folder.Csv "found.csv")[0, "found"]
                    Figures = []
                    Tables = []
                }
    }
