using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Activations;
using Superposition.Models;
using Superposition.Tests.Models;
using Xunit;

namespace Superposition.Tests.Activations;

public sealed class ModelActivationsTests
{
    const string Point = "blocks.2.mlp.hook_post";

    static readonly MLContext Context = new(seed: 1);

    static readonly TokenText Text = TokenText.Sampled(Stories.Model, 3000, 128, seed: 1);

    static readonly ModelActivations View = Context.Data.ModelActivations(Stories.Model, Text, Point);

    [Fact]
    public void A_row_is_what_the_model_has_at_its_token()
    {
        var matrix = View.ToMatrix();
        var row = 0;
        foreach (var tokens in Text.Batches(128))
        {
            using var cache = Stories.Model.RunWithCache(tokens, Point);
            var values = cache[Point].data<float>().ToArray();
            for (var i = 0; i < values.Length; i++) Assert.Equal(values[i], matrix[row + i / 172, i % 172], 1e-4);
            row += tokens.Length;
        }
        Assert.Equal(3000, row);
        using var cursor = View.GetRowCursor(View.Schema);
        var (token, position) = (cursor.GetGetter<ReadOnlyMemory<char>>(View.Schema["Token"]), cursor.GetGetter<int>(View.Schema["Position"]));
        for (var r = 0; cursor.MoveNext(); r++)
        {
            var (text, at) = (default(ReadOnlyMemory<char>), -1);
            token(ref text);
            position(ref at);
            Assert.Equal(Stories.Model.Tokenizer.Piece(Text[r]), text.ToString());
            Assert.Equal(r % 128, at);
        }
    }

    [Fact]
    public void Shuffled_every_row_comes_once_with_its_own_values_and_a_seed_has_one_order()
    {
        var matrix = View.ToMatrix();
        var (first, again, other) = (Read(5), Read(5), Read(6));
        Assert.Equal(Enumerable.Range(0, 3000), first.Select(row => row.Id).Order());
        Assert.Equal(first.Select(row => row.Id), again.Select(row => row.Id));
        Assert.NotEqual(first.Select(row => row.Id), other.Select(row => row.Id));
        Assert.All(first, row => Assert.Equal(Enumerable.Range(0, 172).Select(i => matrix[row.Id, i]), row.Values));
        Assert.Equal(Enumerable.Range(0, 3000), Read(null).Select(row => row.Id));
        // Mixed: hardly a row stands behind the one before it in the text.
        Assert.InRange(first.Zip(first.Skip(1)).Count(pair => pair.Second.Id == pair.First.Id + 1), 0, 10);
    }

    [Fact]
    public void A_column_that_nobody_asks_for_runs_no_model()
    {
        using var cursor = View.GetRowCursor([View.Schema["Position"]]);
        Assert.True(cursor.MoveNext());
        Assert.False(cursor.IsColumnActive(View.Schema["Activations"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(View.Schema["Activations"]));
    }

    [Fact]
    public void Points_of_pairs_unknown_points_and_windows_beyond_the_context_are_refused()
    {
        Assert.Throws<HookException>(() => Context.Data.ModelActivations(Stories.Model, Text, "blocks.2.attn.hook_pattern"));
        Assert.Throws<HookException>(() => Context.Data.ModelActivations(Stories.Model, Text, "blocks.2.hook_post"));
        Assert.Throws<ArgumentException>(() => Context.Data.ModelActivations(Stories.Model, new([1, 2], 513), Point));
    }

    static List<(int Id, float[] Values)> Read(int? seed)
    {
        using var cursor = View.GetRowCursor(View.Schema, seed is { } known ? new(known) : null);
        var (read, readId) = (cursor.GetGetter<VBuffer<float>>(View.Schema["Activations"]), cursor.GetIdGetter());
        var rows = new List<(int, float[])>();
        var (values, id) = (default(VBuffer<float>), default(DataViewRowId));
        while (cursor.MoveNext())
        {
            read(ref values);
            readId(ref id);
            rows.Add(((int)id.Low, values.DenseValues().ToArray()));
        }
        return rows;
    }
}
