namespace Superposition.Sweeps;

/// <summary>How a worker is started: a program and its arguments, which get the folder and the shard behind them.</summary>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Before the worker's own.</param>
public sealed record WorkerCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// Variables that say how many threads a worker has, of libtorch's and of .NET's. Beyond its share of the cores they would wait for each other; no
    /// result depends on how many there are.
    /// </summary>
    internal static readonly IReadOnlyList<string> ThreadLimits = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "DOTNET_PROCESSOR_COUNT"];

    /// <summary>The arguments of a worker of one shard.</summary>
    internal IEnumerable<string> Of(string folder, string shard, int shards) =>
        [.. Arguments, "--run", folder, "--shard", shard, "--shards", FormattableString.Invariant($"{shards}")];
}
