using System.Numerics;

namespace Superposition.Training;

/// <summary>The velocity of stochastic gradient descent; see <see cref="SgdOptions"/>.</summary>
internal sealed class SgdMoments<T>(SgdOptions options, long length, long steps) : Moments<T>(options, steps)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    readonly T[] velocity = new T[length];
    readonly T momentum = T.CreateChecked(options.Momentum);

    public override void Forget(int start, int count) => velocity.AsSpan(start, count).Clear();

    protected override void Update(Span<T> theta, ReadOnlySpan<T> gradient, double learningRate)
    {
        var rate = T.CreateChecked(learningRate);
        for (var i = 0; i < theta.Length; i++)
        {
            velocity[i] = velocity[i] * momentum + gradient[i];
            theta[i] -= velocity[i] * rate;
        }
    }
}
