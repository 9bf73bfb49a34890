using System.Reflection;
using System.Runtime.CompilerServices;
using NetArchTest.Rules;
using Xunit;

namespace Superposition.Tests;

/// <summary>The arrows between the rooms: what each may know of. NetArchTest reads them out of method bodies too.</summary>
public sealed class ArchitectureTests
{
    static readonly Assembly Library = typeof(SuperpositionCatalog).Assembly;
    static readonly Types All = Types.InAssembly(Library);

    // Storage ← DataViews ← Features ← Training ← {ToyModels, Autoencoders} ← Sweeps, and {Training, DataViews} ← Models ← Activations.
    // Randomness and Native lie below; the root holds options and the catalog.
    static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Native"] = [],
        ["Randomness"] = [],
        ["Storage"] = [],
        ["DataViews"] = ["Storage", "Randomness"],
        ["Features"] = ["Storage", "Randomness", "DataViews"],
        ["Training"] = ["Storage", "Randomness", "DataViews", "Features", "Native"],
        ["ToyModels"] = ["Storage", "Randomness", "DataViews", "Features", "Native", "Training"],
        // A recipe names the source of its activations, and a model says what is lost with x̂ in their place.
        ["Autoencoders"] = ["Storage", "Randomness", "DataViews", "Features", "Native", "Training", "Activations", "Models"],
        ["Models"] = ["Storage", "Randomness", "DataViews", "Features", "Native", "Training"],
        ["Activations"] = ["Storage", "Randomness", "DataViews", "Features", "Native", "Training", "ToyModels", "Models"],
        ["Sweeps"] =
        [
            "Storage", "Randomness", "DataViews", "Features", "Native", "Training", "ToyModels", "Autoencoders", "Models", "Activations",
        ],
    };

    public static TheoryData<string> Rooms => [.. RoomsThere()];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_knows_only_rooms_below_it(string room)
    {
        Assert.True(MayKnow.ContainsKey(room), $"{room} is a new room: say here what it may know of.");
        string[] others =
            [.. RoomsThere().Where(other => other != room && !MayKnow[room].Contains(other)).Select(other => $"Superposition.{other}")];
        AssertHolds(In(room).ShouldNot().HaveDependencyOnAny(others));
    }

    [Fact]
    public void The_tool_sees_what_is_there()
    {
        Assert.False(In("ToyModels").ShouldNot().HaveDependencyOn("TorchSharp").GetResult().IsSuccessful);
        Assert.False(In("DataViews").ShouldNot().HaveDependencyOnAny("Microsoft.ML").GetResult().IsSuccessful);
    }

    [Fact]
    public void Storage_knows_neither_torch_nor_ML_NET() =>
        AssertHolds(In("Storage").ShouldNot().HaveDependencyOnAny("TorchSharp", "Microsoft.ML"));

    [Fact]
    public void Views_worlds_and_random_numbers_know_no_torch()
    {
        foreach (var room in new[] { "DataViews", "Features", "Randomness" })
            AssertHolds(In(room).ShouldNot().HaveDependencyOn("TorchSharp"));
    }

    [Fact]
    public void The_library_does_not_know_the_analysis() =>
        Assert.DoesNotContain(Library.GetReferencedAssemblies(), a => a.Name!.StartsWith("Superposition.", StringComparison.Ordinal));

    [Fact]
    public void Classes_are_abstract_or_sealed_nothing_between()
    {
        var between = Library.GetTypes().Where(t =>
            t.IsClass && !t.IsAbstract && !t.IsSealed && !IsCompilers(t)
            && t.Namespace?.StartsWith("Superposition", StringComparison.Ordinal) == true);
        Assert.Empty(between.Select(t => t.FullName));
    }

    [Fact]
    public void Every_public_type_lies_in_a_room_or_at_the_root() =>
        Assert.All(
            Library.GetExportedTypes(),
            t => Assert.True(t.Namespace == "Superposition" || Room(t) is { } room && MayKnow.ContainsKey(room), t.FullName));

    [Fact]
    public void Every_exception_of_ours_is_sealed_or_the_parent_of_sealed_ones()
    {
        var exceptions = Library.GetExportedTypes().Where(t => t.IsSubclassOf(typeof(Exception))).ToArray();
        Assert.NotEmpty(exceptions);
        Assert.All(exceptions, t => Assert.True(t.IsSealed || t.IsAbstract, t.FullName));
        // Only we throw them.
        Assert.All(exceptions, t => Assert.Empty(t.GetConstructors()));
    }

    [Fact]
    public void Options_are_sealed_records_whose_properties_are_set_once()
    {
        var options = Library.GetExportedTypes()
            .Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal) && !t.IsAbstract).ToArray();
        Assert.NotEmpty(options);
        foreach (var type in options)
        {
            Assert.NotNull(type.GetMethod("<Clone>$"));   // a record
            foreach (var setter in type.GetProperties().Select(p => p.SetMethod).OfType<MethodInfo>())
                Assert.Contains(typeof(IsExternalInit), setter.ReturnParameter.GetRequiredCustomModifiers());
        }
    }

    static PredicateList In(string room) => All.That().ResideInNamespace($"Superposition.{room}");

    static string[] RoomsThere() => [.. Library.GetTypes().Where(t => !IsCompilers(t)).Select(Room).OfType<string>().Distinct().Order()];

    static string? Room(Type type) =>
        type.Namespace?.StartsWith("Superposition.", StringComparison.Ordinal) == true ? type.Namespace.Split('.')[1] : null;

    static bool IsCompilers(Type type) => type.FullName!.Contains('<', StringComparison.Ordinal);

    static void AssertHolds(ConditionList rule)
    {
        var result = rule.GetResult();
        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }
}
