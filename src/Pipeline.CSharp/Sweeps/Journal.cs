using System.Text.Json;
using Superposition.Storage;

namespace Superposition.Sweeps;

/// <summary>
/// One worker's record of the cells it ended: a line of json each, on the disk before the next cell is begun. A line that was being
/// written when the worker died has no end; it is skipped by whoever reads and cut off by whoever writes on.
/// </summary>
sealed class Journal : IDisposable
{
    static readonly JsonSerializerOptions Lines = new(OptionsJson.Settings) { WriteIndented = false };
    readonly string path;
    readonly FileStream file;

    /// <summary>Opens it to write on; made if it is not there. Nobody else may write to it.</summary>
    /// <exception cref="FileWriteException">It cannot be written, or another process writes it.</exception>
    public Journal(string path)
    {
        this.path = path;
        try
        {
            file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            file.SetLength(WholeLines(path).Length);
            file.Seek(0, SeekOrigin.End);
        }
        catch (Exception error) when (FileWriteException.IsCause(error))
        {
            file?.Dispose();
            throw FileWriteException.Because(path, error);
        }
    }

    /// <summary>Adds lines, and returns when the disk has them.</summary>
    /// <exception cref="FileWriteException">The disk is full.</exception>
    public void Add(IEnumerable<CellEnd> ends)
    {
        try
        {
            foreach (var end in ends)
            {
                file.Write(JsonSerializer.SerializeToUtf8Bytes(end, Lines));
                file.WriteByte((byte)'\n');
            }
            file.Flush(flushToDisk: true);
        }
        catch (Exception error) when (FileWriteException.IsCause(error))
        {
            throw FileWriteException.Because(path, error);
        }
    }

    /// <summary>All whole lines of a journal, in order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cells">How many cells the sweep has.</param>
    /// <param name="measures">How many numbers are measured of each.</param>
    /// <exception cref="SweepException">A line is not of a cell of the sweep.</exception>
    public static IEnumerable<CellEnd> Read(string path, long cells, int measures)
    {
        var (bytes, start) = (WholeLines(path), 0);
        for (var line = 1; start < bytes.Length; line++)
        {
            var length = bytes.AsSpan(start).IndexOf((byte)'\n');
            yield return Parse(bytes.AsSpan(start, length), path, line, cells, measures);
            start += length + 1;
        }
    }

    static CellEnd Parse(ReadOnlySpan<byte> text, string path, int line, long cells, int measures)
    {
        SweepException Bad(string found, Exception? inner = null) => new(path, SweepReason.BadJournal,
            $"line {line} must be the end of a cell from 0 to {cells - 1}; {found}. Delete the line to train its cell again.", inner);
        try
        {
            var end = JsonSerializer.Deserialize<CellEnd>(text, Lines) ?? throw Bad("it is null");
            if (end.Cell < 0 || end.Cell >= cells) throw Bad($"it is of cell {end.Cell}");
            return end.Measured.Length == measures ? end : throw Bad($"it has {end.Measured.Length} numbers, where {measures} are measured");
        }
        catch (JsonException error)
        {
            throw Bad("it is no such json", error);
        }
    }

    static byte[] WholeLines(string path)
    {
        using var read = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[read.Length];
        read.ReadExactly(bytes);
        return bytes[..(bytes.AsSpan().LastIndexOf((byte)'\n') + 1)];
    }

    public void Dispose() => file.Dispose();
}
