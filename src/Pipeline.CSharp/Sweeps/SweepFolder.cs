using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Superposition.Storage;

namespace Superposition.Sweeps;

/// <summary>A sweep on the disk: plan.json, journal/WORKER.jsonl, results.csv when all is done; lock is held by the one who drives it.</summary>
sealed class SweepFolder : IDisposable
{
    const int DifferencesShown = 10;
    readonly string path;
    readonly SweepPlan plan;
    readonly FileStream held;

    /// <summary>Takes the folder, new or with this plan in it; the system lets it go when the process dies.</summary>
    /// <exception cref="SweepException">Another plan or something else lies there.</exception>
    /// <exception cref="FileWriteException">The folder cannot be written, or another process drives the sweep.</exception>
    public SweepFolder(string path, SweepPlan plan)
    {
        (this.path, this.plan) = (path, plan);
        if (!File.Exists(PlanPath) && Directory.Exists(path) && Stranger() is { } stranger)
            throw new SweepException(path, SweepReason.NotASweep, $"expected a sweep or an empty folder, found {ErrorText.Quote(stranger)}. Choose another path.");
        held = Hold();
        try
        {
            EnsurePlan();
            Directory.CreateDirectory(Journals);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    string PlanPath => Path.Combine(path, "plan.json");

    string Journals => Path.Combine(path, "journal");

    public Journal JournalOf(string worker) => new(Path.Combine(Journals, $"{worker}.jsonl"));

    /// <summary>[cells] What is known of each that ended at least once.</summary>
    public Dictionary<long, CellState> States()
    {
        var (states, cells) = (new Dictionary<long, CellState>(), plan.Cells());
        foreach (var file in Directory.GetFiles(Journals, "*.jsonl").Order(StringComparer.Ordinal))
            foreach (var end in Journal.Read(file, cells)) CellState.Add(states, end);
        return states;
    }

    /// <summary>Writes results.csv: a row a cell, in order; nothing in it depends on who trained what when.</summary>
    public void WriteTable(IReadOnlyDictionary<long, CellState> states)
    {
        var table = new CsvTable(["cell", .. plan.Fields(), "seed", "status", "loss", "instance", "diverged", "error"]);
        foreach (var (cell, state) in states.OrderBy(entry => entry.Key))
        {
            var end = state.End;
            table.Add(
                [cell, .. plan.Values(cell).Select(Shown), end.Seed, end.Failed ? "failed" : "done", end.Loss, end.Instance, end.Diverged, end.Error]);
        }
        table.Write(Path.Combine(path, "results.csv"));
    }

    static object Shown(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    FileStream Hold()
    {
        var file = Path.Combine(path, "lock");
        try
        {
            Directory.CreateDirectory(path);
            return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(file) && error is not FileNotFoundException)
        {
            throw FileWriteException.Taken(path, "another process drives this sweep", "Wait for it, or end it.");
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
        if (There() is { } there && there.Hash() == plan.Hash()) return;
        string[] differences = [.. PlanDifference.Of(Node(), plan.ToNode(), "").Take(DifferencesShown)];
        throw new SweepException(path, SweepReason.OtherPlan,
            $"the sweep there has another plan: {string.Join("; ", differences)}. Choose another path, or go on with {PlanPath}.");
    }

    JsonNode? Node()
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(PlanPath));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    SweepPlan? There()
    {
        try
        {
            return Node()?.Deserialize<SweepPlan>(OptionsJson.Settings);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    public void Dispose() => held.Dispose();
}
