using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Superposition.Features;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>
/// One ReLU output model with its gradients, a row at a time and without temporaries: only active features enter Wᵀx, and
/// only features with a positive pre-activation have a gradient. Everything is accumulated in 16 lanes with fused
/// multiply-add, in the order of rows, so the bytes depend on neither threads nor vector width.
/// </summary>
internal sealed unsafe class FusedToyModel : IDisposable
{
    const int Lanes = 16;

    readonly int n, d, featureSlots, hiddenSlots;   // n and d rounded up to whole vectors; the padding stays 0
    readonly AlignedFloats parameters, gradients;   // W [n, hiddenSlots], then b [featureSlots]
    readonly AlignedFloats transposed;              // Wᵀ [d, featureSlots], a copy for the dense product
    readonly AlignedFloats importance, x, hidden, hiddenGradient;
    readonly AdamWMoments moments;
    readonly int[] indices;
    readonly float[] values;

    public FusedToyModel(ToyModel initial, double[] importance, AdamWOptions optimizer)
    {
        (n, d) = (initial.Features, initial.Dimensions);
        (featureSlots, hiddenSlots) = (RoundUp(n), RoundUp(d));
        parameters = new(n * hiddenSlots + featureSlots);
        gradients = new(parameters.Length);
        transposed = new(d * featureSlots);
        (this.importance, x, hidden, hiddenGradient) = (new(featureSlots), new(featureSlots), new(hiddenSlots), new(hiddenSlots));
        moments = new(optimizer, parameters.Length);
        (indices, values) = (new int[n], new float[n]);
        for (var i = 0; i < n; i++)
        {
            this.importance.Span[i] = (float)importance[i];
            for (var c = 0; c < d; c++) W(i)[c] = initial.W[i, c];
            B[i] = initial.B[i];
        }
        Transpose();
    }

    float* W(int feature) => parameters.Pointer + feature * hiddenSlots;
    float* B => parameters.Pointer + n * hiddenSlots;
    float* GradientOfW(int feature) => gradients.Pointer + feature * hiddenSlots;
    float* GradientOfB => gradients.Pointer + n * hiddenSlots;

    /// <summary>Loss of a batch, the mean of Σ_i I_i (x_i − x̂_i)², and its gradients.</summary>
    public double Accumulate(RowStream rows, long firstRow, int count, long period)
    {
        gradients.Span.Clear();
        var loss = 0.0;
        var scale = 2f / count;
        for (var r = 0; r < count; r++)
        {
            var active = rows.Draw((firstRow + r) % period, indices, values);
            loss += Row(active, scale);
        }
        return loss / count;
    }

    /// <summary>One optimiser step with the gradients accumulated last.</summary>
    public void Update()
    {
        moments.Step(parameters.Span, gradients.Span);
        Transpose();
    }

    /// <summary>The model as it is now.</summary>
    public ToyModel ToModel()
    {
        var (w, b) = Unpadded(parameters);
        return new(w, b, double.NaN);
    }

    /// <summary>The gradients accumulated last: of W [n, d] and b [n].</summary>
    public (float[,] W, float[] B) Gradients() => Unpadded(gradients);

    (float[,] W, float[] B) Unpadded(AlignedFloats padded)
    {
        var w = new float[n, d];
        for (var i = 0; i < n; i++) padded.Span.Slice(i * hiddenSlots, d).CopyTo(DataViews.Rows.Row(w, i));
        return (w, padded.Span.Slice(n * hiddenSlots, n).ToArray());
    }

    double Row(int active, float scale)
    {
        Encode(active);
        var loss = Backpropagate(scale);
        for (var a = 0; a < active; a++)
        {
            AddScaled(GradientOfW(indices[a]), hiddenGradient.Pointer, values[a]);
            x.Pointer[indices[a]] = 0;
        }
        return loss;
    }

    // h = Wᵀx over the active features; x is laid out dense for the loss.
    void Encode(int active)
    {
        hidden.Span.Clear();
        hiddenGradient.Span.Clear();
        for (var a = 0; a < active; a++)
        {
            x.Pointer[indices[a]] = values[a];
            AddScaled(hidden.Pointer, W(indices[a]), values[a]);
        }
    }

    // Four vectors of features at a time, so that as many chains of multiply-adds are under way at once.
    double Backpropagate(float scale)
    {
        var loss = Vector512<float>.Zero;
        var at = 0;
        for (; at + 4 * Lanes <= featureSlots; at += 4 * Lanes)
        {
            var b = B + at;
            Vector512<float> p0 = Vector512.Load(b), p1 = Vector512.Load(b + 16), p2 = Vector512.Load(b + 32), p3 = Vector512.Load(b + 48);
            for (var c = 0; c < d; c++)
            {
                var h = Vector512.Create(hidden.Pointer[c]);
                var w = transposed.Pointer + c * featureSlots + at;
                p0 = Vector512.FusedMultiplyAdd(h, Vector512.Load(w), p0);
                p1 = Vector512.FusedMultiplyAdd(h, Vector512.Load(w + 16), p1);
                p2 = Vector512.FusedMultiplyAdd(h, Vector512.Load(w + 32), p2);
                p3 = Vector512.FusedMultiplyAdd(h, Vector512.Load(w + 48), p3);
            }
            loss = Output(at, p0, loss, scale);
            loss = Output(at + 16, p1, loss, scale);
            loss = Output(at + 32, p2, loss, scale);
            loss = Output(at + 48, p3, loss, scale);
        }
        for (; at < featureSlots; at += Lanes)
        {
            var p = Vector512.Load(B + at);
            for (var c = 0; c < d; c++)
                p = Vector512.FusedMultiplyAdd(
                    Vector512.Create(hidden.Pointer[c]), Vector512.Load(transposed.Pointer + c * featureSlots + at), p);
            loss = Output(at, p, loss, scale);
        }
        return Sum(loss);
    }

    // 16 features: their loss, and the gradient of those whose pre-activation is positive.
    Vector512<float> Output(int at, Vector512<float> pre, Vector512<float> loss, float scale)
    {
        var error = Vector512.Max(pre, Vector512<float>.Zero) - Vector512.Load(x.Pointer + at);
        var weighted = error * Vector512.Load(importance.Pointer + at);
        loss = Vector512.FusedMultiplyAdd(error, weighted, loss);
        var positive = Vector512.GreaterThan(pre, Vector512<float>.Zero);
        var open = Vector512.ExtractMostSignificantBits(positive);
        if (open == 0) return loss;
        var gradient = (weighted * scale) & positive;
        (Vector512.Load(GradientOfB + at) + gradient).Store(GradientOfB + at);
        for (; open != 0; open &= open - 1)
        {
            var lane = BitOperations.TrailingZeroCount(open);
            var g = gradient.GetElement(lane);
            AddScaled(GradientOfW(at + lane), hidden.Pointer, g);
            AddScaled(hiddenGradient.Pointer, W(at + lane), g);
        }
        return loss;
    }

    void AddScaled(float* target, float* source, float factor)
    {
        var f = Vector512.Create(factor);
        for (var c = 0; c < hiddenSlots; c += Lanes)
            Vector512.FusedMultiplyAdd(f, Vector512.Load(source + c), Vector512.Load(target + c)).Store(target + c);
    }

    void Transpose()
    {
        for (var i = 0; i < n; i++)
            for (var c = 0; c < d; c++)
                transposed.Pointer[c * featureSlots + i] = W(i)[c];
    }

    // By halves, so that the order is the same on every machine.
    static double Sum(Vector512<float> v)
    {
        var half = v.GetLower() + v.GetUpper();
        var quarter = half.GetLower() + half.GetUpper();
        return (double)(quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
    }

    static int RoundUp(int length) => (length + Lanes - 1) / Lanes * Lanes;

    public void Dispose()
    {
        foreach (var memory in (AlignedFloats[])[parameters, gradients, transposed, importance, x, hidden, hiddenGradient])
            memory.Dispose();
    }
}
