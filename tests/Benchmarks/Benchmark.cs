using System.Diagnostics;
using System.Globalization;

namespace Superposition.Benchmarks;

/// <summary>One question about speed, answered beside something to compare with, in one process.</summary>
abstract class Benchmark
{
    /// <summary>What the command line and the printed line call it.</summary>
    public abstract string Name { get; }

    /// <summary>Checks, warms up, measures, and says it in a line.</summary>
    /// <exception cref="InvalidOperationException">What was measured does not compute what it should.</exception>
    public abstract string Run();

    /// <summary>The line: bench NAME key=value …</summary>
    protected string Line(params (string Key, double Value)[] figures) => $"bench {Name} " + string.Join(' ',
        figures.Select(figure => $"{figure.Key}={figure.Value.ToString("G4", CultureInfo.InvariantCulture)}"));

    /// <summary>
    /// Median milliseconds of each candidate. They take turns, so that what else the machine does meets all of them; the first
    /// round is for warming up and is not counted.
    /// </summary>
    protected static double[] Medians(int rounds, params Action[] candidates)
    {
        var times = candidates.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round <= rounds; round++)
            for (var c = 0; c < candidates.Length; c++)
            {
                var start = Stopwatch.GetTimestamp();
                candidates[c]();
                if (round > 0) times[c].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        return [.. times.Select(t => t.Order().ElementAt(t.Count / 2))];
    }

    protected static void Check(bool holds, string expected)
    {
        if (!holds) throw new InvalidOperationException($"The check failed: expected {expected}.");
    }
}
