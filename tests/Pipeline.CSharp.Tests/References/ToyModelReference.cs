using Superposition.ToyModels;

namespace Superposition.Tests.References;

/// <summary>
/// A toy model with one hidden layer in double precision and plain loops: h = σ(Wᵀx), y = φ(Uh + b), σ and φ identity or ReLU,
/// L = mean_B Σ_i I_i (t_i − y_i)² with t = x or |x|. It defines what the engines must compute. W [n, d], U [n, d] (W where it is
/// tied), b [n], x [B, n].
/// </summary>
sealed class ToyModelReference(
    double[,] w, double[] b, double[] importance, double[,]? decoder = null, ToyArchitecture? architecture = null, bool absolute = false,
    double penalty = 0)
{
    readonly int n = w.GetLength(0), d = w.GetLength(1);
    readonly double[,] u = decoder ?? w;
    readonly bool hiddenRelu = architecture?.Hidden == Activation.Relu, outputRelu = architecture?.Output != Activation.Identity;

    /// <summary>[B, n] U σ(Wᵀx) + b.</summary>
    public double[,] PreActivations(double[,] x)
    {
        var (rows, h) = (x.GetLength(0), Hidden(x));
        var pre = new double[rows, n];
        for (var r = 0; r < rows; r++)
            for (var i = 0; i < n; i++)
            {
                pre[r, i] = b[i];
                for (var j = 0; j < d; j++) pre[r, i] += u[i, j] * h[r, j];
            }
        return pre;
    }

    /// <summary>[B, d] σ(Wᵀx).</summary>
    public double[,] Hidden(double[,] x)
    {
        var h = Project(x);
        if (hiddenRelu)
            for (var r = 0; r < x.GetLength(0); r++)
                for (var j = 0; j < d; j++) h[r, j] = Math.Max(0, h[r, j]);
        return h;
    }

    double[,] Project(double[,] x)
    {
        var h = new double[x.GetLength(0), d];
        for (var r = 0; r < x.GetLength(0); r++)
            for (var i = 0; i < n; i++)
                for (var j = 0; j < d; j++) h[r, j] += w[i, j] * x[r, i];
        return h;
    }

    double Output(double pre) => outputRelu ? Math.Max(0, pre) : pre;

    double Target(double x) => absolute ? Math.Abs(x) : x;

    public double Loss(double[,] x)
    {
        var pre = PreActivations(x);
        var sum = 0.0;
        for (var r = 0; r < x.GetLength(0); r++)
            for (var i = 0; i < n; i++) sum += importance[i] * Math.Pow(Target(x[r, i]) - Output(pre[r, i]), 2);
        return sum / x.GetLength(0);
    }

    /// <summary>Batch mean of λ‖h‖₁, which is minimised beside the loss.</summary>
    public double Penalty(double[,] x) => penalty * Hidden(x).Cast<double>().Sum(Math.Abs) / x.GetLength(0);

    /// <summary>The gradient of loss and penalty in W and b, for a model whose W both reads and writes.</summary>
    public (double[,] W, double[] B) Gradient(double[,] x)
    {
        var (gw, gu, gb) = Gradients(x);
        for (var i = 0; i < n; i++)
            for (var j = 0; j < d; j++) gw[i, j] += gu[i, j];
        return (gw, gb);
    }

    /// <summary>
    /// With δ_i = 2 I_i (y_i − t_i)/B where the output is open: ∂/∂b = Σ_B δ, ∂/∂U = Σ_B δ hᵀ, ∂/∂W = Σ_B x (Uᵀδ + λ sign(h)/B)ᵀ
    /// where the unit is open.
    /// </summary>
    public (double[,] W, double[,] U, double[] B) Gradients(double[,] x)
    {
        var (rows, pre, h, a) = (x.GetLength(0), PreActivations(x), Hidden(x), Project(x));
        var (gw, gu, gb) = (new double[n, d], new double[n, d], new double[n]);
        for (var r = 0; r < rows; r++)
        {
            var (delta, back) = (new double[n], new double[d]);
            for (var i = 0; i < n; i++)
            {
                if (!outputRelu || pre[r, i] > 0) delta[i] = 2 * importance[i] * (Output(pre[r, i]) - Target(x[r, i])) / rows;
                gb[i] += delta[i];
                for (var j = 0; j < d; j++) back[j] += u[i, j] * delta[i];
            }
            for (var j = 0; j < d; j++)
            {
                back[j] += penalty * Math.Sign(h[r, j]) / rows;
                if (hiddenRelu && a[r, j] <= 0) back[j] = 0;
            }
            for (var i = 0; i < n; i++)
                for (var j = 0; j < d; j++)
                {
                    gu[i, j] += delta[i] * h[r, j];
                    gw[i, j] += x[r, i] * back[j];
                }
        }
        return (gw, gu, gb);
    }

    /// <summary>
    /// The gradient's sums with every term made positive: what the rounding errors of an engine are in proportion to, also
    /// where the terms themselves cancel.
    /// </summary>
    public (double[,] W, double[] B) GradientMagnitude(double[,] x)
    {
        static double[,] Positive(double[,] matrix)
        {
            var positive = (double[,])matrix.Clone();
            for (var i = 0; i < matrix.GetLength(0); i++)
                for (var j = 0; j < matrix.GetLength(1); j++) positive[i, j] = Math.Abs(matrix[i, j]);
            return positive;
        }
        var (rows, pre, written) = (x.GetLength(0), PreActivations(x), Positive(u));
        var h = new ToyModelReference(Positive(w), b, importance).Project(Positive(x));
        var (gw, gb) = (new double[n, d], new double[n]);
        for (var r = 0; r < rows; r++)
        {
            var (delta, back) = (new double[n], new double[d]);
            for (var i = 0; i < n; i++)
            {
                if (outputRelu && pre[r, i] <= 0) continue;
                var terms = Math.Abs(x[r, i]) + Math.Abs(b[i]);
                for (var j = 0; j < d; j++) terms += written[i, j] * h[r, j];
                delta[i] = 2 * importance[i] * terms / rows;
                gb[i] += delta[i];
                for (var j = 0; j < d; j++) back[j] += written[i, j] * delta[i];
            }
            for (var i = 0; i < n; i++)
                for (var j = 0; j < d; j++) gw[i, j] += delta[i] * h[r, j] + Math.Abs(x[r, i]) * (back[j] + penalty / rows);
        }
        return (gw, gb);
    }

    /// <summary>How far the nearest pre-activation is from the kink of a ReLU, where the gradient jumps.</summary>
    public double NearestKink(double[,] x)
    {
        var outputs = outputRelu ? PreActivations(x).Cast<double>().Min(Math.Abs) : double.MaxValue;
        // A row of zeros has units at 0, whose gradient is 0 from either side.
        var units = hiddenRelu || penalty > 0 ? Project(x).Cast<double>().Where(a => a != 0).Select(Math.Abs).DefaultIfEmpty(double.MaxValue).Min() : double.MaxValue;
        return Math.Min(outputs, units);
    }
}
