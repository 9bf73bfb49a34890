namespace Superposition.Analysis.Experiments

open System
open System.IO
open System.Text.Json
open System.Threading
open System.Collections.Generic
open Superposition
open Superposition.Analysis
open Superposition.Native
open Superposition.Storage
open Superposition.Training
open TorchSharp

/// How much of an experiment is run.
type Scale =
    /// Seconds: enough to see that it works, too little for its claims.
    | Quick
    /// What the daily report runs.
    | Daily
    /// As its claims are stated.
    | Full

/// Where and how an experiment runs.
type RunSettings =
    {
        /// The run folder it leaves.
        Folder: string
        Overwrite: bool
        Scale: Scale
        /// The folder of real inputs, data/ of the repository.
        Data: string
        /// Told where each training stands; null for nobody.
        Progress: IProgress<TrainingProgress> | null
        Cancellation: CancellationToken
    }

/// What an experiment belongs to, in the report and in the list.
[<RequireQualifiedAccess>]
type Part =
    /// Toy Models of Superposition, figure by figure.
    | Paper
    /// Neel Nanda's list "200 Concrete Open Problems in Mechanistic Interpretability".
    | Problems
    | Dictionaries
    | RealModels

    /// The heading over its experiments.
    member part.Title =
        match part with
        | Paper -> "The paper's figures"
        | Problems -> "Problems of the list"
        | Dictionaries -> "Dictionaries"
        | RealModels -> "Real models"

/// What an experiment found, as its section of the report shows it; name, title, part and claims are known without it.
type Finding =
    {
        /// The finding in a sentence.
        Lead: string
        Figures: Figure list
        Tables: Table list
    }

/// One question with its answer: it trains and measures into a run folder, and reads its section of the report from there.
type Experiment =
    {
        /// What the command line, the run folder and the claims call it: "E6" for a figure of the paper, "P4.7" for a
        /// problem of the list, else a word.
        Name: string
        Title: string
        Part: Part
        /// Numbers of the problems it answers, such as "4.7"; a figure of the paper may answer one too.
        Answers: string list
        /// Takes longer than the daily report has; there its newest dated result is shown.
        IsLong: bool
        /// What run.json holds of it at a scale; a run with another recipe is not the one that would be made.
        Recipe: Scale -> JsonElement
        /// Trains, measures, and leaves a run folder with claims.csv.
        Run: RunSettings -> IReadOnlyList<Claim>
        /// What the section of the report shows, out of the run folder alone.
        Finding: RunFolder -> Finding
    }

/// The parts of the report; sections of one name stand together.
[<RequireQualifiedAccess>]
module Experiment =
    /// The id of an experiment's section, which a link must be able to hold: "P4-1" for "P4.1".
    let sectionId (name: string) : string = name.Replace('.', '-')

[<RequireQualifiedAccess>]
module internal Settings =
    /// The listener, with the stage named more closely.
    let stage (name: string) (settings: RunSettings) : IProgress<TrainingProgress> | null =
        match settings.Progress with
        | null -> null
        | listener ->
            { new IProgress<TrainingProgress> with
                member _.Report progress =
                    listener.Report(
                        TrainingProgress(name, progress.Step, progress.Steps, progress.Loss, progress.Elapsed)
                    )
            }

    /// Trains several at once, each on one thread of torch: tensors this small gain nothing from two, and wait for each other.
    let sideBySide (train: 'Item -> 'Result) (items: 'Item[]) : 'Result[] =
        TorchLibrary.EnsureLoaded()
        let threads = torch.get_num_threads ()
        torch.set_num_threads 1

        try
            Array.Parallel.map train items
        finally
            torch.set_num_threads threads

    /// The recipe that a run was left with.
    let recipe<'Recipe when 'Recipe: not struct and 'Recipe: not null> (folder: RunFolder) : 'Recipe =
        match folder.Recipe.Deserialize<'Recipe> OptionsJson.Settings with
        | null -> raise (JsonException $"{folder.FolderPath}: the recipe is null; run the experiment again.")
        | recipe -> recipe

    /// A recipe as run.json holds it.
    let json (recipe: 'Recipe) : JsonElement =
        JsonSerializer.SerializeToElement(recipe, OptionsJson.Settings)

    /// The run that lies in a folder, if it is whole and is what this recipe under this name would make.
    let made (name: string) (recipe: JsonElement) (folder: string) : RunFolder option =
        try
            let run = RunFolder.Open(folder, RunKind.Experiment)

            if
                run.Name = name
                && run.Status = RunStatus.Complete
                && JsonElement.DeepEquals(run.Recipe, recipe)
            then
                Some run
            else
                None
        with :? RunFolderException ->
            None

    let private complete (name: string) (recipe: JsonElement) (folder: RunFolderWriter) =
        folder.Complete(
            RunManifest(Kind = RunKind.Experiment, Name = name, Recipe = recipe, Versions = RunVersions.Here())
        )

    /// A training that several experiments measure: shared/NAME beside their own folders, opened if this recipe made what lies
    /// there, else trained into it. What a section needs of it is copied into the experiment's folder, which is read alone.
    let shared (name: string) (recipe: 'Recipe) (train: RunFolderWriter -> unit) (settings: RunSettings) : RunFolder =
        let path = Path.GetFullPath(Path.Combine(settings.Folder, "..", "shared", name))
        let recipe = json recipe

        match made name recipe path with
        | Some run -> run
        | None ->
            // Replaced unasked: it is made again by whoever needs it.
            use folder = new RunFolderWriter(path, overwrite = true)
            train folder
            complete name recipe folder

    /// Writes the run: its files, its claims, and the recipe as run.json will hold it.
    let leave
        (name: string)
        (recipe: 'Recipe)
        (claims: Claim list)
        (files: RunFolderWriter -> unit)
        (settings: RunSettings)
        =
        use folder = new RunFolderWriter(settings.Folder, settings.Overwrite)
        files folder
        Claims.Write(folder, claims)
        complete name (json recipe) folder |> ignore
        claims :> IReadOnlyList<Claim>

[<RequireQualifiedAccess>]
module internal Verdicts =
    let private verdict holds =
        if holds then Verdict.Reproduced else Verdict.NotReproduced

    let private claim id statement source (e: Estimate) expected (tolerance: Nullable<float>) holds =
        Claim(id, statement, e.Mean, e.Low, e.High, e.Count, expected, tolerance, verdict holds, source)

    /// A claim that a mean over seeds is a number, within a tolerance.
    let near id statement source (expected: float) (tolerance: float) (e: Estimate) =
        claim id statement source e (expected.ToString "G4") (Nullable tolerance) (abs (e.Mean - expected) <= tolerance)

    /// A claim that a mean over seeds reaches a bound.
    let atLeast id statement source (bound: float) (e: Estimate) =
        claim id statement source e $"at least {bound:G4}" (Nullable()) (e.Mean >= bound)

    /// A claim that a mean over seeds stays below a bound.
    let atMost id statement source (bound: float) (e: Estimate) =
        claim id statement source e $"at most {bound:G4}" (Nullable()) (e.Mean <= bound)

    /// A claim that a mean over seeds lies between two bounds.
    let within id statement source (low: float) (high: float) (e: Estimate) =
        claim id statement source e $"{low:G4} to {high:G4}" (Nullable()) (e.Mean >= low && e.Mean <= high)

    /// A claim that a number lies beyond what its null gives, at most once in twenty times by chance.
    let aboveChance id statement source (interval: Interval) (chance: AgainstChance) =
        Claim(
            id,
            statement,
            chance.Value,
            interval.Low,
            interval.High,
            1,
            $"above chance ({chance.NullLow:G4} to {chance.NullHigh:G4}; p = {chance.P:G2})",
            Nullable(),
            verdict (chance.P <= 0.05),
            source
        )

    /// The same of a number without an interval.
    let aboveChanceAlone id statement source (chance: AgainstChance) =
        aboveChance
            id
            statement
            source
            {
                Value = chance.Value
                Low = -infinity
                High = infinity
            }
            chance
