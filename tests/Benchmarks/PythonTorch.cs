using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Superposition.Benchmarks;

/// <summary>The same training in PyTorch, where a python3 with torch is installed (Debian's python3-torch with libopenblas0-pthread).</summary>
static class PythonTorch
{
    // Debian's own, which its packages are for, before another on the path.
    static readonly string[] Interpreters = ["/usr/bin/python3", "python3"];

    /// <summary>Milliseconds a step, or null where there is no torch to ask.</summary>
    public static double? MillisecondsAStep(int instances, int n, int d, int batch, int steps, bool absolute)
    {
        int[] arguments = [instances, n, d, batch, Environment.ProcessorCount, steps, absolute ? 1 : 0];
        string[] words = [Path.Combine(AppContext.BaseDirectory, "eager.py"), .. arguments.Select(a => a.ToString(CultureInfo.InvariantCulture))];
        return Interpreters.Select(interpreter => Answer(interpreter, words)).FirstOrDefault(answer => answer is not null);
    }

    static double? Answer(string interpreter, string[] words)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo(interpreter, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = python.StandardError.ReadToEndAsync();   // read, so that a full pipe stops nobody; without torch there are some
            var output = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            errors.Wait();
            return python.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : null;
        }
        catch (Win32Exception)   // no such interpreter
        {
            return null;
        }
    }
}
