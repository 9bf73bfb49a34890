using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Superposition.Autoencoders;
using Superposition.Storage;
using Superposition.Tests.Autoencoders;
using Superposition.Tests.Storage;

namespace Superposition.Tests.Hostile;

/// <summary>Files of arrays: safetensors, and an autoencoder in one; npy, and many in an npz.</summary>
static class ArrayFormats
{
    static readonly byte[] Tensors = SafetensorsTests.Write(new Dictionary<string, StoredArray>
    {
        ["W"] = StoredArray.Of(new float[6], 2, 3), ["b"] = StoredArray.Of([1.5, 2.5], 2), ["steps"] = StoredArray.Of([5L]), ["empty"] = StoredArray.Of(Array.Empty<int>(), 0, 7),
    }, new Dictionary<string, string> { ["k"] = "3" });

    public static FuzzedFormat Safetensors => new("safetensors", OfTensors(Tensors),
        bytes => Superposition.Storage.Safetensors.Read(new MemoryStream(bytes), "x"), error => (error as SafetensorsException)?.Reason.ToString());

    public static FuzzedFormat Autoencoder => new("autoencoder in safetensors",
        [.. AnyAutoencoder.Forms.Values.SelectMany(form => OfTensors(SafetensorsTests.Write(StoredAutoencoder.Tensors(form), StoredAutoencoder.Metadata(form))))],
        bytes => StoredAutoencoder.Read("x", Superposition.Storage.Safetensors.Read(new MemoryStream(bytes), "x")),
        error => ((error as SparseAutoencoderFileException)?.Reason ?? (object?)(error as SafetensorsException)?.Reason)?.ToString());

    public static FuzzedFormat Npy => new("npy", [.. Arrays.SelectMany(OfArray)], bytes => Superposition.Storage.Npy.Read(new MemoryStream(bytes), "x"), ReasonOf);

    public static FuzzedFormat Npz => new("npz",
        [
            ZipDamage.Of(("W.npy", OfArray(Arrays[0])[1]), ("b.npy", OfArray(Arrays[1])[0])), ZipDamage.Of(("W.npy", OfArray(Arrays[0])[0])),
            .. Archives.SelectMany(archive => (Damage[])[ZipDamage.OfDirectory(archive), ByteDamage.Of(archive)]),
        ],
        bytes => Superposition.Storage.Npz.Read(new MemoryStream(bytes), "x"), ReasonOf);

    static readonly byte[][] Arrays =
    [
        NpzBytes.Npy([1, 2, 3, 4, 5, 6], 2, 3), NpzBytes.Npy("<f8", new byte[16], 2), NpzBytes.Npy("|b1", [1]), NpzBytes.Npy("<i8", [], 0, 7),
    ];

    // The last three unpack to more than a hundred times their bytes: eight bytes of 30 MB are declared, then those that are there; then the directory agrees with the lie.
    static IEnumerable<byte[]> Archives
    {
        get
        {
            yield return NpzBytes.Zip(CompressionLevel.Optimal, ("W.npy", Arrays[0]), ("b.npy", Arrays[1]));
            yield return NpzBytes.Zip(CompressionLevel.NoCompression, ("W.npy", Arrays[0]), ("b.npy", Arrays[1]));
            yield return NpzBytes.Zip(CompressionLevel.Optimal, ("W.npy", NpzBytes.Npy("|u1", new byte[4 << 20], 4 << 20)));
            var bomb = NpzBytes.Zip(CompressionLevel.Optimal, ("W.npy", NpzBytes.Npy("|u1", new byte[30 << 20], 8)));
            yield return bomb;
            byte[] agreed = [.. bomb];
            foreach (var at in (int[])[agreed.AsSpan().IndexOf("PK\u0003\u0004"u8) + 22, agreed.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + 24])
                BinaryPrimitives.WriteInt32LittleEndian(agreed.AsSpan(at), 128 + 8);
            yield return agreed;
        }
    }

    static string? ReasonOf(Exception error) => (error as NpyException)?.Reason.ToString();

    static Damage[] OfTensors(byte[] sound)
    {
        var header = BitConverter.ToInt32(sound);
        var (text, elements) = (Encoding.UTF8.GetString(sound, sizeof(ulong), header), sound.Length - sizeof(ulong) - header);
        return [TextDamage.Of(text, json => SafetensorsBytes.Of((ulong)json.Length, json, elements)), TextDamage.Of(text, json => SafetensorsBytes.Of((ulong)json.Length, json, elements)), ByteDamage.Of(sound)];
    }

    static Damage[] OfArray(byte[] sound)
    {
        var header = BitConverter.ToUInt16(sound, 8);
        var (text, elements) = (Encoding.Latin1.GetString(sound, 10, header), sound[(10 + header)..]);
        return
        [
            ByteDamage.Of(sound),
            // Of the second version, whose header may be longer than 64 kB.
            TextDamage.Of(text, written => [.. sound[..6], 2, 0, .. BitConverter.GetBytes(written.Length), .. written, .. elements]),
        ];
    }
}
