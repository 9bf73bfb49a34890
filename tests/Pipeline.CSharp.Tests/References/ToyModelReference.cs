namespace Superposition.Tests.References;

/// <summary>
/// The ReLU output model in double precision and plain loops: h = Wᵀx, x̂ = ReLU(Wh + b), L = mean_B Σ_i I_i (x_i − x̂_i)².
/// It defines what the engines must compute. W [n, d], b [n], x [B, n].
/// </summary>
sealed class ToyModelReference(double[,] w, double[] b, double[] importance)
{
    readonly int n = w.GetLength(0), d = w.GetLength(1);

    /// <summary>[B, n] W(Wᵀx) + b.</summary>
    public double[,] PreActivations(double[,] x)
    {
        var (rows, h) = (x.GetLength(0), Hidden(x));
        var pre = new double[rows, n];
        for (var r = 0; r < rows; r++)
            for (var i = 0; i < n; i++)
            {
                pre[r, i] = b[i];
                for (var j = 0; j < d; j++) pre[r, i] += w[i, j] * h[r, j];
            }
        return pre;
    }

    /// <summary>[B, d] Wᵀx.</summary>
    public double[,] Hidden(double[,] x)
    {
        var h = new double[x.GetLength(0), d];
        for (var r = 0; r < x.GetLength(0); r++)
            for (var i = 0; i < n; i++)
                for (var j = 0; j < d; j++) h[r, j] += w[i, j] * x[r, i];
        return h;
    }

    public double Loss(double[,] x)
    {
        var pre = PreActivations(x);
        var sum = 0.0;
        for (var r = 0; r < x.GetLength(0); r++)
            for (var i = 0; i < n; i++) sum += importance[i] * Math.Pow(x[r, i] - Math.Max(0, pre[r, i]), 2);
        return sum / x.GetLength(0);
    }

    /// <summary>
    /// With δ_i = 2 I_i (x̂_i − x_i) [x̂_i > 0] / B: ∂L/∂b = Σ_B δ, ∂L/∂W = Σ_B δ hᵀ + x (Wᵀδ)ᵀ, since W both reads and writes.
    /// </summary>
    public (double[,] W, double[] B) Gradient(double[,] x)
    {
        var (rows, pre, h) = (x.GetLength(0), PreActivations(x), Hidden(x));
        var (gw, gb) = (new double[n, d], new double[n]);
        for (var r = 0; r < rows; r++)
        {
            var (delta, back) = (new double[n], new double[d]);
            for (var i = 0; i < n; i++)
            {
                if (pre[r, i] > 0) delta[i] = 2 * importance[i] * (pre[r, i] - x[r, i]) / rows;
                gb[i] += delta[i];
                for (var j = 0; j < d; j++) back[j] += w[i, j] * delta[i];
            }
            for (var i = 0; i < n; i++)
                for (var j = 0; j < d; j++) gw[i, j] += delta[i] * h[r, j] + x[r, i] * back[j];
        }
        return (gw, gb);
    }

    /// <summary>
    /// The gradient's sums with every term made positive: what the rounding errors of an engine are in proportion to, also
    /// where the terms themselves cancel.
    /// </summary>
    public (double[,] W, double[] B) GradientMagnitude(double[,] x)
    {
        var (rows, pre) = (x.GetLength(0), PreActivations(x));
        var (positive, h) = (new double[n, d], new double[rows, d]);
        for (var i = 0; i < n; i++)
            for (var j = 0; j < d; j++)
            {
                positive[i, j] = Math.Abs(w[i, j]);
                for (var r = 0; r < rows; r++) h[r, j] += positive[i, j] * Math.Abs(x[r, i]);
            }
        var (gw, gb) = (new double[n, d], new double[n]);
        for (var r = 0; r < rows; r++)
        {
            var (delta, back) = (new double[n], new double[d]);
            for (var i = 0; i < n; i++)
            {
                if (pre[r, i] <= 0) continue;
                var terms = Math.Abs(x[r, i]) + Math.Abs(b[i]);
                for (var j = 0; j < d; j++) terms += positive[i, j] * h[r, j];
                delta[i] = 2 * importance[i] * terms / rows;
                gb[i] += delta[i];
                for (var j = 0; j < d; j++) back[j] += positive[i, j] * delta[i];
            }
            for (var i = 0; i < n; i++)
                for (var j = 0; j < d; j++) gw[i, j] += delta[i] * h[r, j] + Math.Abs(x[r, i]) * back[j];
        }
        return (gw, gb);
    }

    /// <summary>How far the nearest pre-activation is from the kink of the ReLU, where the gradient jumps.</summary>
    public double NearestKink(double[,] x) => PreActivations(x).Cast<double>().Min(Math.Abs);
}
