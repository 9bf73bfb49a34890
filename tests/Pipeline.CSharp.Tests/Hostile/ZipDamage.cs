using System.Buffers.Binary;
using System.IO.Compression;
using Superposition.Tests.Storage;

namespace Superposition.Tests.Hostile;

/// <summary>An archive whose entries are damaged, renamed, doubled or packed otherwise, and whose directory lies about them.</summary>
static class ZipDamage
{
    static readonly string[] Names =
    [
        "../../x.npy", "/etc/passwd", "/x.npy", "C:\\x.npy", "..\\..\\x.npy", "W.npy", "b.npy", "W.NPY", ".npy", "a/b.npy", "data.pkl", "x.npy/", "<script>.npy", "\u0001.npy", new string('a', 3000),
    ];

    // Of an entry in the directory: version, flags, method, time, CRC, packed and unpacked length, lengths of what follows, disk, attributes, place.
    static readonly (int At, int Size)[] Entry = [(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (36, 2), (38, 4), (42, 4)];

    // Of the same before the entry's bytes, and of the end of the directory.
    static readonly (int At, int Size)[] Local = [(4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)];
    static readonly (int At, int Size)[] End = [(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)];

    /// <summary>Half of the blows on the entries, each with its own kind of damage, the others on what the archive says of them.</summary>
    public static Damage Of(params (string Name, Damage Contents)[] sound) => blows =>
    {
        var entries = sound.Select(entry => (entry.Name, entry.Contents, Blows: new List<Blow>())).ToList();
        foreach (var blow in blows)
        {
            var at = blow.Place % Math.Max(1, entries.Count);
            switch (blow.Kind % 16)
            {
                case 0 when entries.Count > 0: entries[at] = entries[at] with { Name = Names[blow.Choice % Names.Length] }; break;
                case 1 when entries.Count > 0: entries.RemoveAt(at); break;
                case 2 when entries.Count > 0: entries.Add(entries[at]); break;
                case < 9 when entries.Count > 0: entries[at].Blows.Add(new(blow.Kind / 16, blow.Place / sound.Length, blow.Choice)); break;
            }
        }
        var level = blows[0].Choice % 2 == 0 ? CompressionLevel.NoCompression : CompressionLevel.Fastest;
        var archive = NpzBytes.Zip(level, [.. entries.Select(entry => (entry.Name, entry.Contents(entry.Blows.ToArray())))]);
        foreach (var blow in blows)
            if (blow.Kind % 16 >= 9) Lie(archive, blow);
        return archive;
    };

    /// <summary>A sound archive of which the directory alone is damaged.</summary>
    public static Damage OfDirectory(byte[] sound) => blows =>
    {
        byte[] archive = [.. sound];
        foreach (var blow in blows) Lie(archive, blow);
        return archive;
    };

    static void Lie(byte[] archive, Blow blow)
    {
        var (signature, fields) = (blow.Kind / 16 % 4) switch
        {
            0 => ("PK\u0003\u0004"u8.ToArray(), Local),
            1 => ("PK\u0005\u0006"u8.ToArray(), End),
            _ => ("PK\u0001\u0002"u8.ToArray(), Entry),
        };
        var start = -1;
        for (var count = blow.Place % 3; count >= 0; count--)
            if (archive.AsSpan(start + 1).IndexOf(signature) is >= 0 and var found) start += 1 + found;
        if (start < 0) return;
        var (at, size) = fields[blow.Place / 3 % fields.Length];
        if (start + at + size > archive.Length) return;
        if (size == 2) BinaryPrimitives.WriteInt16LittleEndian(archive.AsSpan(start + at), (short)blow.Number(archive.Length));
        else BinaryPrimitives.WriteInt32LittleEndian(archive.AsSpan(start + at), (int)blow.Number(archive.Length));
    }
}
