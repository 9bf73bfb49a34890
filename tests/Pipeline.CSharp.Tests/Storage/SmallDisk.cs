using System.Diagnostics;

namespace Superposition.Tests.Storage;

/// <summary>A disk of a test's own, in memory, that can be full and read-only. Needs root on Linux.</summary>
sealed class SmallDisk : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly bool isMounted;

    SmallDisk(int kibibytes) => isMounted = Mount("-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", folder["."]);

    /// <summary>A disk of a size; null where none can be had.</summary>
    public static SmallDisk? Of(int kibibytes)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root") return null;
        var disk = new SmallDisk(kibibytes);
        if (disk.isMounted) return disk;
        disk.Dispose();
        return null;
    }

    /// <summary>A path on it.</summary>
    public string this[string name] => folder[name];

    /// <summary>Names of all that lies on it.</summary>
    public string[] Names() => folder.Names();

    /// <inheritdoc cref="TemporaryFolder.Digests"/>
    public string[] Digests(string name) => folder.Digests(name);

    /// <summary>Another size, or whether it can be written to: <c>size=…k</c>, <c>ro</c>, <c>rw</c>.</summary>
    public void Remount(string option)
    {
        if (!Mount("-o", $"remount,{option}", folder["."])) throw new InvalidOperationException($"mount -o remount,{option} failed.");
    }

    static bool Mount(params string[] arguments) => Run("mount", arguments);

    static bool Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    public void Dispose()
    {
        if (isMounted) Run("umount", ["--lazy", folder["."]]);
        folder.Dispose();
    }
}
