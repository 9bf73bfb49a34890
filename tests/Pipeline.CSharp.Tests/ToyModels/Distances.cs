namespace Superposition.Tests.ToyModels;

/// <summary>How far parameters or gradients are from what they should be, parameter by parameter.</summary>
static class Distances
{
    /// <summary>
    /// The largest ‖found − expected‖ / ‖expected‖ of any parameter. One whose part is below a hundredth of all, or of one, which is
    /// about the size of the terms, is held to that: what cancels leaves rounding.
    /// </summary>
    public static double Largest(double[][] expected, double[][] found)
    {
        var all = Norm(expected.SelectMany(v => v));
        return expected.Zip(found).Max(pair =>
        {
            var (e, f) = pair;
            if (e.Length != f.Length) return f.Length == 0 && Norm(e) == 0 ? 0 : double.PositiveInfinity;
            var difference = Norm(e.Zip(f, (a, b) => a - b));
            return difference == 0 ? 0 : difference / Math.Max(Norm(e), 0.01 * Math.Max(1, all));
        });
    }

    public static double Largest(double[][] expected, float[][] found) =>
        Largest(expected, [.. found.Select(f => f.Select(v => (double)v).ToArray())]);

    static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(v => v * v));
}
