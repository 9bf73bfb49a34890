using System.Numerics;
using System.Runtime.Intrinsics;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>
/// One model with a single hidden layer, its gradients and its optimiser in one pass over the batch, without temporaries of the
/// batch's size: y = φ(U σ(Wᵀx) + b), σ and φ identity or ReLU, targets x or |x|, squared error, λ‖h‖₁. Sums are made in vectors of
/// 512 bits with fused multiply-add, in the order of rows, so the bytes depend on neither threads nor what vectors the machine has.
/// Single precision trains; double precision is the same code, held to the reference.
/// </summary>
internal abstract unsafe class FusedModel<T> : IDisposable where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // A property, since a static field of a generic type is no constant to the compiler.
    protected static int Lanes => Vector512<T>.Count;

    protected readonly int n, d, stride, slots;   // rows of W and U are stride apart, b is padded to slots; the padding stays 0
    protected readonly bool tied, hasPenalty;
    protected readonly T* w, u, b, gradientOfW, gradientOfU, gradientOfB, importance;
    protected readonly T hiddenFloor, outputFloor, penalty;   // max(·, −∞) is the identity
    protected readonly Vector512<T> targetMask;               // clears the sign where |x| is asked for

    readonly ToyArchitecture architecture;
    readonly Aligned<T> parameters, gradients, weights;
    readonly Moments<T> moments;

    protected FusedModel(ToyModel initial, double[] importance, ToyModelOptions options, int rows, int stride, int slots)
    {
        (n, d, this.stride, this.slots) = (initial.Features, initial.Dimensions, stride, slots);
        (architecture, tied) = (initial.Architecture, initial.Architecture.Tied);
        var matrix = rows * stride;
        var length = RoundUp((tied ? 1 : 2) * matrix, Lanes) + slots;
        (parameters, gradients, weights) = (new(length), new(length), new(slots));
        w = parameters.Pointer;
        gradientOfW = gradients.Pointer;
        u = tied ? w : w + matrix;
        gradientOfU = tied ? gradientOfW : gradientOfW + matrix;
        b = parameters.Pointer + length - slots;
        gradientOfB = gradients.Pointer + length - slots;
        this.importance = weights.Pointer;
        moments = options.Optimizer.Moments<T>(length, options.Steps);
        (hiddenFloor, outputFloor) = (Floor(architecture.Hidden), Floor(architecture.Output));
        (penalty, hasPenalty) = (T.CreateChecked(options.HiddenPenalty), options.HiddenPenalty > 0);
        targetMask = options.Target.Function == TargetFunction.Absolute
            ? ~Vector512.Create(T.NegativeZero)
            : Vector512<T>.AllBitsSet;
        for (var i = 0; i < n; i++)
        {
            this.importance[i] = T.CreateChecked(importance[i]);
            b[i] = T.CreateChecked(initial.B[i]);
            for (var c = 0; c < d; c++)
            {
                w[i * stride + c] = T.CreateChecked(initial.W[i, c]);
                if (!tied) u[i * stride + c] = T.CreateChecked(initial.Decoder[i, c]);
            }
        }
    }

    static T Floor(Activation activation) => activation == Activation.Relu ? T.Zero : T.NegativeInfinity;

    /// <summary>Loss of a batch, the mean of Σ_i I_i (t_i − y_i)², and the gradients of it and of the penalty.</summary>
    public double Accumulate(RowStream rows, long firstRow, int count, long period)
    {
        Begin();
        var (loss, scale) = (0.0, T.One / T.CreateChecked(count));
        for (var (left, row) = (count, firstRow); left > 0; row = 0)
        {
            var run = (int)Math.Min(left, period - row);
            loss += Rows(rows, row, run, scale);
            left -= run;
        }
        End();
        return loss / count;
    }

    /// <summary>One optimiser step with the gradients accumulated last.</summary>
    public void Update()
    {
        moments.Step(parameters.Span, gradients.Span);
        Updated();
    }

    /// <summary>The model as it is now.</summary>
    public ToyModel ToModel()
    {
        var model = new ToyModel(Matrix(w), Vector(b), double.NaN) { Architecture = architecture };
        return tied ? model : model with { Decoder = Matrix(u) };
    }

    /// <summary>The gradients accumulated last: of W [n, d], U [n, d] (W's again where they are tied) and b [n].</summary>
    public (T[,] W, T[,] U, T[] B) Gradients() => (Numbers(gradientOfW), Numbers(gradientOfU), new Span<T>(gradientOfB, n).ToArray());

    /// <summary>The parameters as they are now.</summary>
    public (T[,] W, T[,] U, T[] B) Parameters() => (Numbers(w), Numbers(u), new Span<T>(b, n).ToArray());

    /// <summary>All that the next step depends on: the parameters as they lie in memory, and what the optimiser remembers of each.</summary>
    public IReadOnlyList<T[]> State => [parameters.Span.ToArray(), .. moments.State];

    /// <summary>Goes on as after a step, from the state it had then.</summary>
    public void Resume(long step, IReadOnlyList<T[]> state)
    {
        state[0].CopyTo(parameters.Span);
        for (var s = 0; s < moments.State.Count; s++) state[s + 1].CopyTo(moments.State[s], 0);
        moments.Resume(step);
        Updated();
    }

    protected Span<T> GradientSpan => gradients.Span;

    /// <summary>Before the first row of a batch.</summary>
    protected abstract void Begin();

    /// <summary>Consecutive rows: their summed loss; gradients scaled by 1/B are added to what is there.</summary>
    protected abstract double Rows(RowStream rows, long firstRow, int count, T scale);

    /// <summary>After the last row of a batch: the gradients stand where they belong.</summary>
    protected abstract void End();

    /// <summary>The parameters have changed.</summary>
    protected abstract void Updated();

    protected virtual void Free() { }

    public void Dispose()
    {
        foreach (var memory in (Aligned<T>[])[parameters, gradients, weights]) memory.Dispose();
        Free();
    }

    /// <summary>Draws of single precision as T.</summary>
    protected static void Widen(float* source, T* target, int count)
    {
        for (var i = 0; i < count; i++) target[i] = T.CreateTruncating(source[i]);
    }

    protected static int RoundUp(int length, int multiple) => (length + multiple - 1) / multiple * multiple;

    float[,] Matrix(T* values)
    {
        var matrix = new float[n, d];
        for (var i = 0; i < n; i++)
            for (var c = 0; c < d; c++) matrix[i, c] = float.CreateTruncating(values[i * stride + c]);
        return matrix;
    }

    float[] Vector(T* values)
    {
        var vector = new float[n];
        for (var i = 0; i < n; i++) vector[i] = float.CreateTruncating(values[i]);
        return vector;
    }

    T[,] Numbers(T* values)
    {
        var matrix = new T[n, d];
        for (var i = 0; i < n; i++)
            for (var c = 0; c < d; c++) matrix[i, c] = values[i * stride + c];
        return matrix;
    }
}
