namespace Superposition.Storage;

/// <summary>
/// Holds the ranges of a header against each other and against the file: each as long as its shape needs, one after the
/// other, from the first byte of the buffer to its last. Then what is read is what was written, and nothing hides between.
/// </summary>
static class SafetensorsLayout
{
    /// <summary>Sorts <paramref name="entries"/> by place in the file, having found every one sound.</summary>
    /// <param name="entries">As the header names them, in any order.</param>
    /// <param name="bufferLength">Bytes of the file after the header.</param>
    /// <param name="where">The file, for messages.</param>
    /// <exception cref="SafetensorsException">The first rule that is broken.</exception>
    public static IReadOnlyList<SafetensorsEntry> Check(IEnumerable<SafetensorsEntry> entries, long bufferLength, string where)
    {
        var sorted = entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End).ToList();
        foreach (var entry in sorted) CheckAlone(entry, bufferLength, where);
        var end = 0L;
        SafetensorsEntry? previous = null;
        foreach (var entry in sorted)
        {
            if (entry.Begin < end)
                throw new SafetensorsException(where, SafetensorsReason.RangesOverlap,
                    $"{entry} begins at byte {entry.Begin}, inside {previous}, which ends at {end}. "
                    + "The writer is at fault: save the file again.");
            if (entry.Begin > end)
                throw new SafetensorsException(where, SafetensorsReason.Hole,
                    $"{entry} begins at byte {entry.Begin}; bytes {end}…{entry.Begin} belong to no tensor. "
                    + "The writer is at fault: save the file again.");
            end = entry.End;
            previous = entry;
        }
        if (end < bufferLength)
            throw new SafetensorsException(where, SafetensorsReason.TrailingBytes,
                $"the tensors end at byte {end}, the file holds {bufferLength}. "
                + "Something was appended, or the header is of another file.");
        return sorted;
    }

    static void CheckAlone(SafetensorsEntry entry, long bufferLength, string where)
    {
        if (entry.Shape.Any(axis => axis < 0))
            throw new SafetensorsException(where, SafetensorsReason.NegativeShape,
                $"{entry} has a negative axis; axes are 0 or more.");
        if (!Shapes.TryCountBytes(entry.Shape, entry.Type.Size(), out var needed))
            throw new SafetensorsException(where, SafetensorsReason.ShapeOverflow,
                $"{entry} has more bytes than 63 bits can count. The header is damaged.");
        if (entry.Begin < 0 || entry.End < entry.Begin)
            throw new SafetensorsException(where, SafetensorsReason.RangeInvalid,
                $"{entry} has the range {entry.Begin}…{entry.End}; "
                + "a range begins at 0 or later and ends no earlier than it begins.");
        if (entry.End - entry.Begin != needed)
            throw new SafetensorsException(where, SafetensorsReason.ShapeMismatch,
                $"{entry} needs {needed} bytes, its range {entry.Begin}…{entry.End} has {entry.End - entry.Begin}. "
                + "Shape, type or range is wrong.");
        if (entry.End > bufferLength)
            throw new SafetensorsException(where, SafetensorsReason.RangeOutsideFile,
                $"{entry} needs bytes {entry.Begin}…{entry.End}, the file holds {bufferLength}. "
                + "The file is cut short: copy it again.");
    }
}
