using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TorchSharp;

namespace Superposition.Native;

/// <summary>
/// Loads libtorch and TorchSharp's native half before TorchSharp asks for them. On Linux systems whose libstdc++ is older
/// than GCC 13 (Debian 12, Ubuntu 22.04, RHEL 9) the shipped library is refused for one symbol version that nothing in it
/// uses; there a copy with that version marked weak is made once per user, keyed by the original's SHA-256.
/// </summary>
public static class TorchLibrary
{
    const string UnusedVersion = "GLIBCXX_3.4.32";
    const string Binding = "libLibTorchSharp.so";
    static readonly string[] Torch = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    static string? failure;

    /// <summary>Throws where libtorch cannot be loaded; every trainer and stage calls it before its first tensor.</summary>
    /// <exception cref="DllNotFoundException">No libtorch for this system is referenced, or it does not load.</exception>
    public static void EnsureLoaded()
    {
        if (failure is not null) throw new DllNotFoundException(failure);
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Must run before the first torch call, wherever that is made.")]
    internal static void Load()
    {
        if (!OperatingSystem.IsLinux()) return;   // elsewhere the stock libraries load as they are
        try
        {
            var folders = SearchFolders();
            foreach (var name in Torch)
                if (!TryLoad(name, folders))
                {
                    failure = $"{name} was not found. Expected it beside the program or in LD_LIBRARY_PATH; looked in "
                        + $"{string.Join(", ", folders)}. Reference the package TorchSharp-cpu or libtorch-cpu-linux-x64.";
                    return;
                }
            if (!TryLoad(Binding, folders)) failure = LoadCorrected(folders);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            failure = $"{Binding} could not be prepared for this system: {e.Message}";
        }
    }

    static string? LoadCorrected(IReadOnlyList<string> folders)
    {
        var original = folders.Select(f => Path.Combine(f, Binding)).FirstOrDefault(File.Exists);
        if (original is null)
            return $"{Binding} was not found in {string.Join(", ", folders)}. It comes with the package TorchSharp.";
        var bytes = File.ReadAllBytes(original);
        var corrected = Path.Combine(CacheFolder(), Convert.ToHexStringLower(SHA256.HashData(bytes)), Binding);
        if (!File.Exists(corrected))
        {
            if (!ElfSymbolVersions.Weaken(bytes, UnusedVersion))
                return $"{original} does not load here, and not for want of {UnusedVersion}; is it built for this system?";
            Directory.CreateDirectory(Path.GetDirectoryName(corrected)!);
            var partial = $"{corrected}.{Environment.ProcessId}";
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, corrected, overwrite: true);   // another process may have been first: same bytes
        }
        return NativeLibrary.TryLoad(corrected, out _) ? null : $"{corrected} does not load on this system.";
    }

    static bool TryLoad(string name, IReadOnlyList<string> folders) =>
        folders.Any(f => NativeLibrary.TryLoad(Path.Combine(f, name), out _)) || NativeLibrary.TryLoad(name, out _);

    static List<string> SearchFolders()
    {
        // The runtime's own list holds the package cache when a program runs from it; scripts have only assembly locations.
        var listed = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        string?[] homes =
        [
            AppContext.BaseDirectory,
            Path.GetDirectoryName(typeof(TorchLibrary).Assembly.Location),
            Path.GetDirectoryName(typeof(torch).Assembly.Location),
        ];
        var native = Path.Combine("runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        var portable = Path.Combine("runtimes", "linux-x64", "native");
        return listed.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(homes.Where(h => !string.IsNullOrEmpty(h))
                .SelectMany(h => new[] { h!, Path.Combine(h!, native), Path.Combine(h!, portable) }))
            .Where(Directory.Exists).Distinct().ToList();
    }

    static string CacheFolder()
    {
        var user = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return Path.Combine(user.Length > 0 ? user : Path.GetTempPath(), "superposition", "native");
    }
}
