using System.Text;
using CsCheck;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class NpyTests
{
    const string Floats = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_version_is_read(byte version)
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        var read = Read(Of(Floats, StoredArray.Of(values, 6).Bytes.ToArray(), version));
        Assert.Equal([2L, 3], read.Shape);
        Assert.Equal(values, read.ToSingles());
    }

    [Fact]
    public void Half_precision_word_vectors_are_read_as_numpy_stores_them()
    {
        // numpy.save of a [3, 2] float16 array: 128 bytes of header, 0x76 of them after the length, then the elements.
        byte[] file =
        [
            0x93, .. "NUMPY"u8, 1, 0, 0x76, 0,
            .. Encoding.ASCII.GetBytes("{'descr': '<f2', 'fortran_order': False, 'shape': (3, 2), }".PadRight(117) + "\n"),
            0x00, 0x3c, 0x00, 0xbc, 0x00, 0x38, 0x00, 0x00, 0x66, 0x2e, 0xff, 0x7b,
        ];
        Assert.Equal(128 + 12, file.Length);
        Assert.Equal(new[,] { { 1, -1 }, { 0.5, 0 }, { 0.0999755859375, 65504 } }, Read(file).ToMatrix());
    }

    [Theory]
    [InlineData("|b1", ElementType.BOOL)]
    [InlineData("|u1", ElementType.U8)]
    [InlineData("|i1", ElementType.I8)]
    [InlineData("<i2", ElementType.I16)]
    [InlineData("<u2", ElementType.U16)]
    [InlineData("<f2", ElementType.F16)]
    [InlineData("<i4", ElementType.I32)]
    [InlineData("<u4", ElementType.U32)]
    [InlineData("<f4", ElementType.F32)]
    [InlineData("<f8", ElementType.F64)]
    [InlineData("<i8", ElementType.I64)]
    [InlineData("<u8", ElementType.U64)]
    public void Every_number_type_is_read(string descr, ElementType type)
    {
        var read = Read(Of($$"""{'descr': '{{descr}}', 'fortran_order': False, 'shape': (3,), }""", new byte[3 * type.Size()]));
        Assert.Equal(type, read.Type);
        Assert.Equal([3L], read.Shape);
    }

    [Theory]
    [InlineData("{'descr':'<f4','fortran_order':False,'shape':(2,3)}")]
    [InlineData("""{"shape": (2, 3), "fortran_order": False, "descr": "<f4"}""")]
    [InlineData("{ 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 2 , 3 , ) , }   \n")]
    public void Blanks_quotes_and_order_do_not_matter(string header) =>
        Assert.Equal([2L, 3], Read(Of(header, new byte[24])).Shape);

    [Fact]
    public void A_scalar_and_an_empty_array_are_read()
    {
        Assert.Empty(Read(Of("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", new byte[8])).Shape);
        Assert.Equal([0L, 4], Read(Of("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4), }", [])).Shape);
    }

    /// <summary>A reason, a header, and how many bytes follow it.</summary>
    public static TheoryData<NpyReason, string, int> Headers => new()
    {
        { NpyReason.HeaderMalformed, "", 0 },
        { NpyReason.HeaderMalformed, "{}", 0 },
        { NpyReason.HeaderMalformed, "{'descr': '<f4', 'fortran_order': False, }", 0 },
        { NpyReason.HeaderMalformed, "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4 },
        { NpyReason.HeaderMalformed, "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}", 4 },
        { NpyReason.HeaderMalformed, "{'descr': '<f4', 'fortran_order': None, 'shape': (), }", 4 },
        { NpyReason.HeaderMalformed, "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4 },
        { NpyReason.HeaderMalformed, "{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os'),), }", 4 },
        { NpyReason.HeaderMalformed, "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2), }", 4 },
        { NpyReason.HeaderMalformed, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x", 4 },
        { NpyReason.HeaderMalformed, "{'descr': '<f4", 0 },
        { NpyReason.ObjectType, "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8 },
        { NpyReason.BigEndian, "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 4 },
        { NpyReason.UnknownType, "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8 },
        { NpyReason.UnknownType, "{'descr': '<U5', 'fortran_order': False, 'shape': (1,), }", 20 },
        { NpyReason.UnknownType, "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4 },
        { NpyReason.FortranOrder, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 24 },
        { NpyReason.ShapeOverflow, "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 0 },
        { NpyReason.ShapeOverflow, "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 0 },
        { NpyReason.ShapeOverflow,
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Concat(Enumerable.Repeat("1, ", 65))}), }}", 4 },
        { NpyReason.CutShort, Floats, 23 },
        { NpyReason.CutShort, "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000000), }", 8 },
        { NpyReason.TrailingBytes, Floats, 25 },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_header_that_cannot_be_read_is_refused_for_its_reason(NpyReason reason, string header, int length) =>
        Assert.Equal(reason, ReasonOf(Of(header, new byte[length])));

    [Fact]
    public void A_beginning_that_cannot_be_is_refused()
    {
        Assert.Equal(NpyReason.NotNpy, ReasonOf([]));
        Assert.Equal(NpyReason.NotNpy, ReasonOf("PK\x03\x04 and the rest of a zip"u8.ToArray()));
        Assert.Equal(NpyReason.UnknownVersion, ReasonOf(Of(Floats, new byte[24], 4)));
        Assert.Equal(NpyReason.HeaderTooLong, ReasonOf([0x93, .. "NUMPY"u8, 1, 0, 0xff, 0xff, (byte)'{']));
        Assert.Equal(NpyReason.HeaderTooLong, ReasonOf([0x93, .. "NUMPY"u8, 2, 0, 0xff, 0xff, 0xff, 0xff, (byte)'{']));
        Assert.Equal(NpyReason.CutShort, ReasonOf([0x93, .. "NUMPY"u8, 2, 0, 0xff]));
    }

    [Fact]
    public void An_array_beyond_2_GB_is_refused_though_the_file_has_it()
    {
        using var folder = new TemporaryFolder();
        var header = Of("{'descr': '|u1', 'fortran_order': False, 'shape': (2147483648,), }", []);
        using (var stream = File.Create(folder["large.npy"]))
        {
            stream.Write(header);
            stream.SetLength(header.Length + 2147483648L);
        }
        Assert.Equal(NpyReason.TooLarge, Assert.Throws<NpyException>(() => Npy.Read(folder["large.npy"])).Reason);
    }

    [Fact]
    public void A_header_that_lies_about_sizes_costs_no_memory()
    {
        var lie = Of("{'descr': '<f8', 'fortran_order': False, 'shape': (100000000,), }", new byte[8]);
        ReasonOf(lie);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReasonOf(lie);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_damaged_file_gives_no_other_error()
    {
        var sound = Of(Floats, new byte[24]);
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, 3]).Array[1, 4].Sample(blows =>
        {
            var bytes = sound;
            foreach (var (place, value, cut) in blows)
            {
                var at = Math.Min(place, bytes.Length);
                bytes = [.. bytes[..at], value, .. bytes[Math.Min(at + cut, bytes.Length)..]];
            }
            try
            {
                Read(bytes);
            }
            catch (NpyException)
            {
            }
        }, iter: 20_000);
    }

    static byte[] Of(string header, byte[] elements, byte version = 1)
    {
        var text = Encoding.UTF8.GetBytes(header);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. elements];
    }

    static StoredArray Read(byte[] bytes) => Npy.Read(new MemoryStream(bytes), "memory");

    static NpyReason ReasonOf(byte[] bytes) => Assert.Throws<NpyException>(() => Read(bytes)).Reason;
}
