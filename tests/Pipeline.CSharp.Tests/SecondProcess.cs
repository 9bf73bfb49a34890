using System.Diagnostics;
using System.Globalization;
using Superposition.Tests.ToyModels;
using Superposition.ToyModels;

namespace Superposition.Tests;

/// <summary>
/// This program started once more, to train instead of to test: with the environment variable set to a number of threads
/// and an engine it writes the digest of <see cref="ToyModelDeterminismTests.Digest"/> and ends.
/// </summary>
static class SecondProcess
{
    const string Variable = "SUPERPOSITION_TESTS_TRAIN_WITH";

    /// <summary>The digest that a process of its own comes to.</summary>
    public static string Digest(int threads, ToyModelEngine engine)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") start.ArgumentList.Add(typeof(SecondProcess).Assembly.Location);
        start.Environment[Variable] = FormattableString.Invariant($"{threads} {engine}");
        start.Environment["DOTNET_PROCESSOR_COUNT"] = threads.ToString(CultureInfo.InvariantCulture);   // for what .NET shares out
        using var process = Process.Start(start)!;
        var written = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? written.Trim() : throw new InvalidOperationException($"exit code {process.ExitCode}: {written}");
    }

    /// <summary>Called before the first test, in either process.</summary>
    public static void DoWhatWasAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(' ') is not [var threads, var engine]) return;
        Console.WriteLine(ToyModelDeterminismTests.Digest(
            int.Parse(threads, CultureInfo.InvariantCulture), Enum.Parse<ToyModelEngine>(engine)));
        Environment.Exit(0);
    }
}
