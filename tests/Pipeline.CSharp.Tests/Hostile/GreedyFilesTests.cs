using System.Globalization;
using System.IO.Compression;
using System.Text;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Hostile;

/// <summary>
/// Files of which every byte costs a reader as much as it can: then too it asks for no more than 4 times the file and 16 MiB. (The tokenizers of
/// Hugging Face need about 20 times what they hold, and tables 50: both are as large as their users make them.)
/// </summary>
[Collection(nameof(Alone))]
public sealed class GreedyFilesTests(ITestOutputHelper output)
{
    static readonly Dictionary<string, (FuzzedFormat Format, Func<int, byte[]> File)> Greedy = new()
    {
        ["tensors of nothing"] = (ArrayFormats.Safetensors, size => Header(Numbered(size, "\"{0}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}},"))),
        ["axes"] = (ArrayFormats.Safetensors, size => Header(Numbered(size, $"\"{{0}}\":{{{{\"dtype\":\"U8\",\"shape\":[{Many(126, "0,")}0],\"data_offsets\":[0,0]}}}},"))),
        ["metadata"] = (ArrayFormats.Safetensors, size => Header($"\"__metadata__\":{{{Numbered(size, "\"{0}\":\"\",")}}}")),
        ["a header of a sixth of its file"] = (ArrayFormats.Safetensors, size => TensorsAndBytes(size / 6)),
        ["entries that share their bytes"] = (ArrayFormats.Npz, Shared),
        ["recipe"] = (JsonFormats.Manifest, size => Manifest("\"recipe\":", $"\"recipe\":[{Many(size, "1,")}1],\"recip\":")),
        ["files of a run"] = (JsonFormats.Manifest, size => Manifest("\"files\": {", $"\"files\": {{{Numbered(size, "\"{0}\":{{\"sha256\":\"\",\"bytes\":0}},")},")),
        ["config.json"] = (ModelFormats.Config, size => WithKey(ModelFormats.Config, $"\"a\":[{Many(size, "1,")}1]")),
        ["keys of config.json"] = (ModelFormats.Config, size => WithKey(ModelFormats.Config, Numbered(size, "\"{0}\":1,"))),
        ["cfg.json"] = (ModelFormats.SaeConfig, size => WithKey(ModelFormats.SaeConfig, $"\"a\":[{Many(size, "1,")}1]")),
        ["keys of cfg.json"] = (ModelFormats.SaeConfig, size => WithKey(ModelFormats.SaeConfig, Numbered(size, "\"{0}\":1,"))),
        ["tokens"] = (ModelFormats.ScoredTokens, size => [.. Sound(ModelFormats.ScoredTokens), .. Enumerable.Range(0, size / 11).SelectMany(i => (byte[])[0, 0, 0, 0, 3, 0, 0, 0, .. Three(i)])]),
        ["nodes"] = (ModelFormats.Onnx, Nodes),
    };

    public static TheoryData<string, int> Files
    {
        get
        {
            var files = new TheoryData<string, int>();
            foreach (var name in Greedy.Keys)
                foreach (var size in (int[])[240_000, 900_000, 3_900_000, 12_000_000]) files.Add(name, size);
            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_asked_for_stays_within_four_times_the_file_and_16_MiB(string name, int size)
    {
        var (format, make) = Greedy[name];
        var file = make(size);
        Reason(format, Sound(format));   // what is made once
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reason = Reason(format, file);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {file.Length} bytes, {reason}, {bytes / 1048576.0:F1} MiB"));
        Assert.InRange(bytes, 0, 4L * file.Length + (16 << 20));
    }

    [Fact]
    public void Bytes_of_an_archive_are_unpacked_once() => Assert.Equal(nameof(NpyReason.EntryTooLong), Reason(ArrayFormats.Npz, Shared(100_000)));

    static string Reason(FuzzedFormat format, byte[] file)
    {
        try
        {
            format.Read(file);
            return "read";
        }
        catch (Exception error) when (format.ReasonOf(error) is not null)
        {
            return format.ReasonOf(error)!;
        }
    }

    // The last way of each format is that of bytes; without a blow, the file is as it was.
    static byte[] Sound(FuzzedFormat format) => format.File([new(format.Damages.Count - 1, 0, 0)]);

    static string Many(int bytes, string part) => string.Concat(Enumerable.Repeat(part, bytes / part.Length));

    static string Numbered(int bytes, string part)
    {
        var (text, format) = (new StringBuilder(), CompositeFormat.Parse(part));
        for (var i = 0; text.Length < bytes; i++) text.AppendFormat(CultureInfo.InvariantCulture, format, i.ToString("x", CultureInfo.InvariantCulture));
        return text.ToString().TrimEnd(',');
    }

    static byte[] Three(int i) => [(byte)(33 + i % 90), (byte)(33 + i / 90 % 90), (byte)(33 + i / 8100 % 90)];

    static byte[] Header(string within) => SafetensorsBytes.Of($"{{{within}}}", 0);

    static byte[] TensorsAndBytes(int header)
    {
        var text = $"{{{Numbered(header - 100, "\"{0}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}},")}";
        return SafetensorsBytes.Of($"{text},{SafetensorsBytes.Entry("all", "U8", $"{text.Length * 6}", $"0,{text.Length * 6}")}}}", text.Length * 6);
    }

    // One array of zeros, and as many lines of the directory that name it; beyond these, .NET's reader takes 500 bytes a line before it gives the first.
    static byte[] Shared(int size)
    {
        var one = NpzBytes.Zip(CompressionLevel.Optimal, ("WWW.npy", NpzBytes.Npy("|u1", new byte[1 << 20], 1 << 20)));
        int directory = one.AsSpan().LastIndexOf("PK\u0001\u0002"u8), end = one.AsSpan().LastIndexOf("PK\u0005\u0006"u8), count = Math.Min(size / (end - directory), 40_000);
        byte[] entries = [.. Enumerable.Range(0, count).SelectMany(i => (byte[])[.. one[directory..(directory + 46)], .. Three(i), .. one[(directory + 49)..end]])];
        return
        [
            .. one[..directory], .. entries, .. one[end..(end + 8)], .. BitConverter.GetBytes((short)count), .. BitConverter.GetBytes((short)count), .. BitConverter.GetBytes(entries.Length), .. one[(end + 16)..],
        ];
    }

    static byte[] Manifest(string key, string replaced) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Sound(JsonFormats.Manifest)).Replace(key, replaced, StringComparison.Ordinal));

    static byte[] WithKey(FuzzedFormat format, string json) => Encoding.UTF8.GetBytes($"{{{json},{Encoding.UTF8.GetString(Sound(format)).TrimStart()[1..]}");

    static byte[] Nodes(int size)
    {
        byte[] nodes = [.. Enumerable.Range(0, size / 7).SelectMany(i => (byte[])[0x0A, 5, 0x12, 3, .. Three(i)])];
        return [0x3A, .. Varint(nodes.Length), .. nodes];

        static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)(value & 127 | 128), .. Varint(value >> 7)];
    }
}
