using System.Diagnostics;
using System.Globalization;

namespace Superposition.Benchmarks;

/// <summary>The same training in PyTorch, where a python3 with torch is installed (Debian's python3-torch with libopenblas0-pthread).</summary>
static class PythonTorch
{
    /// <summary>Milliseconds a step, or null where there is no torch to ask.</summary>
    public static double? MillisecondsAStep(int instances, int n, int d, int batch, int steps, bool absolute)
    {
        int[] arguments = [instances, n, d, batch, Environment.ProcessorCount, steps, absolute ? 1 : 0];
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "eager.py"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument.ToString(CultureInfo.InvariantCulture));
        try
        {
            using var python = Process.Start(start)!;
            var output = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : null;
        }
        catch (System.ComponentModel.Win32Exception)   // no python3
        {
            return null;
        }
    }
}
