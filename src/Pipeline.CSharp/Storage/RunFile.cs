using System.Security.Cryptography;

namespace Superposition.Storage;

/// <summary>A file of a run as run.json lists it.</summary>
/// <param name="Sha256">64 hexadecimal digits, lower case.</param>
/// <param name="Bytes">Length of the file.</param>
public sealed record RunFile(string Sha256, long Bytes)
{
    internal const string ManifestName = "run.json";

    /// <summary>Reads the whole file.</summary>
    internal static RunFile Of(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        return new(Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length);
    }

    /// <summary>
    /// A plain name: letters, digits, '.', '_' and '-', beginning with a letter or digit, not ending in '.', at most 200 long,
    /// and not run.json. Then no name leads out of the folder, and every system can hold it.
    /// </summary>
    internal static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 200
        && char.IsAsciiLetterOrDigit(name[0])
        && name[^1] != '.'
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
        && !name.Equals(ManifestName, StringComparison.OrdinalIgnoreCase);
}
