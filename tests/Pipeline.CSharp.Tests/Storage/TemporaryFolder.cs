using System.Security.Cryptography;

namespace Superposition.Tests.Storage;

/// <summary>A folder of a test's own, gone with everything in it when the test ends.</summary>
sealed class TemporaryFolder : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("superposition-");

    /// <summary>A path in the folder.</summary>
    public string this[string name] => Path.Combine(folder.FullName, name);

    /// <summary>Names of all that lies in it, hidden or not, in order.</summary>
    public string[] Names() => [.. folder.EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    /// <summary>Name and SHA-256 of each file of a folder in it, in order.</summary>
    public string[] Digests(string name) => [.. Directory.GetFiles(this[name]).Order(StringComparer.Ordinal)
        .Select(path => $"{Path.GetFileName(path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}")];

    public void Dispose() => folder.Delete(recursive: true);
}
