using System.Runtime.CompilerServices;
using Xunit;

namespace Superposition.Tests.Hostile;

/// <summary>A reason to refuse that no test asserts by its name may never be given, or for what it does not mean.</summary>
public sealed class RefusalReasonTests
{
    public static TheoryData<string> Reasons =>
    [
        .. typeof(SuperpositionCatalog).Assembly.GetExportedTypes().Where(type => type.IsEnum && type.Name.EndsWith("Reason", StringComparison.Ordinal))
            .SelectMany(type => Enum.GetNames(type).Select(member => $"{type.Name}.{member}")),
    ];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_to_refuse_has_a_test(string reason) =>
        Assert.Contains(Directory.EnumerateFiles(Sources(), "*Tests.cs", SearchOption.AllDirectories),
            file => System.Text.RegularExpressions.Regex.IsMatch(File.ReadAllText(file), $@"\b{reason.Replace(".", @"\.", StringComparison.Ordinal)}\b"));

    static string Sources([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "..");
}
