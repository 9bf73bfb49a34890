using System.Reflection;
using Superposition.Storage;
using TorchSharp;

namespace Superposition.Training;

/// <summary>What a run's bytes depend on beside its recipe.</summary>
public static class RunVersions
{
    /// <summary>Ours, TorchSharp's, .NET's and the system's.</summary>
    public static IReadOnlyDictionary<string, string> Here() => RunManifest.VersionsHere(
        ("superposition", Version(typeof(RunVersions))),
        ("torchSharp", Version(typeof(torch))));

    static string Version(Type type) =>
        (type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+')[0];
}
