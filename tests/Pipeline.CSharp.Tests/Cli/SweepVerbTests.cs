using System.Text.Json;
using Superposition.Sweeps;
using Superposition.Tests.Storage;
using Superposition.Tests.Sweeps;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class SweepVerbTests
{
    [Fact]
    public void The_exit_code_tells_done_from_done_with_failures_and_interrupted()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(75, Tool.Run(new CancellationToken(canceled: true), "sweep", Written(SmallSweep.Plan, folder["plan.json"]), "--run", folder["a"]).Code);
        Assert.Equal(0, Tool.Run("sweep", folder["plan.json"], "--run", folder["a"]).Code);
        var failing = Tool.Run("sweep", Written(SmallSweep.Diverging, folder["other.json"]), "--run", folder["b"]);
        Assert.Equal(1, failing.Code);
        Assert.EndsWith($"4 cells, 2 done, 2 failed{Environment.NewLine}", failing.Output);
        Assert.Equal(2, Tool.Run("sweep", folder["other.json"], "--run", folder["a"]).Code);
    }

    static string Written(SweepPlan plan, string path)
    {
        File.WriteAllText(path, JsonSerializer.Serialize(plan, OptionsJson.Settings));
        return path;
    }
}
