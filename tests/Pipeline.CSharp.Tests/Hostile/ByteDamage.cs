using System.Buffers.Binary;

namespace Superposition.Tests.Hostile;

/// <summary>What happens to any file: bits flip, it is cut short, something is added, a number becomes another.</summary>
static class ByteDamage
{
    /// <summary>Anywhere.</summary>
    public static Damage Of(byte[] sound) => Of(sound, sound.Length);

    /// <summary>In its first bytes alone, where the sizes stand.</summary>
    public static Damage Of(byte[] sound, int first) => blows =>
    {
        var bytes = sound;
        foreach (var blow in blows) bytes = After(bytes, blow, first);
        return bytes;
    };

    static byte[] After(byte[] bytes, Blow blow, int first)
    {
        var at = blow.Place % (Math.Min(first, bytes.Length) + 1);
        var end = Math.Min(bytes.Length, at + 1 + blow.Choice % 24);
        switch (blow.Kind % 10)
        {
            case 0: return bytes[..at];
            case 1: return [.. bytes, .. new byte[1 + blow.Choice % 40]];
            case 2: return [.. bytes[..at], .. bytes[end..]];
            case 3: return [.. bytes[..end], .. bytes[at..]];
            case 4: return [.. bytes[..at], (byte)blow.Choice, .. bytes[at..]];
            case 5 when at < bytes.Length: return Changed(span => span[at] ^= (byte)(1 << blow.Choice % 8));
            case 6 when at < bytes.Length: return Changed(span => span[at] = (byte)blow.Number(bytes.Length));
            case 7 when at + 8 <= bytes.Length: return Changed(span => BinaryPrimitives.WriteInt64LittleEndian(span[at..], blow.Number(bytes.Length)));
            case 8 when at + 2 <= bytes.Length: return Changed(span => BinaryPrimitives.WriteInt16LittleEndian(span[at..], (short)blow.Number(bytes.Length)));
            case 9 when at / 4 * 4 + 4 <= bytes.Length: return Changed(span => BinaryPrimitives.WriteInt32LittleEndian(span[(at / 4 * 4)..], (int)blow.Number(bytes.Length)));
            default: return bytes;
        }

        byte[] Changed(Action<Span<byte>> change)
        {
            byte[] changed = [.. bytes];
            change(changed);
            return changed;
        }
    }
}
