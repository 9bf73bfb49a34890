using System.IO.MemoryMappedFiles;

namespace Superposition.Storage;

/// <summary>
/// An array [rows, columns] that stays in its file: the system brings in the pages that are read and drops them when memory is short, so it
/// may be larger than memory.
/// </summary>
sealed unsafe class MappedMatrix : IDisposable
{
    readonly FileStream stream;
    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    readonly ArrayLayout array;

    /// <summary>Maps an array of a stream that has been checked to hold it; the stream belongs to the matrix from then on.</summary>
    public MappedMatrix(FileStream stream, ArrayLayout array, string name)
    {
        (this.stream, this.array) = (stream, array);
        (Name, Rows, Columns) = (name, array.Shape[0], (int)array.Shape[1]);
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    /// <summary>The file, as the caller named it.</summary>
    public string Name { get; }

    /// <summary>How many rows.</summary>
    public long Rows { get; }

    /// <summary>Numbers in a row.</summary>
    public int Columns { get; }

    /// <summary>[count, columns] Rows as single precision: F16, BF16 and small integers exactly, others rounded to nearest.</summary>
    public void CopyTo(long first, int count, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + count, Rows);
        CheckLength();
        var size = array.Type.Size();
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);   // refuses when disposed, and keeps the pages until it is released
        try
        {
            var row = pointer + view.PointerOffset + array.Offset + first * Columns * size;
            for (var r = 0; r < count; r++, row += (nint)Columns * size)   // a span has at most 2 GB, so not all rows at once
                ElementConversion.Convert(array.Type, new(row, Columns * size), destination.Slice(r * Columns, Columns));
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    // Pages that a file has lost cannot be read, and the system ends a process that tries: the length is asked for before each read.
    void CheckLength()
    {
        ObjectDisposedException.ThrowIf(stream.SafeFileHandle.IsClosed, this);
        var (needed, found) = (array.Offset + array.Length, RandomAccess.GetLength(stream.SafeFileHandle));
        if (found < needed)
            throw new EndOfStreamException(
                $"{Name}: expected {needed} bytes, as when it was opened, found {found}. Something else is writing it: wait, and read again.");
    }

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}
