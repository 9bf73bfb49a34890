using System.Runtime.InteropServices;
using CsCheck;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class StoredArrayTests
{
    [Fact]
    public void What_is_stored_as_singles_comes_back_bit_for_bit() =>
        Gen.Float.Array.Sample(values =>
            BitsOf(StoredArray.Of(values, values.Length).ToSingles()).SequenceEqual(BitsOf(values)));

    [Fact]
    public void Singles_widen_to_doubles_exactly() =>
        Gen.Float.Array.Sample(values =>
            StoredArray.Of(values, values.Length).ToDoubles().SequenceEqual(values.Select(value => (double)value)));

    [Theory]
    [InlineData(ElementType.BOOL, "00 01 02", new[] { 0.0, 1, 1 })]
    [InlineData(ElementType.U8, "00 80 ff", new[] { 0.0, 128, 255 })]
    [InlineData(ElementType.I8, "00 80 ff", new[] { 0.0, -128, -1 })]
    [InlineData(ElementType.I16, "00 80 ff ff", new[] { -32768.0, -1 })]
    [InlineData(ElementType.U16, "00 80 ff ff", new[] { 32768.0, 65535 })]
    [InlineData(ElementType.F16, "00 3c 00 c0 01 00 00 7c", new[] { 1.0, -2, 5.9604644775390625e-8, double.PositiveInfinity })]
    [InlineData(ElementType.BF16, "80 3f 00 c0 80 ff", new[] { 1.0, -2, double.NegativeInfinity })]
    [InlineData(ElementType.I32, "ff ff ff ff", new[] { -1.0 })]
    [InlineData(ElementType.U32, "ff ff ff ff", new[] { 4294967295.0 })]
    [InlineData(ElementType.F32, "00 00 80 3f", new[] { 1.0 })]
    [InlineData(ElementType.F64, "00 00 00 00 00 00 f0 3f", new[] { 1.0 })]
    [InlineData(ElementType.I64, "ff ff ff ff ff ff ff ff", new[] { -1.0 })]
    [InlineData(ElementType.U64, "00 00 00 00 00 00 00 80", new[] { 9223372036854775808.0 })]
    public void Every_type_is_read_as_the_numbers_it_stands_for(ElementType type, string hex, double[] expected)
    {
        var array = StoredArray.OfBytes(type, Convert.FromHexString(hex.Replace(" ", "")), expected.Length);
        Assert.Equal(expected, array.ToDoubles());
        Assert.Equal(expected.Select(value => (float)value), array.ToSingles());
    }

    [Fact]
    public void A_matrix_keeps_its_rows()
    {
        double[,] matrix = { { 1, 2, 3 }, { 4, 5, 6 } };
        Assert.Equal(matrix, StoredArray.Of(matrix).ToMatrix());
        var single = StoredArray.Of(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Assert.Equal(ElementType.F32, single.Type);
        Assert.Equal(matrix, single.ToMatrix());
        Assert.Equal(matrix, StoredArray.Of([1f, 2, 3, 4, 5, 6], 2, 3).ToMatrix());
        Assert.Throws<InvalidOperationException>(() => StoredArray.Of([1f, 2], 2).ToMatrix());
    }

    [Fact]
    public void A_scalar_has_no_axes_and_an_empty_array_no_elements()
    {
        Assert.Equal(1, StoredArray.Of([7L]).Count);
        Assert.Empty(StoredArray.Of([7L]).Shape);
        Assert.Equal(new double[0, 5], StoredArray.Of(Array.Empty<int>(), 0, 5).ToMatrix());
    }

    [Theory]
    [InlineData(new long[] { 5 })]
    [InlineData(new long[] { 2, 3 })]
    [InlineData(new long[] { -2, -2 })]
    [InlineData(new long[] { long.MaxValue, long.MaxValue })]
    [InlineData(new long[] { 1L << 32, 1L << 32 })]
    public void A_shape_of_another_size_than_the_values_is_refused(long[] shape) =>
        Assert.Throws<ArgumentException>(() => StoredArray.Of([1f, 2, 3, 4], shape));

    [Fact]
    public void It_does_not_change_when_what_it_was_made_of_does()
    {
        float[] values = [1, 2];
        var array = StoredArray.Of(values, 2);
        values[0] = 9;
        Assert.Equal([1, 2], array.ToSingles());
    }

    static ReadOnlySpan<int> BitsOf(float[] values) => MemoryMarshal.Cast<float, int>(values);
}
