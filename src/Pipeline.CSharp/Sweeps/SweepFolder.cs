using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>
/// A sweep on the disk: plan.json, journal/WORKER.jsonl, results.csv and results.parquet when all is done, checkpoints/CELL of those under way, log/ of
/// workers in other processes; lock is held by the one who drives it.
/// </summary>
sealed class SweepFolder : IDisposable
{
    const string PlanName = "plan.json";
    const int DifferencesShown = 10;
    readonly string path;
    readonly SweepPlan plan;
    FileStream? held;

    SweepFolder(string path, SweepPlan plan) => (this.path, this.plan) = (System.IO.Path.GetFullPath(path), plan);

    /// <summary>Takes the folder, new or with this plan in it; the system lets it go when the process dies.</summary>
    /// <exception cref="SweepException">Another plan or something else lies there.</exception>
    /// <exception cref="FileWriteException">The folder cannot be written, or another process drives the sweep.</exception>
    public static SweepFolder Driven(string path, SweepPlan plan)
    {
        var folder = new SweepFolder(path, plan);
        if (!File.Exists(folder.PlanPath) && Directory.Exists(path) && folder.Stranger() is { } stranger)
            throw new SweepException(path, SweepReason.NotASweep, $"expected a sweep or an empty folder, found {ErrorText.Quote(stranger)}. Choose another path.");
        folder.held = folder.Hold("lock", "drives this sweep");
        try
        {
            folder.EnsurePlan();
            Directory.CreateDirectory(folder.Journals);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The folder of a sweep that another process drives, and its plan.</summary>
    /// <exception cref="SweepException">There is none.</exception>
    public static (SweepFolder Folder, SweepPlan Plan) Shared(string path)
    {
        var planPath = System.IO.Path.Combine(path, PlanName);
        return Parsed(planPath) is { } plan
            ? (new(path, plan), plan)
            : throw new SweepException(path, SweepReason.NotASweep, $"expected a sweep, found no {PlanName} that can be read. Start it with superposition sweep.");
    }

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>What workers in other processes say.</summary>
    public string Logs => System.IO.Path.Combine(path, "log");

    /// <summary>Where one of them says it.</summary>
    public string LogOf(string name)
    {
        Directory.CreateDirectory(Logs);
        return System.IO.Path.Combine(Logs, name);
    }

    string PlanPath => System.IO.Path.Combine(path, PlanName);

    string Journals => System.IO.Path.Combine(path, "journal");

    /// <summary>Where a cell that is under way is saved.</summary>
    public Checkpoint CheckpointOf(long cell, TrainingRecipe recipe) =>
        new(CheckpointPath(cell), JsonSerializer.Serialize(recipe, recipe.GetType(), OptionsJson.Settings));

    /// <summary>The names of all checkpoints; they are others when a cell has come further.</summary>
    public HashSet<string> CheckpointNames() =>
        Directory.Exists(Checkpoints) ? [.. Directory.EnumerateFiles(Checkpoints, "step-*", SearchOption.AllDirectories)] : [];

    /// <summary>Deletes the checkpoint of a cell that ended.</summary>
    public void DeleteCheckpoint(long cell) => new Checkpoint(CheckpointPath(cell), recipe: "").Delete();

    /// <summary>Deletes what killed workers left of cells that others ended.</summary>
    public void DeleteCheckpoints()
    {
        if (Directory.Exists(Checkpoints)) Directory.Delete(Checkpoints, recursive: true);
    }

    string CheckpointPath(long cell) => System.IO.Path.Combine(Checkpoints, cell.ToString(CultureInfo.InvariantCulture));

    string Checkpoints => System.IO.Path.Combine(path, "checkpoints");

    public Journal JournalOf(string worker) => new(System.IO.Path.Combine(Journals, $"{worker}.jsonl"));

    /// <summary>[cells] What is known of each that ended at least once.</summary>
    public Dictionary<long, CellState> States()
    {
        using var trainer = CellTrainer.Of(plan);
        var (states, cells, measures) = (new Dictionary<long, CellState>(), plan.Cells(), trainer.Measures.Count);
        foreach (var file in Directory.GetFiles(Journals, "*.jsonl").Order(StringComparer.Ordinal))
            foreach (var end in Journal.Read(file, cells, measures)) CellState.Add(states, end);
        return states;
    }

    /// <summary>Writes results.csv and results.parquet: a row a cell, in order; nothing in it depends on who trained what when.</summary>
    public void WriteTable(IReadOnlyDictionary<long, CellState> states)
    {
        using var trainer = CellTrainer.Of(plan);
        var table = new CsvTable(["cell", .. plan.Fields(), "seed", "status", .. trainer.Measures, "error"]);
        foreach (var (cell, state) in states.OrderBy(entry => entry.Key))
        {
            var end = state.End;
            table.Add([cell, .. plan.Values(cell).Select(Shown), end.Seed, end.Failed ? "failed" : "done", .. end.Measured, end.Error]);
        }
        table.Write(System.IO.Path.Combine(path, "results.csv"));
        ParquetTable.Write(System.IO.Path.Combine(path, "results.parquet"), table, "status", "error");
    }

    static object Shown(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : RecipeField.Text(value);

    /// <summary>A shard as this process's own, until it is disposed or the process dies.</summary>
    /// <exception cref="FileWriteException">Another process has it.</exception>
    public IDisposable HoldShard(string shard) => Hold(System.IO.Path.Combine("journal", $"{shard}.lock"), "trains this shard");

    // An exclusive lock of the system's, which ends with the process.
    FileStream Hold(string name, string does)
    {
        var file = System.IO.Path.Combine(path, name);
        try
        {
            Directory.CreateDirectory(path);
            return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(file) && error is not FileNotFoundException)
        {
            throw FileWriteException.Taken(path, $"another process {does}", "Wait for it, or end it.");
        }
        catch (Exception error) when (FileWriteException.IsCause(error))
        {
            throw FileWriteException.Because(path, error);
        }
    }

    string? Stranger() => new DirectoryInfo(path).EnumerateFileSystemInfos().Select(entry => entry.Name)
        .FirstOrDefault(name => name != "lock" && !name.StartsWith(".plan.json.", StringComparison.Ordinal));

    void EnsurePlan()
    {
        foreach (var torn in Directory.GetFiles(path, ".*.tmp")) File.Delete(torn);   // whoever wrote them is dead: the lock is ours
        if (!File.Exists(PlanPath))
        {
            AtomicFile.Write(PlanPath, stream => stream.Write(Encoding.UTF8.GetBytes(plan.ToNode().ToJsonString(OptionsJson.Settings))));
            return;
        }
        if (Parsed(PlanPath) is { } there && there.Hash() == plan.Hash()) return;
        string[] differences = [.. PlanDifference.Of(Node(PlanPath), plan.ToNode(), "").Take(DifferencesShown)];
        throw new SweepException(path, SweepReason.OtherPlan,
            $"the sweep there has another plan: {string.Join("; ", differences)}. Choose another path, or go on with {PlanPath}.");
    }

    static JsonNode? Node(string path)
    {
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static SweepPlan? Parsed(string path)
    {
        try
        {
            return Node(path)?.Deserialize<SweepPlan>(OptionsJson.Settings);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    public void Dispose() => held?.Dispose();
}
