namespace Superposition.Tests.References;

/// <summary>
/// What a sparse autoencoder is: both losses and their gradients in double precision, sample by sample, as slow as they are
/// plain. h = W_encᵀ(x − b_dec) + b_enc, x̂ = W_decᵀz + b_dec; W_enc and W_dec, both [m, d], lie row after row.
/// </summary>
public sealed class SparseAutoencoderReference(double[] encoder, double[] encoderBias, double[] decoder, double[] decoderBias)
{
    readonly int d = decoderBias.Length, m = encoderBias.Length;

    /// <summary>W_enc, b_enc, W_dec, b_dec themselves: a change here changes the autoencoder.</summary>
    public double[][] Parameters => [encoder, encoderBias, decoder, decoderBias];

    /// <summary>Ways to get AuxK wrong that have been shipped elsewhere.</summary>
    [Flags]
    public enum Mistakes
    {
        None = 0,

        /// <summary>ê = W_decᵀz + b_dec, as EleutherAI's sparsify has it.</summary>
        BiasInEstimate = 1,

        /// <summary>The gradient flows into the residual, as it did there before issue 57.</summary>
        ResidualNotDetached = 2,
    }

    /// <summary>One batch.</summary>
    /// <param name="Loss">What is descended.</param>
    /// <param name="Gradients">Of W_enc, b_enc, W_dec, b_dec.</param>
    /// <param name="Latents">[B][m] z.</param>
    /// <param name="Reconstructions">[B][d] x̂.</param>
    /// <param name="Residuals">[B][d] x − x̂.</param>
    public sealed record Result(
        double Loss, double[][] Gradients, double[][] Latents, double[][] Reconstructions, double[][] Residuals);

    /// <summary>
    /// z = max(h, 0) on the k largest h; L = mean_b ‖x − x̂‖² + α·min(dead/half, 1)·mean_b ‖e − ê‖², where half = max(1, ⌊d/2⌋),
    /// e = x − x̂ is held constant, and ê = Σ h_j d_j over the min(half, dead) largest h of dead latents (Gao et al. 2024, A.2).
    /// </summary>
    /// <param name="x">[B][d]</param>
    /// <param name="k">Latents kept a sample.</param>
    /// <param name="alpha">α.</param>
    /// <param name="dead">The dead latents.</param>
    /// <param name="residuals">e, where it is to be held at that of other parameters (for finite differences).</param>
    /// <param name="mistakes">What to get wrong.</param>
    public Result TopK(
        double[][] x, int k, double alpha, int[] dead, double[][]? residuals = null, Mistakes mistakes = Mistakes.None)
    {
        var pass = new Pass(this, x.Length);
        var half = Math.Max(1, d / 2);
        var weight = dead.Length == 0 ? 0 : alpha * Math.Min((double)dead.Length / half, 1);
        for (var b = 0; b < x.Length; b++)
        {
            var (h, gradH, z) = (PreActivations(x[b]), new double[m], new double[m]);
            foreach (var j in Largest(h, Enumerable.Range(0, m), k)) z[j] = Math.Max(h[j], 0);
            var reconstruction = Decode(z);
            var residual = Minus(x[b], reconstruction);
            var gradReconstruction = residual.Select(e => -2 * e / x.Length).ToArray();
            pass.Loss += residual.Sum(e => e * e) / x.Length;
            if (weight > 0)
            {
                var chosen = Largest(h, dead, Math.Min(half, dead.Length));
                var estimate = mistakes.HasFlag(Mistakes.BiasInEstimate) ? [.. decoderBias] : new double[d];
                foreach (var j in chosen)
                    for (var i = 0; i < d; i++) estimate[i] += h[j] * decoder[j * d + i];
                var miss = Minus(estimate, residuals?[b] ?? residual);
                var gradEstimate = miss.Select(e => 2 * weight * e / x.Length).ToArray();
                pass.Loss += weight * miss.Sum(e => e * e) / x.Length;
                foreach (var j in chosen) gradH[j] += pass.ThroughDecoder(j, h[j], gradEstimate);
                if (mistakes.HasFlag(Mistakes.BiasInEstimate)) pass.IntoDecoderBias(gradEstimate);
                if (mistakes.HasFlag(Mistakes.ResidualNotDetached))
                    for (var i = 0; i < d; i++) gradReconstruction[i] += gradEstimate[i];   // e falls as x̂ rises
            }
            for (var j = 0; j < m; j++)
                if (z[j] > 0) gradH[j] += pass.ThroughDecoder(j, z[j], gradReconstruction);
            pass.IntoDecoderBias(gradReconstruction);
            pass.ThroughEncoder(x[b], gradH);
            pass.Keep(z, reconstruction, residual);
        }
        return pass.Result();
    }

    /// <summary>z = max(h, 0); L = mean_b ‖x − x̂‖² + λ·mean_b Σ_j z_j‖d_j‖, the gradient flowing through the norm.</summary>
    public Result L1(double[][] x, double lambda)
    {
        var pass = new Pass(this, x.Length);
        var norms = Enumerable.Range(0, m).Select(j => Math.Sqrt(Row(j).Sum(w => w * w))).ToArray();
        for (var b = 0; b < x.Length; b++)
        {
            var (h, gradH) = (PreActivations(x[b]), new double[m]);
            var z = h.Select(value => Math.Max(value, 0)).ToArray();
            var reconstruction = Decode(z);
            var residual = Minus(x[b], reconstruction);
            var gradReconstruction = residual.Select(e => -2 * e / x.Length).ToArray();
            pass.Loss += residual.Sum(e => e * e) / x.Length;
            for (var j = 0; j < m; j++)
            {
                if (z[j] == 0) continue;
                pass.Loss += lambda * z[j] * norms[j] / x.Length;
                gradH[j] += pass.ThroughDecoder(j, z[j], gradReconstruction) + lambda * norms[j] / x.Length;
                for (var i = 0; i < d; i++)
                    pass.Gradients[2][j * d + i] += lambda * z[j] / x.Length * decoder[j * d + i] / norms[j];
            }
            pass.IntoDecoderBias(gradReconstruction);
            pass.ThroughEncoder(x[b], gradH);
            pass.Keep(z, reconstruction, residual);
        }
        return pass.Result();
    }

    /// <summary>How far a sample is from another selection: the least gap at a choice of TopK or AuxK, and of a kept h from 0.</summary>
    public double TopKMargin(double[] x, int k, int[] dead)
    {
        var h = PreActivations(x);
        var kink = Largest(h, Enumerable.Range(0, m), k).Min(j => Math.Abs(h[j]));
        return Math.Min(kink, Math.Min(
            Gap(h, Enumerable.Range(0, m), k), Gap(h, dead, Math.Min(Math.Max(1, d / 2), dead.Length))));
    }

    /// <summary>How far a sample is from another selection: the least |h|.</summary>
    public double L1Margin(double[] x) => PreActivations(x).Min(Math.Abs);

    /// <summary>[m] h.</summary>
    public double[] PreActivations(double[] x)
    {
        var h = (double[])encoderBias.Clone();
        for (var i = 0; i < d; i++)
            for (var j = 0; j < m; j++) h[j] += (x[i] - decoderBias[i]) * encoder[j * d + i];
        return h;
    }

    /// <summary>[d] x̂.</summary>
    public double[] Decode(double[] z)
    {
        var reconstruction = (double[])decoderBias.Clone();
        for (var j = 0; j < m; j++)
            for (var i = 0; i < d; i++) reconstruction[i] += z[j] * decoder[j * d + i];
        return reconstruction;
    }

    ArraySegment<double> Row(int j) => new(decoder, j * d, d);

    static double[] Minus(double[] x, double[] y) => [.. x.Zip(y, (a, b) => a - b)];

    static int[] Largest(double[] h, IEnumerable<int> among, int count) => [.. among.OrderByDescending(j => h[j]).Take(count)];

    static double Gap(double[] h, IEnumerable<int> among, int count)
    {
        var sorted = among.Select(j => h[j]).OrderDescending().ToArray();
        return count == 0 || count == sorted.Length ? double.PositiveInfinity : sorted[count - 1] - sorted[count];
    }

    /// <summary>Sums over the samples of a batch.</summary>
    sealed class Pass(SparseAutoencoderReference of, int samples)
    {
        readonly List<double[]> latents = new(samples), reconstructions = new(samples), residuals = new(samples);

        public double Loss;

        public double[][] Gradients { get; } = [.. of.Parameters.Select(p => new double[p.Length])];

        /// <summary>What is added to x̂ or ê is value·d_j: adds to d_j's gradient and returns the value's.</summary>
        public double ThroughDecoder(int j, double value, double[] gradient)
        {
            var sum = 0.0;
            for (var i = 0; i < of.d; i++)
            {
                Gradients[2][j * of.d + i] += value * gradient[i];
                sum += of.Parameters[2][j * of.d + i] * gradient[i];
            }
            return sum;
        }

        public void IntoDecoderBias(double[] gradient)
        {
            for (var i = 0; i < of.d; i++) Gradients[3][i] += gradient[i];
        }

        public void ThroughEncoder(double[] x, double[] gradH)
        {
            for (var j = 0; j < of.m; j++)
            {
                if (gradH[j] == 0) continue;
                Gradients[1][j] += gradH[j];
                for (var i = 0; i < of.d; i++)
                {
                    Gradients[0][j * of.d + i] += (x[i] - of.Parameters[3][i]) * gradH[j];
                    Gradients[3][i] -= of.Parameters[0][j * of.d + i] * gradH[j];
                }
            }
        }

        public void Keep(double[] z, double[] reconstruction, double[] residual)
        {
            latents.Add(z);
            reconstructions.Add(reconstruction);
            residuals.Add(residual);
        }

        public Result Result() => new(Loss, Gradients, [.. latents], [.. reconstructions], [.. residuals]);
    }
}
