using CsCheck;
using Superposition.Autoencoders;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>Selection of latents against a naive sort, exactly.</summary>
public sealed class SparseActivationTests
{
    // Sizes that fill no vector, exactly some, and some and a rest; sizes about the 256 candidates that are held at once.
    static readonly Gen<int> Size = Gen.OneOf(Gen.Int[1, 40], Gen.Int[240, 300], Gen.Int[1000, 1100]);

    static readonly Gen<float> Smooth = Gen.Float[-1, 1];
    static readonly Gen<float> Tied = Gen.Int[-3, 3].Select(i => i / 2f);
    static readonly Gen<float> Extreme = Gen.OneOf(0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, 1f, MathF.BitIncrement(1f));

    static readonly Gen<float[]> Row = Size.SelectMany(size => Gen.OneOf(
        Smooth.Array[size], Tied.Array[size], Extreme.Array[size], Gen.Float[-2, -1e-30f].Array[size],
        Smooth.Array[size].Select(row => row.Order().ToArray()), Smooth.Array[size].Select(row => row.OrderDescending().ToArray()),
        Gen.OneOf(Gen.Const(0f), Smooth).Array[size]));

    [Fact]
    public void TopK_is_the_first_k_of_a_sort_that_are_above_0() =>
        Row.SelectMany(row => Gen.Int[1, row.Length].Select(k => (row, k))).Sample((row, k) =>
            AssertSame(Naive(row, k), new TopKActivation(k), row), iter: 3000);

    [Fact]
    public void ReLU_is_all_that_is_above_0() => Row.Sample(row => AssertSame(Naive(row, row.Length), new ReluActivation(), row));

    [Fact]
    public void AbsTopK_is_the_first_k_of_a_sort_by_size_that_are_not_0() =>
        Row.SelectMany(row => Gen.Int[1, row.Length].Select(k => (row, k))).Sample((row, k) => AssertSame(
            [.. Naive([.. row.Select(Math.Abs)], k).Select(kept => (kept.Index, row[kept.Index]))],
            new AbsTopKActivation(k), row), iter: 3000);

    [Fact]
    public void AbsTopK_of_the_negative_is_the_negative() =>
        Row.SelectMany(row => Gen.Int[1, row.Length].Select(k => (row, k))).Sample((row, k) => AssertSame(
            [.. Selected(new AbsTopKActivation(k), row).Select(kept => (kept.Index, -kept.Value))],
            new AbsTopKActivation(k), [.. row.Select(h => -h)]));

    [Fact]
    public void JumpReLU_is_all_that_is_above_its_threshold_and_above_0() => Row
        .SelectMany(row => Tied.Array[row.Length].Select(thresholds => (row, thresholds))).Sample((row, thresholds) => AssertSame(
            [.. Naive(row, row.Length).Where(kept => kept.Value > thresholds[kept.Index])], new JumpReluActivation(thresholds), row));

    [Fact]
    public void JumpReLU_without_thresholds_serves_what_ReLU_serves() => Row.Sample(row =>
        AssertSame(Selected(new ReluActivation(), row), new JumpReluActivation(new float[row.Length]), row));

    [Fact]
    public void Gated_is_the_magnitude_where_both_it_and_the_gate_are_above_0() => Smooth.Array[1, 60]
        .SelectMany(row => Gen.Select(Smooth.Array[row.Length], Smooth.Array[row.Length], Smooth.Array[row.Length]).Select(p => (row, p)))
        .Sample((row, p) =>
        {
            var (gate, log, bias) = p;
            AssertSame(
                [.. row.Select((h, j) => (j, z: h * MathF.Exp(log[j]) + bias[j])).Where(kept => kept.z > 0 && row[kept.j] + gate[kept.j] > 0)],
                new GatedActivation(gate, log, bias), row);
        });

    /// <summary>Whatever floor it was begun with, which is only to spare work.</summary>
    [Fact]
    public void A_batch_keeps_the_first_of_a_sort_of_all_its_positive_values() => Gen.Select(Gen.Int[1, 70], Gen.Int[1, 20])
        .SelectMany((rows, width) => Gen.Select(
            Gen.OneOf(Smooth, Tied).Array[width].Array[rows], Gen.Int[0, rows * width], Gen.Float[0, 2]))
        .Sample((rows, count, floor) =>
        {
            var width = rows[0].Length;
            var selected = new BatchSelection().Of(rows.Length, width, row => rows[row], count, floor);
            Assert.Equal(
                Naive([.. rows.SelectMany(row => row)], count),
                Enumerable.Range(0, rows.Length).SelectMany(row => selected[row].Indices.ToArray()
                    .Zip(selected[row].Values.ToArray(), (j, value) => (row * width + j, value))));
        }, iter: 500);

    [Fact]
    public void With_k_equal_to_m_or_above_TopK_serves_what_ReLU_serves() => Gen.Select(Row, Gen.Int[0, 3]).Sample((row, more) =>
        AssertSame(Selected(new ReluActivation(), row), new TopKActivation(row.Length + more), row));

    [Fact]
    public void A_larger_k_adds_latents_and_takes_none_away() =>
        Row.SelectMany(row => Gen.Select(Gen.Int[1, row.Length], Gen.Int[1, row.Length]).Select(ks => (row, ks.Item1, ks.Item2)))
            .Sample((row, one, other) => Assert.Subset(
                Selected(new TopKActivation(Math.Max(one, other)), row).Select(kept => kept.Index).ToHashSet(),
                Selected(new TopKActivation(Math.Min(one, other)), row).Select(kept => kept.Index).ToHashSet()));

    [Fact]
    public void A_row_without_a_positive_value_selects_nothing()
    {
        Assert.Empty(Selected(new TopKActivation(3), [-1, 0, -0f, float.NegativeInfinity]));
        Assert.Empty(Selected(new ReluActivation(), [-1, 0, -0f, float.NegativeInfinity]));
    }

    [Fact]
    public void Of_equal_values_the_first_are_kept() =>
        Assert.Equal([(1, 2f), (2, 1f), (4, 1f)], Selected(new TopKActivation(3), [0.5f, 2, 1, 0.5f, 1, 1, 1]));

    // Sorted descending is a stable sort: the first of equal values stays first.
    static (int Index, float Value)[] Naive(float[] row, int k) => [.. row
        .Select((value, index) => (index, value)).OrderByDescending(e => e.value).Take(k)
        .Where(e => e.value > 0).OrderBy(e => e.index)];

    static void AssertSame((int Index, float Value)[] expected, RowActivation activation, float[] row) =>
        Assert.Equal(expected, Selected(activation, row));

    // The spans may be longer than m and hold anything before.
    static (int Index, float Value)[] Selected(RowActivation activation, float[] row)
    {
        var (indices, values) = (new int[row.Length + row.Length % 3], new float[row.Length + row.Length % 3]);
        Array.Fill(indices, -7);
        Array.Fill(values, float.NaN);
        var count = activation.Select(row, indices, values);
        return [.. indices.Zip(values).Take(count)];
    }
}
