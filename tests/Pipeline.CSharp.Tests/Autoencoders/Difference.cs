using Superposition.Tests.References;

namespace Superposition.Tests.Autoencoders;

/// <summary>How far what was found is from what was expected.</summary>
static class Difference
{
    /// <summary>The largest among loss, latents, reconstructions and the gradient of every parameter that is learnt.</summary>
    public static double Of(Engine.Result found, SparseAutoencoderReference.Result expected, double share = 0) =>
        new[]
        {
            Of(found.Gradients, expected.Gradients, share), Relative([found.Loss], [expected.Loss]),
            Relative(found.Latents, [.. expected.Latents.SelectMany(z => z)]),
            Relative(found.Reconstructions, [.. expected.Reconstructions.SelectMany(z => z)]),
        }.Max();

    /// <summary>The largest among gradients.</summary>
    /// <param name="found">By parameter.</param>
    /// <param name="expected">By parameter.</param>
    /// <param name="share">
    /// Of all gradients' norm, to which that of one is taken up: what cancels to less keeps the rounding of what it was summed from.
    /// </param>
    public static double Of(IReadOnlyDictionary<string, double[]> found, IReadOnlyDictionary<string, double[]> expected, double share = 0)
    {
        var all = Norm([.. expected.Values.SelectMany(gradient => gradient)]);
        return found.Max(gradient => Relative(gradient.Value, expected[gradient.Key], share * all));
    }

    /// <summary>‖found − expected‖ / max(‖expected‖, least); both nothing is no difference.</summary>
    public static double Relative(double[] found, double[] expected, double least = 0)
    {
        if (found.Length != expected.Length) return double.PositiveInfinity;
        var norm = Math.Max(Norm(expected), least);
        return norm == 0 ? Norm(found) : Norm([.. found.Zip(expected, (f, e) => f - e)]) / norm;
    }

    /// <summary>‖values‖</summary>
    public static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));
}
