using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

/// <summary>Sound files with a few blows: whatever comes of it is read, or refused with our own error.</summary>
public sealed class SafetensorsDamageTests
{
    static readonly byte[] Sound = SafetensorsTests.Write(new Dictionary<string, StoredArray>
    {
        ["W_enc"] = StoredArray.Of(new float[12], 3, 4),
        ["b_enc"] = StoredArray.Of(new float[4], 4),
        ["steps"] = StoredArray.Of([5L]),
        ["empty"] = StoredArray.Of(Array.Empty<int>(), 0, 7),
    }, new Dictionary<string, string> { ["k"] = "3" });

    static readonly string[] Numbers =
        ["-1", "0", "1", "2", "4", "8", "16", "24", "56", "72", "4294967296", "9223372036854775807", "1e3"];

    static readonly string[] Strings =
    [
        "\"W_enc\"", "\"U8\"", "\"F16\"", "\"F32\"", "\"I64\"", "\"C64\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"",
        "\"__metadata__\"", "\"\\ud800\"", "\"\"",
    ];

    [Fact]
    public void Bytes_changed_cut_or_added_anywhere_give_no_other_error() =>
        Gen.Select(Gen.Int[0, Sound.Length], Gen.Int[0, 24], Gen.Byte.Array[0, 3]).Array[1, 3].Sample(blows =>
        {
            var bytes = Sound;
            foreach (var (place, cut, added) in blows)
            {
                var start = Math.Min(place, bytes.Length);
                bytes = [.. bytes[..start], .. added, .. bytes[Math.Min(start + cut, bytes.Length)..]];
            }
            ReadOrRefuse(bytes);
        }, iter: 10_000);

    /// <summary>The header mostly stays JSON, and its length is put right, so that the deeper checks are reached.</summary>
    [Fact]
    public void Words_of_the_header_exchanged_doubled_or_left_out_give_no_other_error()
    {
        var headerLength = BitConverter.ToInt32(Sound);
        var header = Encoding.UTF8.GetString(Sound, sizeof(ulong), headerLength);
        string[] words = [.. Regex.Matches(header, "\"[^\"]*\"|\\d+|[^\"\\d]").Select(match => match.Value)];
        var reasons = new ConcurrentDictionary<SafetensorsReason, bool>();

        Gen.Select(Gen.Int[0, words.Length - 1], Gen.Int[0, 19], Gen.Int[0, 999]).Array[1, 3].Sample(blows =>
        {
            var changed = (string[])words.Clone();
            foreach (var (place, kind, choice) in blows)
                changed[place] = kind switch
                {
                    0 => "",
                    1 => words[place] + words[place],
                    2 => words[choice % words.Length],
                    _ when char.IsAsciiDigit(words[place][0]) => Numbers[choice % Numbers.Length],
                    _ when words[place][0] == '"' => Strings[choice % Strings.Length],
                    _ => words[place],
                };
            var json = Encoding.UTF8.GetBytes(string.Concat(changed));
            var reason = ReadOrRefuse(SafetensorsBytes.Of((ulong)json.Length, json, Sound.Length - sizeof(ulong) - headerLength));
            if (reason is { } known) reasons[known] = true;
        }, iter: 30_000);

        // The damage is worth nothing if it only ever meets the first check.
        Assert.Superset(
            new HashSet<SafetensorsReason>
            {
                SafetensorsReason.HeaderNotJson, SafetensorsReason.DuplicateTensor, SafetensorsReason.DuplicateKey,
                SafetensorsReason.MetadataNotStrings, SafetensorsReason.EntryMalformed, SafetensorsReason.UnknownType,
                SafetensorsReason.NegativeShape, SafetensorsReason.ShapeOverflow, SafetensorsReason.RangeInvalid,
                SafetensorsReason.ShapeMismatch,
            },
            reasons.Keys.ToHashSet());
    }

    /// <summary>Ranges moved together with their shapes, so that only comparing ranges is left to find the fault.</summary>
    [Fact]
    public void Ranges_that_do_not_cover_the_file_exactly_once_are_refused() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 12]).Array[1, 4].Sample(ranges =>
        {
            var entries = ranges.Select((range, i) =>
                SafetensorsBytes.Entry($"t{i}", "U8", $"{range.Item2}", $"{range.Item1},{range.Item1 + range.Item2}"));
            var reason = ReadOrRefuse(SafetensorsBytes.Of($"{{{string.Join(",", entries)}}}", 12));
            var covered = Enumerable.Range(0, 12).All(place =>
                ranges.Count(range => place >= range.Item1 && place < range.Item1 + range.Item2) == 1);
            var within = ranges.All(range => range.Item1 + range.Item2 <= 12);
            var emptyInside = ranges.Any(empty => empty.Item2 == 0
                && ranges.Any(range => range.Item1 < empty.Item1 && empty.Item1 < range.Item1 + range.Item2));
            return (reason is null) == (covered && within && !emptyInside);
        }, iter: 10_000);

    static SafetensorsReason? ReadOrRefuse(byte[] bytes)
    {
        try
        {
            SafetensorsTests.Read(bytes);
            return null;
        }
        catch (SafetensorsException error)
        {
            return error.Reason;
        }
    }
}
