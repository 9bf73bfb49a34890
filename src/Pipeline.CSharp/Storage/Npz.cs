using System.IO.Compression;

namespace Superposition.Storage;

/// <summary>
/// Reads numpy's .npz files: a zip archive of .npy files, stored or deflated (numpy/lib/_npyio_impl.py, savez). As with <see cref="Npy"/>,
/// nothing is unpickled, and what an entry claims is held against what it can hold before any memory is asked for.
/// </summary>
public static class Npz
{
    /// <summary>Deflate writes 258 bytes with two bits at best, so no byte unpacks to more than 1032.</summary>
    const long MostUnpacked = 1032;

    const string Extension = ".npy";

    /// <summary>The arrays by name, without their .npy, in the order of the archive.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">The names it may have; null (default) for any. Nothing is unpacked of a file with others.</param>
    /// <exception cref="NpyException">The archive or one of its arrays is damaged, or of a kind that is not read.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IReadOnlyDictionary<string, StoredArray> Read(string path, IReadOnlyCollection<string>? expected = null)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, path, expected);
    }

    /// <inheritdoc cref="Read(string, IReadOnlyCollection{string})"/>
    /// <param name="stream">The whole archive.</param>
    /// <param name="where">What messages call it.</param>
    /// <param name="expected">As there.</param>
    internal static IReadOnlyDictionary<string, StoredArray> Read(Stream stream, string where, IReadOnlyCollection<string>? expected = null)
    {
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            var entries = Entries(archive, stream.Length, where, expected);
            var arrays = new OrderedDictionary<string, StoredArray>(StringComparer.Ordinal);
            foreach (var (name, entry) in entries) arrays.Add(name, Read(entry, $"{where}: {ErrorText.Quote(entry.FullName)}"));
            return arrays;
        }
        catch (InvalidDataException error)
        {
            throw new NpyException(where, NpyReason.ArchiveDamaged,
                $"an .npz file is a zip archive, and this one cannot be unpacked: {error.Message.TrimEnd('.')}. Copy it again.", error);
        }
    }

    static OrderedDictionary<string, ZipArchiveEntry> Entries(
        ZipArchive archive, long length, string path, IReadOnlyCollection<string>? expected)
    {
        var entries = new OrderedDictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        var packed = 0L;   // of all so far: entries that share bytes would unpack them again and again
        foreach (var entry in archive.Entries)
        {
            var name = entry.FullName.EndsWith(Extension, StringComparison.Ordinal) ? entry.FullName[..^Extension.Length] : null;
            if (name is null)
                throw new NpyException(path, NpyReason.EntryUnexpected,
                    $"the archive holds {ErrorText.Quote(entry.FullName)}; an .npz file holds .npy files alone. Save it with numpy.savez.");
            if (expected?.Contains(name) == false)
                throw new NpyException(path, NpyReason.EntryUnexpected,
                    $"the archive holds {ErrorText.Quote(name)}; expected {ErrorText.List(expected)}. Is it another kind of file?");
            if (!entries.TryAdd(name, entry))
                throw new NpyException(path, NpyReason.EntryUnexpected, $"the archive holds {ErrorText.Quote(name)} twice. Save it again.");
            packed += Math.Max(0, entry.CompressedLength);
            if (packed > length || entry.Length / MostUnpacked > entry.CompressedLength)
                throw new NpyException(path, NpyReason.EntryTooLong,
                    $"{ErrorText.Quote(name)} claims {entry.Length} bytes packed into {entry.CompressedLength}, {packed} with those before it; the file has {length}, and "
                    + $"a packed byte holds at most {MostUnpacked}. The archive is damaged: copy it again.");
        }
        return entries;
    }

    static StoredArray Read(ZipArchiveEntry entry, string where)
    {
        using var stream = entry.Open();
        var array = Npy.Read(stream, entry.Length, where);
        return stream.ReadByte() < 0
            ? array
            : throw new NpyException(where, NpyReason.TrailingBytes,
                $"the entry claims {entry.Length} bytes and goes on after them. Copy it again.");
    }
}
