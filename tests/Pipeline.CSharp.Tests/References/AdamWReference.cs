using Superposition.Training;

namespace Superposition.Tests.References;

/// <summary>AdamW as its paper writes it, in double precision (Loshchilov and Hutter 2019, algorithm 2).</summary>
sealed class AdamWReference(AdamWOptions options, int length)
{
    readonly double[] mean = new double[length], meanSquare = new double[length];
    int t;

    public void Step(double[] theta, float[] gradient) => Step(theta, [.. gradient.Select(g => (double)g)]);

    public void Step(double[] theta, double[] gradient)
    {
        t++;
        for (var i = 0; i < theta.Length; i++)
        {
            mean[i] = options.Beta1 * mean[i] + (1 - options.Beta1) * gradient[i];
            meanSquare[i] = options.Beta2 * meanSquare[i] + (1 - options.Beta2) * gradient[i] * gradient[i];
            var corrected = mean[i] / (1 - Math.Pow(options.Beta1, t));
            var root = Math.Sqrt(meanSquare[i] / (1 - Math.Pow(options.Beta2, t)));
            theta[i] -= options.LearningRate * (corrected / (root + options.Epsilon) + options.WeightDecay * theta[i]);
        }
    }
}
