using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Superposition.Tests.Storage;

namespace Superposition.Tests.Sweeps;

/// <summary>A Slurm cluster of two nodes of one core on this machine: a controller, a daemon a node and a munge of its own, without systemd.
/// Needs root, slurm-wlm and munge.</summary>
sealed class SlurmCluster : IDisposable
{
    const int Port = 17000;
    readonly TemporaryFolder folder = new();
    readonly string? before = Environment.GetEnvironmentVariable("SLURM_CONF");

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Missing =>
        !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "Slurm's daemons are started by root on Linux."
        : new[] { "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch", "/usr/sbin/munged" }.FirstOrDefault(file => !File.Exists(file)) is { } file
            ? $"{file} is not installed (Debian: slurm-wlm, munge)."
            : null;

    public SlurmCluster()
    {
        foreach (var name in new[] { "state", "spool-n1", "spool-n2" }) Directory.CreateDirectory(folder[name]);
        File.WriteAllText(folder["slurm.conf"], Configuration(Output("hostname", "-s").Trim()));
        Environment.SetEnvironmentVariable("SLURM_CONF", folder["slurm.conf"]);
        try
        {
            StartMunge();
            Run("/usr/sbin/slurmctld", "-f", folder["slurm.conf"]);
            foreach (var node in Nodes) StartNode(node);
            Wait(() => Output("sinfo", "--noheader", "--Node", "--format=%T").Split('\n', StringSplitOptions.RemoveEmptyEntries) is ["idle", "idle"], "two idle nodes");
        }
        catch
        {
            Dispose();   // what was started would outlive the test
            throw;
        }
    }

    // The machine's own may be stopped, or have left a socket that nobody listens at.
    void StartMunge()
    {
        File.WriteAllBytes(folder["munge.key"], RandomNumberGenerator.GetBytes(1024));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder["munge.key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Run("/usr/sbin/munged", "--force", $"--socket={folder["munge.socket"]}", $"--key-file={folder["munge.key"]}",
            $"--pid-file={folder["munged.pid"]}", $"--log-file={folder["munged.log"]}", $"--seed-file={folder["munged.seed"]}");
    }

    public static IReadOnlyList<string> Nodes => ["n1", "n2"];

    public void StartNode(string node) => Run("/usr/sbin/slurmd", "-N", node, "-f", folder["slurm.conf"]);

    /// <summary>Ends a node's daemon as a crash does.</summary>
    public void KillNode(string node) => Run("kill", "-9", File.ReadAllText(folder[$"slurmd-{node}.pid"]).Trim());

    static void Wait(Func<bool> holds, string what)
    {
        for (var since = Stopwatch.StartNew(); !holds(); Thread.Sleep(100))
            if (since.Elapsed > TimeSpan.FromSeconds(60)) throw new TimeoutException($"Slurm did not come to {what}.");
    }

    // What matters where there are neither cgroups nor an accounting database, and where nobody can wait two minutes for a requeue.
    string Configuration(string host) => $"""
        ClusterName=superposition
        SlurmctldHost={host}(127.0.0.1)
        SlurmctldPort={Port}
        SlurmUser=root
        SlurmdUser=root
        StateSaveLocation={folder["state"]}
        SlurmdSpoolDir={folder["spool"]}-%n
        SlurmctldPidFile={folder["slurmctld.pid"]}
        SlurmdPidFile={folder["slurmd"]}-%n.pid
        SlurmctldLogFile={folder["slurmctld.log"]}
        SlurmdLogFile={folder["slurmd"]}-%n.log
        ProctrackType=proctrack/linuxproc
        TaskPlugin=task/none
        JobAcctGatherType=jobacct_gather/none
        SelectType=select/cons_tres
        SelectTypeParameters=CR_Core
        SlurmdParameters=config_overrides
        MpiDefault=none
        AuthInfo=socket={folder["munge.socket"]},cred_expire=5
        RequeueExit=99,137
        JobRequeue=1
        ReturnToService=2
        SlurmdTimeout=5
        SchedulerParameters=batch_sched_delay=0,sched_interval=1
        NodeName=n[1-2] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{Port + 1}-{Port + 2}] CPUs=1
        PartitionName=all Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP

        """;

    /// <summary>What a program says.</summary>
    public static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    // A daemon keeps what it inherits, and with it the pipe: nothing of it is read.
    static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode.ToString(CultureInfo.InvariantCulture)}.");
    }

    public void Dispose()
    {
        foreach (var pid in Directory.GetFiles(folder["."], "*.pid"))
        {
            using var kill = Process.Start("kill", ["-9", File.ReadAllText(pid).Trim()]);
            kill.WaitForExit();
        }
        Environment.SetEnvironmentVariable("SLURM_CONF", before);
        folder.Dispose();
    }
}
