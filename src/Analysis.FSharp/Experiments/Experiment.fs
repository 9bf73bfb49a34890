namespace Superposition.Analysis.Experiments

open System
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

/// One question with its answer: it trains and measures into a run folder, and reads its section of the report from there.
type Experiment =
    {
        /// Letters and hyphens; what the command line and the report call it.
        Name: string
        Title: string
        /// Takes longer than the daily report has; there its newest dated result is shown.
        IsLong: bool
        /// Trains, measures, and leaves a run folder with claims.csv.
        Run: RunSettings -> IReadOnlyList<Claim>
        /// The section of the report, out of the run folder alone.
        Section: RunFolder -> Section
    }

/// The parts of the report; sections of one name stand together.
[<RequireQualifiedAccess>]
module internal Parts =
    [<Literal>]
    let Paper = "The paper's figures"

    [<Literal>]
    let Dictionaries = "Dictionaries"

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

        let manifest =
            RunManifest(
                Kind = RunKind.Experiment,
                Name = name,
                Recipe = JsonSerializer.SerializeToElement(recipe, OptionsJson.Settings),
                Versions = RunVersions.Here()
            )

        folder.Complete manifest |> ignore
        claims :> IReadOnlyList<Claim>

/// What the trainers give, as the measurements take it.
[<RequireQualifiedAccess>]
module internal Weights =
    let doubles (W: float32[,]) : float[,] = Array2D.map float W

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
