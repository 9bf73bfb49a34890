using System.Text;
using Google.Protobuf;

namespace Superposition.Tests.Hostile;

/// <summary>Fields of a protocol buffer left out, doubled, moved, renumbered, emptied or put within themselves; all lengths are right again afterwards.</summary>
static class ProtobufDamage
{
    static readonly string[] Texts = ["", "../../x", "<script>", "\ud800", "W", "<0x00>", "a", new string('a', 5000)];

    /// <summary>Of a message whose fields of these numbers are messages again, at the depths given: 1 for its own.</summary>
    public static Damage Of(byte[] sound, Func<int, int, bool> isMessage)
    {
        var whole = Parsed(sound, isMessage, depth: 1);
        return blows =>
        {
            var changed = whole;
            foreach (var blow in blows) changed = After(changed, blow);
            return Bytes(changed);
        };
    }

    sealed record Field(int Number, WireFormat.WireType Written, ulong Value, byte[] Content, IReadOnlyList<Field>? Within);

    static List<Field> Parsed(byte[] bytes, Func<int, int, bool> isMessage, int depth)
    {
        var fields = new List<Field>();
        using var input = new CodedInputStream(bytes);
        while (input.ReadTag() is not 0 and var tag)
        {
            var (number, written) = (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag));
            var value = written switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed32 => input.ReadFixed32(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                _ => 0UL,
            };
            var content = written == WireFormat.WireType.LengthDelimited ? input.ReadBytes().ToByteArray() : [];
            fields.Add(new(number, written, value, content, written == WireFormat.WireType.LengthDelimited && isMessage(depth, number) ? Parsed(content, isMessage, depth + 1) : null));
        }
        return fields;
    }

    static List<Field> After(IReadOnlyList<Field> fields, Blow blow)
    {
        List<Field> changed = [.. fields];
        if (changed.Count == 0) return changed;
        var at = blow.Place % changed.Count;
        var field = changed[at];
        // Half of the blows go one deeper, so that all depths are met.
        if (field.Within is { Count: > 0 } within && (blow.Kind & 1) == 0)
        {
            changed[at] = field with { Within = After(within, new(blow.Kind / 2, blow.Place / changed.Count, blow.Choice)) };
            return changed;
        }
        switch (blow.Kind / 2 % 10)
        {
            case 0: changed.RemoveAt(at); break;
            case 1: changed.Insert(at, field); break;
            case 2: (changed[at], changed[blow.Choice % changed.Count]) = (changed[blow.Choice % changed.Count], field); break;
            case 3: changed[at] = field with { Number = 1 + blow.Choice % 50 }; break;
            case 4: changed[at] = field with { Value = (ulong)blow.Number(0) }; break;
            case 5: changed[at] = field with { Written = (WireFormat.WireType)(blow.Choice % 6) }; break;
            case 6: changed[at] = field with { Content = Encoding.UTF8.GetBytes(Texts[blow.Choice % Texts.Length]), Within = null }; break;
            case 7: changed[at] = field with { Content = Bytes([field]), Within = null, Written = WireFormat.WireType.LengthDelimited }; break;
            case 8: changed[at] = field with { Content = [0xFF, 0xFE, .. field.Content], Within = null }; break;
            default:
                for (var depth = 0; depth < 100; depth++) field = field with { Content = Bytes([field]), Within = null, Written = WireFormat.WireType.LengthDelimited };
                changed[at] = field;
                break;
        }
        return changed;
    }

    static byte[] Bytes(IReadOnlyList<Field> fields)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
            foreach (var field in fields)
            {
                output.WriteTag(field.Number, field.Written);
                switch (field.Written)
                {
                    case WireFormat.WireType.Varint: output.WriteUInt64(field.Value); break;
                    case WireFormat.WireType.Fixed32: output.WriteFixed32((uint)field.Value); break;
                    case WireFormat.WireType.Fixed64: output.WriteFixed64(field.Value); break;
                    case WireFormat.WireType.LengthDelimited: output.WriteBytes(UnsafeByteOperations.UnsafeWrap(field.Within is { } within ? Bytes(within) : field.Content)); break;
                }
            }
        return stream.ToArray();
    }
}
