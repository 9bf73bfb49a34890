using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>
/// Position t turns pair i of a head by t·θ^(−2i/width), so that a product of query and key depends on how far apart they are
/// (Su et al. 2021, "RoFormer", §3.2.2).
/// </summary>
internal sealed class RotaryPositions : IDisposable
{
    readonly Tensor cosines, sines;   // [context, 1, width/2]
    readonly bool adjacent;
    readonly long half;

    public RotaryPositions(LlamaConfig config)
    {
        (adjacent, half) = (config.AdjacentPairs, config.HeadDimensions / 2);
        cosines = Table(Math.Cos);
        sines = Table(Math.Sin);

        Tensor Table(Func<double, double> of)
        {
            var table = new float[config.Context * half];
            for (var t = 0; t < config.Context; t++)
                for (var i = 0; i < half; i++)
                    table[t * half + i] = (float)of(t * Math.Pow(config.RotaryBase, -2.0 * i / config.HeadDimensions));
            return tensor(table, config.Context, 1, half).DetachFromDisposeScope();
        }
    }

    /// <summary>x: [B, T, heads, width] of tokens from a position on.</summary>
    public Tensor Turn(Tensor x, int position)
    {
        var (pair, dim) = adjacent ? (x.unflatten(3, half, 2), 4) : (x.unflatten(3, 2, half), 3);
        var (a, b) = (pair.select(dim, 0), pair.select(dim, 1));
        var (cos, sin) = (cosines.narrow(0, position, x.shape[1]), sines.narrow(0, position, x.shape[1]));
        return stack([a * cos - b * sin, Training.Sums.Of(a * sin, b * cos)], dim).flatten(3, 4);
    }

    public void Dispose()
    {
        cosines.Dispose();
        sines.Dispose();
    }
}
