using System.Numerics;
using System.Runtime.CompilerServices;
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
    // The same by pointer: loops that go through a handle read it anew each time.
    readonly float* w, b, gradientOfW, gradientOfB, wT, weight, input, h, gradientOfH;
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
        w = parameters.Pointer;
        b = w + n * hiddenSlots;
        gradientOfW = gradients.Pointer;
        gradientOfB = gradientOfW + n * hiddenSlots;
        wT = transposed.Pointer;
        weight = this.importance.Pointer;
        input = x.Pointer;
        h = hidden.Pointer;
        gradientOfH = hiddenGradient.Pointer;
        for (var i = 0; i < n; i++)
        {
            weight[i] = (float)importance[i];
            for (var c = 0; c < d; c++) w[i * hiddenSlots + c] = initial.W[i, c];
            b[i] = initial.B[i];
        }
        Transpose();
    }

    /// <summary>Loss of a batch, the mean of Σ_i I_i (x_i − x̂_i)², and its gradients.</summary>
    public double Accumulate(RowStream rows, long firstRow, int count, long period)
    {
        gradients.Span.Clear();
        var loss = 0.0;
        var scale = 2f / count;
        for (var (r, row) = (0, firstRow); r < count; r++)
        {
            loss += Row(rows.Draw(row, indices, values), scale);
            if (++row == period) row = 0;
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
        var (matrix, bias) = Unpadded(parameters);
        return new(matrix, bias, double.NaN);
    }

    /// <summary>The gradients accumulated last: of W [n, d] and b [n].</summary>
    public (float[,] W, float[] B) Gradients() => Unpadded(gradients);

    (float[,] W, float[] B) Unpadded(AlignedFloats padded)
    {
        var matrix = new float[n, d];
        for (var i = 0; i < n; i++) padded.Span.Slice(i * hiddenSlots, d).CopyTo(DataViews.Rows.Row(matrix, i));
        return (matrix, padded.Span.Slice(n * hiddenSlots, n).ToArray());
    }

    double Row(int active, float scale)
    {
        Encode(active);
        var loss = Backpropagate(scale);
        for (var a = 0; a < active; a++)
        {
            AddScaled(gradientOfW + indices[a] * hiddenSlots, gradientOfH, values[a]);
            input[indices[a]] = 0;
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
            input[indices[a]] = values[a];
            AddScaled(h, w + indices[a] * hiddenSlots, values[a]);
        }
    }

    // Four vectors of features at a time, so that as many chains of multiply-adds are under way at once.
    double Backpropagate(float scale)
    {
        var loss = Vector512<float>.Zero;
        var at = 0;
        for (; at + 4 * Lanes <= featureSlots; at += 4 * Lanes)
        {
            var start = b + at;
            Vector512<float> p0 = Vector512.Load(start), p1 = Vector512.Load(start + 16);
            Vector512<float> p2 = Vector512.Load(start + 32), p3 = Vector512.Load(start + 48);
            var column = wT + at;
            for (var c = 0; c < d; c++, column += featureSlots)
            {
                var hc = Vector512.Create(h[c]);
                p0 = Vector512.FusedMultiplyAdd(hc, Vector512.Load(column), p0);
                p1 = Vector512.FusedMultiplyAdd(hc, Vector512.Load(column + 16), p1);
                p2 = Vector512.FusedMultiplyAdd(hc, Vector512.Load(column + 32), p2);
                p3 = Vector512.FusedMultiplyAdd(hc, Vector512.Load(column + 48), p3);
            }
            loss = Output(at, p0, loss, scale);
            loss = Output(at + 16, p1, loss, scale);
            loss = Output(at + 32, p2, loss, scale);
            loss = Output(at + 48, p3, loss, scale);
        }
        for (; at < featureSlots; at += Lanes)
        {
            var p = Vector512.Load(b + at);
            for (var c = 0; c < d; c++)
                p = Vector512.FusedMultiplyAdd(Vector512.Create(h[c]), Vector512.Load(wT + c * featureSlots + at), p);
            loss = Output(at, p, loss, scale);
        }
        return Sum(loss);
    }

    // 16 features: their loss, and the gradient of those whose pre-activation is positive.
    Vector512<float> Output(int at, Vector512<float> pre, Vector512<float> loss, float scale)
    {
        var error = Vector512.Max(pre, Vector512<float>.Zero) - Vector512.Load(input + at);
        var weighted = error * Vector512.Load(weight + at);
        loss = Vector512.FusedMultiplyAdd(error, weighted, loss);
        var positive = Vector512.GreaterThan(pre, Vector512<float>.Zero);
        var open = Vector512.ExtractMostSignificantBits(positive);
        if (open == 0) return loss;
        var gradient = (weighted * scale) & positive;
        (Vector512.Load(gradientOfB + at) + gradient).Store(gradientOfB + at);
        for (; open != 0; open &= open - 1)
        {
            var lane = BitOperations.TrailingZeroCount(open);
            var g = gradient.GetElement(lane);
            AddScaled(gradientOfW + (at + lane) * hiddenSlots, h, g);
            AddScaled(gradientOfH, w + (at + lane) * hiddenSlots, g);
        }
        return loss;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
                wT[c * featureSlots + i] = w[i * hiddenSlots + c];
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
