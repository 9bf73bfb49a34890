using Superposition.Training;

namespace Superposition.Tests.References;

/// <summary>Gradient descent with momentum in double precision, unrolled: the velocity is Σ_s μ^{t−s} g_s.</summary>
sealed class SgdReference(SgdOptions options)
{
    readonly List<double[]> gradients = [];

    public void Step(double[] theta, double[] gradient, double factor = 1)
    {
        gradients.Add([.. gradient]);
        for (var i = 0; i < theta.Length; i++)
            theta[i] -= options.LearningRate * factor
                * gradients.Select((g, s) => Math.Pow(options.Momentum, gradients.Count - 1 - s) * g[i]).Sum();
    }
}
