using System.Runtime.InteropServices;
using System.Text.Json;

namespace Superposition.Storage;

/// <summary>
/// What run.json says of a run beside its files. It holds neither times nor places, so that the same options give the same bytes.
/// </summary>
public sealed record RunManifest
{
    /// <summary>What the run made.</summary>
    public required RunKind Kind { get; init; }

    /// <summary>What people call it, such as "E6.sticky"; any text.</summary>
    public required string Name { get; init; }

    /// <summary>How it ended; default complete.</summary>
    public RunStatus Status { get; init; } = RunStatus.Complete;

    /// <summary>All options and seeds, enough to run it again; any JSON, kept in the order given.</summary>
    public required JsonElement Recipe { get; init; }

    /// <summary>
    /// Name to version of what ran, such as "superposition" and "torchSharp"; default <see cref="VersionsHere"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = VersionsHere();

    /// <summary>"dotnet" and "system" (such as "linux-x64") as they are here, and what else is given.</summary>
    public static IReadOnlyDictionary<string, string> VersionsHere(params IReadOnlyList<(string Name, string Version)> others)
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "linux";
        var versions = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["dotnet"] = Environment.Version.ToString(),
            ["system"] = $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}",
        };
        foreach (var (name, version) in others) versions[name] = version;
        return versions;
    }
}
