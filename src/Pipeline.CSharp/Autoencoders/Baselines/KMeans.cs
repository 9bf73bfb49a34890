using System.Numerics;
using Superposition.DataViews;
using Superposition.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// k-means whose clusters are directions (Coates and Ng 2012, "Learning Feature Representations with K-means", where they are lines: a row
/// may go along one backwards): unit vectors d_j that lower
/// <code>Σ_x ‖x − s_x d_j(x)‖²,   j(x) = argmax_j ⟨d_j, x⟩,   s_x = max(⟨d_j(x), x⟩, 0)</code>
/// over centred rows x, which is the error of this dictionary as a TopK autoencoder with k = 1. Each round gives rows to directions, then
/// d_j ∝ Σ s_x x over its own, which never raises the error; a direction without rows goes to the row with the largest. The start is that
/// of k-means++ (Arthur and Vassilvitskii 2007). What one latent a row can do: a row of several features is a cluster of its own.
/// </summary>
/// <remarks>
/// With k above 1 the clusters nearest to a row all claim the same part of it, and TopK adds them up. To take each part once, serve it
/// <c>with { Activation = new MatchingPursuitActivation(k, StopsOnRepeat: false) }</c>.
/// </remarks>
public sealed record KMeans : DictionaryBaseline
{
    const int StartPurpose = 31;

    /// <summary>Errors below this share of ‖x‖² are rounding.</summary>
    const double LeastShare = 1e-6;

    /// <summary>Rounds at most; at least 1. Default 100.</summary>
    public int MaxIterations { get; init; } = 100;

    /// <summary>Stops when a round lowers the error by less, as a share of Σ‖x‖²; at least 0. Default 1e-5.</summary>
    public double Tolerance { get; init; } = 1e-5;

    internal override IEnumerable<string> Problems(int dimensions)
    {
        foreach (var problem in base.Problems(dimensions)) yield return problem;
        if (MaxIterations < 1) yield return $"MaxIterations is {MaxIterations}; it must be at least 1.";
        if (!(Tolerance >= 0 && double.IsFinite(Tolerance))) yield return $"Tolerance is {Tolerance}; it must be at least 0.";
    }

    internal override (Tensor Encoder, Tensor Decoder) Directions(CentredRows rows)
    {
        var directions = Start(rows);
        var clusters = new DirectionClusters(rows, Latents);
        var last = double.PositiveInfinity;
        for (var round = 0; round < MaxIterations; round++)
        {
            Cancellation.ThrowIfCancellationRequested();
            var error = clusters.Assign(directions);
            if (last - error <= Tolerance * rows.Square) break;
            last = error;
            clusters.Move(directions, LeastShare);
        }
        var decoder = tensor(Rows.Flat(directions).ToArray(), Latents, rows.Dimensions);
        return (decoder, decoder);
    }

    // [m, d] Rows of x/‖x‖, each drawn in proportion to the error that those before it leave.
    float[,] Start(CentredRows rows)
    {
        var directions = new float[Latents, rows.Dimensions];
        var errors = (double[])rows.Squares.Clone();
        var random = new CounterRandom(CounterRandom.Key(Seed, StartPurpose));
        for (var j = 0; j < Latents; j++)
        {
            Cancellation.ThrowIfCancellationRequested();
            var direction = Rows.Row(directions, j);
            if (Draw(errors, random.NextUniform()) is var row and >= 0) rows[row].CopyTo(direction);
            else foreach (ref var value in direction) value = (float)random.NextNormal();   // all is explained
            DirectionClusters.Normalise(direction);
            Parallel.For(0, rows.Count, r =>
            {
                double along = Math.Max(0, Product(rows[r], Rows.Row(directions, j))), error = rows.Squares[r] - along * along;
                errors[r] = Math.Min(errors[r], error > LeastShare * rows.Squares[r] ? error : 0);
            });
        }
        return directions;
    }

    // An index in proportion to weights; −1 where all are 0.
    static int Draw(double[] weights, double uniform)
    {
        var (left, drawn) = (uniform * weights.Sum(), -1);
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0) continue;
            drawn = i;
            left -= weights[i];
            if (left <= 0) break;
        }
        return drawn;
    }

    // One order of sums wherever the rows lie; TensorPrimitives.Dot begins at an aligned address, so its last bit depends on it.
    static float Product(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var (sums, i) = (Vector<float>.Zero, 0);
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count)
            sums += new Vector<float>(x[i..]) * new Vector<float>(y[i..]);
        var sum = Vector.Sum(sums);
        for (; i < x.Length; i++) sum += x[i] * y[i];
        return sum;
    }
}
