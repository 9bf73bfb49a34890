using Superposition.ToyModels;

namespace Superposition.Tests.References;

/// <summary>
/// A toy model of any architecture in double precision and plain loops: a_1 = Wᵀx + c_1, h_l = σ(a_l), a_{l+1} = M_lᵀh_l + c_{l+1},
/// y = φ(U (h_L ⊙ mask) + b), what it is asked for, what that costs, and the slopes of the cost by central differences.
/// </summary>
sealed class AnyToyModelReference
{
    const double Step = 1e-7;   // small, for layers normalised one after another have large third derivatives

    readonly ToyModelOptions options;
    readonly double[] importance;
    readonly int n, d, outputs;
    readonly double[] w, u, b;               // [n, d], [outputs, d] (w itself where tied), [outputs]
    readonly double[][] inner, hiddenBiases; // [d, d] and [d]

    public AnyToyModelReference(ToyModel model, ToyModelOptions options)
    {
        (this.options, n, d, outputs) = (options, model.Features, model.Dimensions, model.Outputs);
        importance = options.Importance.Expand(outputs);
        w = Flat(model.W);
        u = model.Architecture.Tied ? w : Flat(model.Decoder);
        inner = [.. model.Inner.Select(Flat)];
        hiddenBiases = [.. model.HiddenBiases.Select(c => c.Select(v => (double)v).ToArray())];
        b = [.. model.B.Select(v => (double)v)];
    }

    /// <summary>Each parameter once, row after row: W, U where it is not W, each M_l, each c_l, b.</summary>
    public double[][] Parameters => [w, .. ReferenceEquals(u, w) ? [] : (double[][])[u], .. inner, .. hiddenBiases, b];

    /// <summary>[d] h_L of a row, times its mask, and [outputs] y.</summary>
    public (double[] Hidden, double[] Outputs) Forward(double[] x, double[]? mask = null) => Forward(x, mask, corner: null);

    /// <summary>[outputs] What a row asks for.</summary>
    public double[] Targets(double[] x)
    {
        double Pair(double p, double q) => options.Target.Function switch
        {
            TargetFunction.Max => p > q ? p : q,
            TargetFunction.And => p > 0 ? q > 0 ? 1 : 0 : 0,
            TargetFunction.Or => p > 0 ? 1 : q > 0 ? 1 : 0,
            TargetFunction.AbsoluteDifference => p > q ? p - q : q - p,
            TargetFunction.MaxAbsolute => Math.Sqrt(Math.Max(p * p, q * q)),
            TargetFunction.RectifiedMax => p > 0 && p > q ? p : q > 0 ? q : 0,
            _ => throw new ArgumentOutOfRangeException(nameof(x)),
        };
        return options.Target.Function switch
        {
            TargetFunction.Identity => x,
            TargetFunction.Absolute => [.. x.Select(v => v < 0 ? -v : v)],
            TargetFunction.Square => [.. x.Select(v => v * v)],
            _ => [.. from i in Enumerable.Range(0, n)
                     from j in Enumerable.Range(0, n)
                     where options.Target.AllPairs ? i < j : i % 2 == 0 && j == i + 1
                     select Pair(x[i], x[j])],
        };
    }

    /// <summary>Mean of the objective over rows.</summary>
    public double Loss(double[][] rows, double[][]? masks = null) => rows.Select((x, r) =>
    {
        var (y, t, cost) = (Forward(x, masks?[r]).Outputs, Targets(x), 0.0);
        var (all, normaliser) = (t.Sum(), Math.Log(y.Sum(Math.Exp)));
        for (var i = 0; i < outputs; i++)
            cost += importance[i] * (options.Objective == Objective.SquaredError
                ? (t[i] - y[i]) * (t[i] - y[i])
                : all == 0 ? 0 : -t[i] / all * (y[i] - normaliser));
        return cost;
    }).Average();

    /// <summary>The loss and λ times the mean of ‖h_L‖₁: what a training goes down.</summary>
    public double Minimised(double[][] rows, double[][]? masks = null) => Loss(rows, masks)
        + options.HiddenPenalty * rows.Select((x, r) => Forward(x, masks?[r]).Hidden.Sum(Math.Abs)).Average();

    /// <summary>Slopes of what is minimised, in the order of the parameters.</summary>
    public double[][] Slopes(double[][] rows, double[][]? masks = null) => [.. Parameters.Select(parameter =>
        Enumerable.Range(0, parameter.Length).Select(i =>
        {
            var here = parameter[i];
            parameter[i] = here + Step;
            var above = Minimised(rows, masks);
            parameter[i] = here - Step;
            var below = Minimised(rows, masks);
            parameter[i] = here;
            return (above - below) / (2 * Step);
        }).ToArray())];

    /// <summary>
    /// How near anything comes to a corner: a ReLU's, that of |h| in the penalty, or a hundredth of the deviation of a layer that is
    /// normalised, by which its rounding is divided. Rows of zeros lie right on them and do not count
    /// where there are no hidden biases: no parameter moves their activations, and their outputs are what they are asked for.
    /// </summary>
    public double NearestKink(double[][] rows, double[][]? masks = null)
    {
        var nearest = double.MaxValue;
        void Look(double a) => nearest = Math.Min(nearest, Math.Abs(a));
        for (var r = 0; r < rows.Length; r++)
        {
            if (!options.Architecture.HiddenBias && rows[r].All(v => v == 0)) continue;
            Forward(rows[r], masks?[r], Look);
            if (options.HiddenPenalty > 0 && options.Architecture.Hidden != Activation.Relu)
                foreach (var h in Forward(rows[r]).Hidden) Look(h);
        }
        return nearest;
    }

    /// <summary>σ of a whole layer.</summary>
    public static double[] Activate(Activation activation, double[] a)
    {
        if (activation == Activation.Identity) return a;
        if (activation == Activation.Relu) return [.. a.Select(v => v > 0 ? v : 0)];
        if (activation == Activation.Gelu) return [.. a.Select(v => v * (1 + Erf(v / Math.Sqrt(2))) / 2)];
        var all = a.Sum(Math.Exp);
        double[] solu = [.. a.Select(v => v * Math.Exp(v) / all)];
        if (activation == Activation.Solu) return solu;
        var (mean, variance) = (solu.Average(), Variance(solu));
        return [.. solu.Select(v => (v - mean) / Math.Sqrt(variance + 1e-5))];
    }

    static double Variance(double[] values) => values.Average(v => (v - values.Average()) * (v - values.Average()));

    // 2/√π e^{−x²} Σ_k 2^k x^{2k+1} / (2k + 1)!!, whose terms all have one sign (DLMF 7.6.2).
    static double Erf(double x)
    {
        var (sum, term) = (0.0, x);
        for (var k = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); k++) (sum, term) = (sum + term, term * 2 * x * x / (2 * k + 1));
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    (double[] Hidden, double[] Outputs) Forward(double[] x, double[]? mask, Action<double>? corner)
    {
        var architecture = options.Architecture;
        double[] Activated(Activation activation, double[] a)
        {
            if (activation == Activation.Relu && corner is not null) Array.ForEach(a, corner);
            if (activation == Activation.SoluLayerNorm && corner is not null) corner(Math.Sqrt(Variance(Activate(Activation.Solu, a))) / 100);
            return Activate(activation, a);
        }
        var h = x;
        for (var l = 0; l < architecture.HiddenLayers; l++)
        {
            var (weights, before) = (l == 0 ? w : inner[l - 1], h);
            var a = new double[d];
            for (var j = 0; j < d; j++)
            {
                if (architecture.HiddenBias) a[j] = hiddenBiases[l][j];
                for (var i = 0; i < before.Length; i++) a[j] += weights[i * d + j] * before[i];
            }
            h = Activated(architecture.Hidden, a);
        }
        if (mask is not null) h = [.. h.Zip(mask, (value, m) => value * m)];
        var y = new double[outputs];
        for (var o = 0; o < outputs; o++)
        {
            y[o] = b[o];
            for (var j = 0; j < d; j++) y[o] += u[o * d + j] * h[j];
        }
        return (h, Activated(architecture.Output, y));
    }

    static double[] Flat(float[,] matrix) => [.. matrix.Cast<float>().Select(v => (double)v)];
}
