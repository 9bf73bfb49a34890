using System.Diagnostics;
using CsCheck;
using Xunit;

namespace Superposition.Tests.Hostile;

/// <summary>
/// Reads damaged files one after the other. Each is read, or refused with the reader's own exception, within 5 s, and with no more memory than 4
/// times the file and 16 MiB; the first that is not fails the test, made as small as it gets, with the blows that make it again.
/// </summary>
sealed class Fuzzing(FuzzedFormat format)
{
    const long FixedBytes = 16 << 20, BytesPerByte = 4;

    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    readonly SortedDictionary<string, int> refused = new(StringComparer.Ordinal);
    int read;
    long started;
    byte[] current = [], slowestFile = [], largestFile = [];
    TimeSpan slowest;
    long largest;

    /// <summary>How many were read, and how many refused for each reason.</summary>
    public IReadOnlyDictionary<string, int> Refused => refused;

    /// <summary>How many were read.</summary>
    public int Read => read;

    public async Task Run(int files, CancellationToken cancellation)
    {
        var work = Task.Factory.StartNew(
            () => Blow.Several.Sample(Try, iter: files, threads: 1, print: blows => $"{format.Name}: {Shown(format.File(blows))} of {string.Join(", ", blows)}"),
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (await Task.WhenAny(work, Task.Delay(100, cancellation)) != work)
            if (Volatile.Read(ref started) is not 0 and var since && Stopwatch.GetElapsedTime(since) > Longest)
                Assert.Fail($"{format.Name}: still reading after {Longest}: {Shown(current)}");
        await work;
    }

    void Try(Blow[] blows)
    {
        var file = current = format.File(blows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        Volatile.Write(ref started, start);
        Exception? error = null;
        try
        {
            format.Read(file);
        }
        catch (Exception caught) when (format.ReasonOf(caught) is not null)
        {
            error = caught;
        }
        Volatile.Write(ref started, 0);
        var (time, bytes) = (Stopwatch.GetElapsedTime(start), GC.GetAllocatedBytesForCurrentThread() - before);
        if (error is null) read++;
        else refused[format.ReasonOf(error)!] = refused.GetValueOrDefault(format.ReasonOf(error)!) + 1;
        if (time > slowest) (slowest, slowestFile) = (time, file);
        if (bytes > largest) (largest, largestFile) = (bytes, file);
        if (bytes > BytesPerByte * file.Length + FixedBytes) throw new InvalidOperationException($"{bytes} bytes were asked for, to read {file.Length}.");
    }

    public override string ToString() => FormattableString.Invariant(
        $"{format.Name}: {read} read, {refused.Values.Sum()} refused ({string.Join(", ", refused.Select(pair => $"{pair.Key} {pair.Value}"))}); the slowest took {slowest.TotalMilliseconds:F1} ms for {slowestFile.Length} bytes; at most {largest / 1048576.0:F2} MiB allocated, for {largestFile.Length} bytes");

    static string Shown(byte[] file) => file.Length <= 20_000 ? Convert.ToBase64String(file) : $"{file.Length} bytes";
}
