using CsCheck;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class MappedMatrixTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<ElementType> Types => [.. Enum.GetValues<ElementType>()];

    // Any bytes are numbers of every type, NaN and denormals too; a header of odd length leaves them at odd addresses.
    [Theory]
    [MemberData(nameof(Types))]
    public void Rows_are_those_of_the_array_in_memory_bit_for_bit(ElementType type) =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 7], Gen.Int[0, 9]).SelectMany(
            (rows, columns, gap) => Gen.Byte.Array[rows * columns * type.Size()].Select(bytes => (rows, columns, gap, bytes)))
        .Sample((rows, columns, gap, bytes) =>
        {
            File.WriteAllBytes(folder["x"], [.. new byte[gap], .. bytes]);
            using var matrix = Map(new(type, [rows, columns], gap, bytes.Length));
            var (expected, found) = (StoredArray.OfBytes(type, bytes, rows, columns).ToSingles(), new float[rows * columns]);
            matrix.CopyTo(0, rows, found);
            Assert.Equal(expected.Select(BitConverter.SingleToUInt32Bits), found.Select(BitConverter.SingleToUInt32Bits));
            var last = new float[columns];
            matrix.CopyTo(rows - 1, 1, last);
            Assert.Equal(expected[^columns..].Select(BitConverter.SingleToUInt32Bits), last.Select(BitConverter.SingleToUInt32Bits));
        }, iter: 20, threads: 1);

    [Fact]
    public void Rows_that_are_not_there_are_refused_and_so_is_reading_after_the_end()
    {
        File.WriteAllBytes(folder["x"], new byte[24]);
        var matrix = Map(new(ElementType.F32, [3, 2], 0, 24));
        var room = new float[8];
        matrix.CopyTo(3, 0, room);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.CopyTo(0, 4, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.CopyTo(3, 1, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.CopyTo(-1, 1, room));
        matrix.Dispose();
        Assert.Throws<ObjectDisposedException>(() => matrix.CopyTo(0, 1, room));
    }

    // Reading what is no longer there would end the process.
    [Fact]
    public void A_file_that_is_cut_short_while_it_is_open_is_refused()
    {
        File.WriteAllBytes(folder["x"], new byte[24]);
        using var matrix = Map(new(ElementType.F32, [3, 2], 0, 24));
        File.WriteAllBytes(folder["x"], new byte[23]);
        var error = Assert.Throws<EndOfStreamException>(() => matrix.CopyTo(0, 1, new float[2]));
        Assert.Contains("x: expected 24 bytes", error.Message, StringComparison.Ordinal);
    }

    MappedMatrix Map(ArrayLayout array) => new(File.OpenRead(folder["x"]), array, "x");
}
