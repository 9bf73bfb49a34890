using System.Diagnostics;
using System.Globalization;
using Superposition.Tests.Autoencoders;
using Superposition.Tests.ToyModels;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests;

/// <summary>This program started once more, to run one test: that which trains what it was asked to and leaves the digest in a file.</summary>
public sealed class SecondProcess
{
    const string Variable = "SUPERPOSITION_TESTS_TRAIN";   // training, threads, file

    static readonly Dictionary<string, Func<int, string>> Trainings = new()
    {
        ["fused"] = threads => ToyModelDeterminismTests.Digest(threads, ToyModelEngine.Automatic),
        ["autograd"] = threads => ToyModelDeterminismTests.Digest(threads, ToyModelEngine.Autograd),
        ["topk"] = threads => SparseAutoencoderDeterminismTests.Digest(threads, SparseAutoencoderDeterminismTests.TopK),
        ["l1"] = threads => SparseAutoencoderDeterminismTests.Digest(threads, SparseAutoencoderDeterminismTests.L1),
    };

    /// <summary>The digest that a process of its own comes to.</summary>
    internal static string Digest(int threads, string training)
    {
        using var digest = new TemporaryFile();
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") start.ArgumentList.Add(typeof(SecondProcess).Assembly.Location);
        foreach (var argument in new[] { "-explicit", "only", "-class", typeof(SecondProcess).FullName! }) start.ArgumentList.Add(argument);
        start.Environment[Variable] = FormattableString.Invariant($"{training}|{threads}|{digest.Path}");
        start.Environment["DOTNET_PROCESSOR_COUNT"] = threads.ToString(CultureInfo.InvariantCulture);   // for what .NET shares out
        using var process = Process.Start(start)!;
        var written = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && File.Exists(digest.Path)
            ? File.ReadAllText(digest.Path)
            : throw new InvalidOperationException($"exit code {process.ExitCode}: {written}");
    }

    // A test, because a module initializer that trains and then exits can wait for the finalizer while that waits for it.
    [Fact(Explicit = true)]
    public void Trains_what_it_was_asked_to()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('|') is not [var training, var threads, var file]) return;
        File.WriteAllText(file, Trainings[training](int.Parse(threads, CultureInfo.InvariantCulture)));
    }
}
