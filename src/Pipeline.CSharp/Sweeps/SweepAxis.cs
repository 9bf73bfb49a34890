using System.Text.Json;
using System.Text.Json.Serialization;

namespace Superposition.Sweeps;

/// <summary>What varies over a sweep. Axes are crossed; fields are named as in a recipe's json, such as <c>model.dimensions</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(GridAxis), "grid")]
[JsonDerivedType(typeof(ListAxis), "list")]
[JsonDerivedType(typeof(RandomAxis), "random")]
public abstract record SweepAxis
{
    private protected SweepAxis()
    {
    }

    internal abstract IReadOnlyList<string> Names { get; }

    /// <summary>How many points it has.</summary>
    internal abstract int Length { get; }

    /// <summary>[Names] What the fields are at a point, from 0.</summary>
    internal abstract IReadOnlyList<JsonElement> At(int point);

    internal abstract IEnumerable<string> Problems();
}
