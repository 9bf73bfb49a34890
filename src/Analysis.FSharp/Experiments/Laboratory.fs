/// The report on all experiments.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.Laboratory

open System
open System.IO
open Superposition.Analysis
open Superposition.Storage

/// The newest run of an experiment: today's if there is one, else the last of the dated results (folders 2026-11-23-name).
let private newest (runsFolder: string) (resultsFolder: string) (experiment: Experiment) =
    let today = Path.Combine(runsFolder, experiment.Name)

    if File.Exists(Path.Combine(today, "run.json")) then
        Some today
    elif Directory.Exists resultsFolder then
        Directory.GetDirectories(resultsFolder, $"????-??-??-{experiment.Name}")
        |> Array.sort
        |> Array.tryLast
    else
        None

/// What tells of a dated result beside the finding itself.
let private date (experiment: Experiment) (folder: string) =
    let name = DirectoryInfo(folder).Name

    if name = experiment.Name then
        ""
    else
        $" (Result of {name.Substring(0, 10)}; made again by ./build.sh --full=true.)"

/// What the problems that an experiment answers on a real model would need a larger one for.
let private beyond (experiment: Experiment) =
    Problems.all
    |> List.filter (fun problem -> List.contains problem.Number experiment.Answers)
    |> List.choose _.Needs
    |> List.map (fun needs -> $" To say more takes a larger model: {needs}.")
    |> String.concat ""

/// Whether a folder holds what the experiment would make at a scale, whole: then there is nothing left to run.
let holds (folder: string) (scale: Scale) (experiment: Experiment) : bool =
    (Settings.made experiment.Name (experiment.Recipe scale) folder).IsSome

/// An experiment's section out of its newest run; none if it has no run.
let section (runsFolder: string) (resultsFolder: string) (experiment: Experiment) : Section option =
    newest runsFolder resultsFolder experiment
    |> Option.map (fun path ->
        let folder = RunFolder.Open(path, RunKind.Experiment)
        let finding = experiment.Finding folder

        {
            Id = Experiment.sectionId experiment.Name
            Part = experiment.Part.Title
            Title = experiment.Title
            Lead = finding.Lead + beyond experiment + date experiment path
            Figures = finding.Figures
            Claims = Claims.Read folder |> List.ofSeq
            Tables = finding.Tables
            Links = []
        })

/// The section with a link to the browser of its latents, which is written beside the report; as it is where there is none.
let private withBrowser runsFolder resultsFolder (outputFile: string) (experiment: Experiment) (section: Section) =
    match Browsers.find experiment, newest runsFolder resultsFolder experiment with
    | Some browser, Some path ->
        let name = $"{Path.GetFileNameWithoutExtension outputFile}-{section.Id}.html"

        FeatureBrowser.write
            (Path.Combine(outputFile, "..", name))
            { browser (RunFolder.Open(path, RunKind.Experiment)) with
                Home = Path.GetFileName outputFile |> string |> Uri.EscapeDataString |> Some
            }

        { section with
            Links = [ "Look through the latents", Uri.EscapeDataString name ]
        }
    | _ -> section

/// Writes the report page of every experiment that has a run.
let write (runsFolder: string) (resultsFolder: string) (outputFile: string) : unit =
    Report.write
        outputFile
        {
            Title = "Superposition"
            Summary =
                [
                    "Neural networks store more features than they have dimensions. Toy models show how; sparse autoencoders take the features out again; real models say whether the toys were right."
                ]
            Sections =
                Catalog.all
                |> List.choose (fun experiment ->
                    section runsFolder resultsFolder experiment
                    |> Option.map (withBrowser runsFolder resultsFolder outputFile experiment))
            Colophon = "Made by ./build.sh from the run folders beside it; every figure and verdict is read from them."
        }
