using System.Diagnostics;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>
/// Trains every cell of a plan, whatever interrupts it: what the journals say is ended is not done again. A cell gets the results it
/// would get alone, so the table has the same bytes whoever trained what, and however often the sweep was interrupted.
/// </summary>
public static class Sweep
{
    const int FruitlessRounds = 5;   // with workers that die at once there is no use in starting more

    /// <summary>Does what is left of the sweep in a folder, and writes results.csv and results.parquet.</summary>
    /// <param name="plan">What to train.</param>
    /// <param name="path">The folder.</param>
    /// <param name="engine">Who trains; this process unless it is said.</param>
    /// <param name="progress">Told how many cells are settled.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OptionsException">The plan cannot be trained; every problem is named.</exception>
    /// <exception cref="StorageException">The folder holds another sweep, or something else, or cannot be written; or workers end without a cell.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; running again does what is left.</exception>
    public static SweepSummary Run(
        SweepPlan plan, string path, SweepEngine? engine = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        plan.Check();
        using var folder = SweepFolder.Driven(path, plan);
        var (clock, cells, fruitless) = (Stopwatch.StartNew(), plan.Cells(), 0);
        engine ??= new InProcessEngine();
        for (var states = folder.States(); ;)
        {
            var left = Left(plan, states).ToArray();
            Tell(cells - left.Length);
            if (left.Length == 0)
            {
                folder.WriteTable(states);
                folder.DeleteCheckpoints();
                return new(cells, states.Values.LongCount(state => state.End.Failed));
            }
            var saved = folder.CheckpointNames();
            // What fails is tried again in the next round, when all others had their turn.
            engine.Round(new(folder, plan, left, ended => Tell(cells - left.Length + ended), cancellation));
            cancellation.ThrowIfCancellationRequested();
            var before = Attempts(states);
            states = folder.States();
            fruitless = Attempts(states) > before || !folder.CheckpointNames().SetEquals(saved) ? 0 : fruitless + 1;
            if (fruitless == FruitlessRounds)
                throw new SweepException(path, SweepReason.NoProgress,
                    $"workers were started {FruitlessRounds} times and brought no cell further. See what they say in {folder.Logs}.");
        }

        void Tell(long settled) => progress?.Report(new("sweep", settled, cells, Loss: null, clock.Elapsed));
    }

    /// <summary>Turns that cells had.</summary>
    internal static long Attempts(Dictionary<long, CellState> states) => states.Values.Sum(state => (long)state.Attempts);

    internal static IEnumerable<long> Left(SweepPlan plan, Dictionary<long, CellState> states)
    {
        for (var cell = 0L; cell < plan.Cells(); cell++)
            if (!(states.TryGetValue(cell, out var state) && state.Settled)) yield return cell;
    }
}
