using System.IO.Compression;

namespace Superposition.Autoencoders;

/// <summary>Python's own format, which runs what its author put into it: recognised, and never loaded.</summary>
internal static class Pickle
{
    const byte Protocol = 0x80;

    static readonly string[] Extensions = [".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt"];

    /// <summary>Whether the name says so.</summary>
    public static bool IsNamed(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether name or contents say so: a pickle's first bytes, or a zip archive with the data.pkl of torch.save.</summary>
    public static bool Is(string path)
    {
        if (IsNamed(path)) return true;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> start = stackalloc byte[9];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        // A safetensors file may begin with the same two bytes, as the length of its header; that begins at the ninth.
        if (start is [Protocol, >= 1 and <= 5, ..]) return !(start.Length == 9 && start[8] == '{');
        if (!start.StartsWith("PK"u8)) return false;
        stream.Position = 0;
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            return archive.Entries.Any(entry => entry.Name == "data.pkl");
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The refusal, with the line of Python that makes a file without code of it.</summary>
    public static SparseAutoencoderFileException Refusal(string path)
    {
        var name = Path.GetFileName(path);
        var converted = Path.ChangeExtension(name, ".safetensors");
        return new(path, SparseAutoencoderFileReason.Pickle,
            "a pickle may run code when it is loaded, and is not loaded here. Convert its tensors with Python: "
            + $"python -c \"import torch, safetensors.torch as s; s.save_file({{k: v.contiguous() for k, v in torch.load('{name}', "
            + $"map_location='cpu', weights_only=True).items() if torch.is_tensor(v)}}, '{converted}')\" "
            + $"and lay them as {SaeLensFolder.WeightsName} beside a {SaeLensFolder.ConfigName} as SAELens has it.");
    }
}
