using Superposition.Tests.References;

namespace Superposition.Tests.Autoencoders;

/// <summary>How far what was found is from what was expected.</summary>
static class Difference
{
    /// <summary>The largest among loss, latents, reconstructions and the gradient of every parameter that is learnt.</summary>
    public static double Of(Engine.Result found, SparseAutoencoderReference.Result expected) => found.Gradients
        .Select(gradient => Relative(gradient.Value, expected.Gradients[gradient.Key]))
        .Append(Relative([found.Loss], [expected.Loss]))
        .Append(Relative(found.Latents, [.. expected.Latents.SelectMany(z => z)]))
        .Append(Relative(found.Reconstructions, [.. expected.Reconstructions.SelectMany(z => z)]))
        .Max();

    /// <summary>The largest among gradients.</summary>
    public static double Of(IReadOnlyDictionary<string, double[]> found, IReadOnlyDictionary<string, double[]> expected) =>
        found.Max(gradient => Relative(gradient.Value, expected[gradient.Key]));

    /// <summary>‖found − expected‖ / ‖expected‖; both nothing is no difference.</summary>
    public static double Relative(double[] found, double[] expected)
    {
        if (found.Length != expected.Length) return double.PositiveInfinity;
        var norm = Norm(expected);
        return norm == 0 ? Norm(found) : Norm([.. found.Zip(expected, (f, e) => f - e)]) / norm;
    }

    static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));
}
