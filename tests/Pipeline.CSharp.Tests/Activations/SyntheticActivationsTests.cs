using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Activations;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Activations;

public sealed class SyntheticActivationsTests
{
    const int D = 20, Rows = 200;
    static readonly MLContext Ml = new(seed: 1);

    static readonly SyntheticActivationOptions Options = new()
    {
        Features = 150,
        Dimensions = D,
        Firing = new() { Highest = 0.5, Lowest = 0.02 },
        Hierarchy = new() { Roots = 3, Branching = 2, Depth = 3 },
        Correlation = new() { Rank = 3, Scale = 0.2 },
        Dictionary = new() { OrthogonalSteps = 5, BiasNorm = 0.5 },
        Rows = Rows,
        Seed = 4,
    };

    static readonly SyntheticActivations View = Ml.Data.SyntheticActivations(Options);
    static readonly float[][] Expected = View.Vectors("Activations");

    [Fact]
    public void Activations_are_the_features_times_the_dictionary_and_the_bias()
    {
        var (dictionary, bias) = (View.Dictionary, View.Bias);
        foreach (var (features, x) in View.Vectors("Features").Zip(Expected))
            for (var j = 0; j < D; j++)
                Assert.Equal(bias[j] + Enumerable.Range(0, 150).Sum(i => features[i] * (double)dictionary[i, j]), x[j], 1e-5);
        Assert.Equal(Rows, Expected.Length);
    }

    [Fact]
    public void A_row_is_the_same_from_a_cursor_shuffled_in_parallel_and_in_blocks_of_any_size()
    {
        foreach (var cursor in View.GetRowCursorSet(View.Columns("Activations"), 3, new Random(1)).Append(View.GetRowCursor(View.Columns("Activations"), new Random(2))))
            using (cursor)
                Assert.All(cursor.Vectors("Activations"), row => Assert.Equal(Expected[(int)row.Id], row.Value));
        foreach (var block in new[] { 1, 3, 16, 130, Rows })
            for (var from = 0; from + block <= Rows; from += block)
                Assert.Equal(Expected[from..(from + block)], Filled(View, 0, from, block));
    }

    [Fact]
    public void What_is_drawn_to_score_by_is_what_the_view_shows()
    {
        var (starts, indices, values) = (new int[Rows + 1], new int[Rows * 150], new float[Rows * 150]);
        Assert.Equal(Rows, View.Draw(0, 0, starts, indices, values));
        foreach (var (features, r) in View.Vectors("Features").Select((x, r) => (x, r)))
        {
            var dense = new float[150];
            for (var c = starts[r]; c < starts[r + 1]; c++) dense[indices[c]] = values[c];
            Assert.Equal(dense, features);
        }
    }

    [Fact]
    public void Training_is_fed_from_the_source_each_instance_its_own_stream()
    {
        foreach (var stream in new[] { -1L, 0, 3 })
        {
            using var feed = RowFeed.Of(View, "Activations", stream, seed: 0);
            var batch = new float[300 * D];   // beyond the last row, so from the first again
            feed.Next(batch);
            var expected = Filled(View, stream, 0, Rows);
            Assert.Equal([.. expected, .. expected[..100]], batch.Chunk(D));
        }
        using var features = RowFeed.Of(View, "Features", 0, seed: 0);
        var drawn = new float[Rows * 150];
        features.Next(drawn);
        Assert.Equal(View.Vectors("Features"), drawn.Chunk(150));
    }

    [Fact]
    public void Dimensions_that_are_whole_tiles_are_added_up_in_place()
    {
        foreach (var d in new[] { 64, 128, 192 })
        {
            var view = Ml.Data.SyntheticActivations(Options with { Dimensions = d });
            var (dictionary, bias, features) = (view.Dictionary, view.Bias, view.Vectors("Features"));
            var x = Filled(view, 0, 0, 20);
            for (var r = 0; r < 20; r++)
                for (var j = 0; j < d; j++)
                    Assert.Equal(bias[j] + Enumerable.Range(0, 150).Sum(i => features[r][i] * (double)dictionary[i, j]), x[r][j], 1e-5);
        }
    }

    [Fact]
    public void The_same_options_give_the_same_activations_again() =>
        Assert.Equal(Expected[..20], Filled(Ml.Data.SyntheticActivations(Options), 0, 0, 20));

    [Fact]
    public void The_effective_L0_is_what_is_drawn_on_average()
    {
        const int Drawn = 20_000;
        var view = Ml.Data.SyntheticActivations(Options with { Correlation = null });
        var starts = new int[Drawn + 1];
        Assert.Equal(Drawn, view.Draw(2, 5, starts, new int[Drawn * 150], new float[Drawn * 150]));
        Assert.Equal(view.EffectiveL0(150), starts[Drawn] / (double)Drawn, 0.01 * view.EffectiveL0(150));
        Assert.Equal(view.Marginals.Take(40).Sum(), view.EffectiveL0(40), 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => view.EffectiveL0(151));
    }

    [Fact]
    public void A_span_of_another_size_is_refused() =>
        Assert.Throws<ArgumentException>(() => View.Fill(0, 0, 3, new float[2 * D]));

    static float[][] Filled(SyntheticActivations view, long stream, long first, int rows)
    {
        var x = new float[rows * view.World.Dimensions];
        view.Fill(stream, first, rows, x);
        return [.. x.Chunk(view.World.Dimensions)];
    }
}
