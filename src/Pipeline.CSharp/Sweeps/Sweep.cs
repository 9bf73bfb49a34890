using System.Diagnostics;
using System.Text.Json;
using Superposition.Storage;
using Superposition.ToyModels;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>
/// Trains every cell of a plan, whatever interrupts it: what the journal says is ended is not done again. A cell gets the results it
/// would get alone, so the table has the same bytes however often the sweep was interrupted.
/// </summary>
public static class Sweep
{
    const int Batch = 16;   // cells trained together, and so the most that an interruption loses
    const string Worker = "driver";

    /// <summary>Does what is left of the sweep in a folder, and writes results.csv.</summary>
    /// <exception cref="OptionsException">The plan cannot be trained; every problem is named.</exception>
    /// <exception cref="StorageException">The folder holds another sweep, or something else, or cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; running again does what is left.</exception>
    public static SweepSummary Run(
        SweepPlan plan, string path, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        plan.Check();
        using var folder = new SweepFolder(path, plan);
        using var journal = folder.JournalOf(Worker);
        var (states, clock, cells) = (folder.States(), Stopwatch.StartNew(), plan.Cells());
        var settled = states.Values.LongCount(state => state.Settled);
        // What fails is tried again in the next round, when all others had their turn.
        for (var left = Left(cells, states); left.Length > 0; left = Left(cells, states))
            foreach (var batch in left.Chunk(Batch))
            {
                cancellation.ThrowIfCancellationRequested();
                CellEnd[] ends = [.. Train(plan, batch, cancellation)];
                journal.Add(ends);
                foreach (var end in ends) CellState.Add(states, end);
                settled += ends.LongCount(end => states[end.Cell].Settled);
                progress?.Report(new("sweep", settled, cells, Loss: null, clock.Elapsed));
            }
        folder.WriteTable(states);
        return new(cells, states.Values.LongCount(state => state.End.Failed));
    }

    static long[] Left(long cells, Dictionary<long, CellState> states)
    {
        var left = new List<long>();
        for (var cell = 0L; cell < cells; cell++)
            if (!(states.TryGetValue(cell, out var state) && state.Settled)) left.Add(cell);
        return [.. left];
    }

    static IEnumerable<CellEnd> Train(SweepPlan plan, IReadOnlyList<long> cells, CancellationToken cancellation)
    {
        try
        {
            return ToyModelGrid.Train([.. cells.Select(plan.Recipe)], new() { Cancellation = cancellation }).Zip(cells, End).ToArray();
        }
        catch (Exception) when (cells.Count > 1 && !cancellation.IsCancellationRequested)
        {
            return cells.SelectMany(cell => Train(plan, [cell], cancellation)).ToArray();   // one is to blame: each alone
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            return [new(cells[0], SeedOf(plan, cells[0]), Loss: null, Instance: null, Diverged: 0, error.Message.ReplaceLineEndings(" "))];
        }
    }

    static CellEnd End(ToyModelCell trained, long cell)
    {
        var (seed, diverged) = (trained.Recipe.Model.Seed, trained.Diverged.Count);
        if (trained.Instances.Count == 0)
            return new(cell, seed, Loss: null, Instance: null, diverged, "All instances diverged.");
        var best = Enumerable.Range(0, trained.Instances.Count).MinBy(i => trained.Instances[i].Loss);
        return new(cell, seed, trained.Instances[best].Loss, trained.Kept[best], diverged, Error: null);
    }

    static long SeedOf(SweepPlan plan, long cell)
    {
        try
        {
            return plan.Recipe(cell).Model.Seed;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return plan.Base.Model.Seed;   // a cell beyond those that were checked
        }
    }
}
