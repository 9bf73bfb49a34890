using System.Reflection;
using Superposition.Analysis;
using Superposition.Cli;
using Xunit;

namespace Superposition.Tests.Hostile;

/// <summary>Nothing here listens to a network, or asks one for anything.</summary>
public sealed class NoNetworkTests
{
    public static TheoryData<string> Ours => [typeof(SuperpositionCatalog).Assembly.Location, typeof(Report).Assembly.Location, typeof(CommandLine).Assembly.Location];

    // A socket, a listener and a client each lie in an assembly of their own, System.Net.Sockets and so on; what escapes HTML does not.
    [Theory]
    [MemberData(nameof(Ours))]
    public void No_assembly_of_ours_refers_to_a_network(string assembly)
    {
        var referred = Assembly.LoadFrom(assembly).GetReferencedAssemblies().Select(name => name.Name).ToArray();
        Assert.Contains("System.Runtime", referred);
        Assert.DoesNotContain(referred, name => name!.StartsWith("System.Net", StringComparison.Ordinal) || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }
}
