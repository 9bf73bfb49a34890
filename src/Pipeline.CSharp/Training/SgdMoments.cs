using System.Numerics;

namespace Superposition.Training;

/// <summary>The velocity of stochastic gradient descent; see <see cref="SgdOptions"/>.</summary>
internal sealed class SgdMoments<T>(SgdOptions options, long length, long steps) : Moments<T>(options, steps)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    readonly T[] velocity = new T[length];
    readonly T momentum = T.CreateChecked(options.Momentum);
    T rate;

    public override void Forget(int start, int count) => velocity.AsSpan(start, count).Clear();

    public override IReadOnlyList<T[]> State => [velocity];

    protected override void Begin(double learningRate) => rate = T.CreateChecked(learningRate);

    public override void Update(int start, Span<T> theta, ReadOnlySpan<T> gradient)
    {
        var velocity = this.velocity.AsSpan(start, theta.Length);
        for (var i = 0; i < theta.Length; i++)
        {
            velocity[i] = velocity[i] * momentum + gradient[i];
            theta[i] -= velocity[i] * rate;
        }
    }
}
