using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Superposition.Training;

/// <summary>The two moments of AdamW; see <see cref="AdamWOptions"/>.</summary>
internal sealed class AdamWMoments<T>(AdamWOptions options, long length, long steps) : Moments<T>(options, steps)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    readonly T[] mean = new T[length];
    readonly T[] meanSquare = new T[length];
    T rate, scale, keep;
    double beta1Power = 1, beta2Power = 1;   // β^t, by products: a power a step would cost more than a small model

    public override void Forget(int start, int count)
    {
        mean.AsSpan(start, count).Clear();
        meanSquare.AsSpan(start, count).Clear();
    }

    public override IReadOnlyList<T[]> State => [mean, meanSquare];

    protected override void Begin(double learningRate)
    {
        beta1Power *= options.Beta1;
        beta2Power *= options.Beta2;
        // lr·m̂/(√v̂ + ε), with the bias corrections drawn out of the loop.
        rate = T.CreateChecked(learningRate / (1 - beta1Power));
        scale = T.CreateChecked(1 / Math.Sqrt(1 - beta2Power));
        keep = T.CreateChecked(1 - learningRate * options.WeightDecay);
    }

    public override void Update(int start, Span<T> theta, ReadOnlySpan<T> gradient)
    {
        var (beta1, beta2) = (T.CreateChecked(options.Beta1), T.CreateChecked(options.Beta2));
        var (new1, new2) = (T.CreateChecked(1 - options.Beta1), T.CreateChecked(1 - options.Beta2));   // 1 − 0.999f is 1.3e-5 off 0.001
        var (rate, scale, keep, epsilon) = (this.rate, this.scale, this.keep, T.CreateChecked(options.Epsilon));
        var mean = this.mean.AsSpan(start, theta.Length);
        var meanSquare = this.meanSquare.AsSpan(start, theta.Length);
        ref var t = ref MemoryMarshal.GetReference(theta);
        ref var g = ref MemoryMarshal.GetReference(gradient);
        ref var m = ref MemoryMarshal.GetReference(mean);
        ref var v = ref MemoryMarshal.GetReference(meanSquare);
        var i = 0;
        for (; i <= theta.Length - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            var slope = Vector512.LoadUnsafe(ref g, (nuint)i);
            var newMean = Vector512.LoadUnsafe(ref m, (nuint)i) * beta1 + slope * new1;
            var newSquare = Vector512.LoadUnsafe(ref v, (nuint)i) * beta2 + slope * slope * new2;
            newMean.StoreUnsafe(ref m, (nuint)i);
            newSquare.StoreUnsafe(ref v, (nuint)i);
            var change = newMean * rate / (Vector512.Sqrt(newSquare) * scale + Vector512.Create(epsilon));
            (Vector512.LoadUnsafe(ref t, (nuint)i) * keep - change).StoreUnsafe(ref t, (nuint)i);
        }
        for (; i < theta.Length; i++)
        {
            var slope = gradient[i];
            mean[i] = mean[i] * beta1 + slope * new1;
            meanSquare[i] = meanSquare[i] * beta2 + slope * slope * new2;
            theta[i] = theta[i] * keep - mean[i] * rate / (T.Sqrt(meanSquare[i]) * scale + epsilon);
        }
    }
}
