using System.Numerics;
using System.Text.Json.Serialization;

namespace Superposition.Training;

/// <summary>How parameters follow their gradient.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AdamWOptions), "adamW")]
[JsonDerivedType(typeof(SgdOptions), "sgd")]
public abstract record OptimizerOptions
{
    /// <summary>lr, before the schedule; above 0. Default 1e-3.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How lr changes over the steps; constant by default.</summary>
    public LearningRateSchedule Schedule { get; init; } = new();

    /// <summary>The state of one run of parameters.</summary>
    /// <param name="length">How many parameters.</param>
    /// <param name="steps">Steps of the whole training, for the schedule.</param>
    internal abstract Moments<T> Moments<T>(long length, long steps) where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    internal virtual IEnumerable<string> Problems()
    {
        if (!(LearningRate > 0 && double.IsFinite(LearningRate))) yield return $"LearningRate is {LearningRate}; it must be above 0.";
        foreach (var problem in Schedule.Problems()) yield return problem;
    }
}
