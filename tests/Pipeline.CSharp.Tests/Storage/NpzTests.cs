using System.Buffers.Binary;
using System.IO.Compression;
using CsCheck;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class NpzTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Arrays_are_read_by_name_stored_or_deflated(CompressionLevel level)
    {
        var read = Read(NpzBytes.Zip(level, ("W.npy", NpzBytes.Npy([1, 2, 3, 4, 5, 6], 2, 3)), ("b.npy", NpzBytes.Npy([7], 1))));
        Assert.Equal(["W", "b"], read.Keys);
        Assert.Equal(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } }, read["W"].ToMatrix());
        Assert.Equal([7f], read["b"].ToSingles());
    }

    [Fact]
    public void An_archive_of_nothing_is_read() => Assert.Empty(Read(NpzBytes.Zip(CompressionLevel.Optimal)));

    [Fact]
    public void What_is_no_archive_or_is_cut_short_is_refused()
    {
        var sound = NpzBytes.Zip(CompressionLevel.NoCompression, ("W.npy", NpzBytes.Npy(new float[100], 100)));
        Assert.Equal(NpyReason.ArchiveDamaged, ReasonOf([]));
        Assert.Equal(NpyReason.ArchiveDamaged, ReasonOf(NpzBytes.Npy([1], 1)));
        Assert.Equal(NpyReason.ArchiveDamaged, ReasonOf(sound[..(sound.Length / 2)]));
    }

    [Fact]
    public void Entries_that_are_no_arrays_or_stand_twice_or_are_not_expected_are_refused()
    {
        var array = NpzBytes.Npy([1], 1);
        Assert.Equal(NpyReason.EntryUnexpected, ReasonOf(NpzBytes.Zip(CompressionLevel.Optimal, ("data.pkl", array))));
        Assert.Equal(NpyReason.EntryUnexpected, ReasonOf(NpzBytes.Zip(CompressionLevel.Optimal, ("W.npy", array), ("W.npy", array))));
        Assert.Equal(NpyReason.EntryUnexpected, ReasonOf(NpzBytes.Zip(CompressionLevel.Optimal, ("W.npy", array)), "b"));
        Assert.Equal(["W"], Read(NpzBytes.Zip(CompressionLevel.Optimal, ("W.npy", array)), "W", "b").Keys);
    }

    [Theory]
    [InlineData(NpyReason.ObjectType, "|O")]
    [InlineData(NpyReason.BigEndian, ">f4")]
    public void What_Npy_refuses_is_refused_in_an_archive(NpyReason reason, string type) =>
        Assert.Equal(reason, ReasonOf(NpzBytes.Zip(CompressionLevel.Optimal, ("W.npy", NpzBytes.Npy(type, new byte[8], 1)))));

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void A_shape_larger_or_smaller_than_its_entry_is_refused(CompressionLevel level)
    {
        Assert.Equal(NpyReason.CutShort, ReasonOf(NpzBytes.Zip(level, ("W.npy", NpzBytes.Npy("<f4", new byte[12], 4)))));
        Assert.Equal(NpyReason.TrailingBytes, ReasonOf(NpzBytes.Zip(level, ("W.npy", NpzBytes.Npy("<f4", new byte[12], 2)))));
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void An_entry_that_claims_more_than_it_holds_costs_no_memory(CompressionLevel level)
    {
        // 2 GB in the archive's directory and in the array's header, a hundred bytes in truth.
        var lie = NpzBytes.Zip(level, ("W.npy", NpzBytes.Npy("|u1", new byte[100], 2_000_000_000 - 128)));
        WithUnpackedLength(lie, 2_000_000_000);
        ReasonOf(lie);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reason = ReasonOf(lie);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.True(reason is NpyReason.EntryTooLong or NpyReason.ArchiveDamaged, $"{reason}");
    }

    [Fact]
    public void An_entry_that_ends_before_its_claim_is_refused()
    {
        // Within what deflate could have packed, so it is found on unpacking.
        byte[] elements = [.. Enumerable.Range(0, 100).Select(i => (byte)(i * 37))];
        var lie = NpzBytes.Zip(CompressionLevel.Optimal, ("W.npy", NpzBytes.Npy("|u1", elements, 5000)));
        WithUnpackedLength(lie, 5000 + 128);
        Assert.True(ReasonOf(lie) is NpyReason.CutShort or NpyReason.ArchiveDamaged);
    }

    [Fact]
    public void A_damaged_archive_gives_no_other_error()
    {
        var sound = NpzBytes.Zip(
            CompressionLevel.Optimal, ("W.npy", NpzBytes.Npy([1, 2, 3, 4, 5, 6], 2, 3)), ("b.npy", NpzBytes.Npy([7], 1)));
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, 2]).Array[1, 3].Sample(blows =>
        {
            var bytes = sound;
            foreach (var (place, value, cut) in blows)
            {
                var at = Math.Min(place, bytes.Length);
                bytes = [.. bytes[..at], value, .. bytes[Math.Min(at + cut, bytes.Length)..]];
            }
            using var file = new TemporaryFile();
            File.WriteAllBytes(file.Path, bytes);
            try
            {
                Npz.Read(file.Path);
            }
            catch (NpyException)
            {
            }
        }, iter: 3000);
    }

    // In the directory at the end: signature PK\1\2, the unpacked length 24 bytes on.
    static void WithUnpackedLength(byte[] archive, uint length) =>
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(archive.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + 24), length);

    IReadOnlyDictionary<string, StoredArray> Read(byte[] bytes, params string[] expected)
    {
        File.WriteAllBytes(folder["a.npz"], bytes);
        return Npz.Read(folder["a.npz"], expected.Length == 0 ? null : expected);
    }

    NpyReason ReasonOf(byte[] bytes, params string[] expected) => Assert.Throws<NpyException>(() => Read(bytes, expected)).Reason;

    public void Dispose() => folder.Dispose();
}
