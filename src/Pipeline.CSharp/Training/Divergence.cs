using Superposition.Storage;

namespace Superposition.Training;

/// <summary>That an instance ended because something was no longer finite.</summary>
/// <param name="Step">The step, from 1, whose loss was not, or the last, where it was not after that.</param>
/// <param name="Tensor">What was not: a parameter, or the loss of parameters that are.</param>
/// <param name="LastGoodStep">The step after which the kept state was taken; 0 is the initial state.</param>
internal sealed record Divergence(long Step, string Tensor, long LastGoodStep)
{
    /// <summary>The name of the first parameter that is not finite; where all are, it was the loss.</summary>
    public static string Blame(IEnumerable<(string Name, float[] Values)> parameters) =>
        parameters.FirstOrDefault(parameter => !Array.TrueForAll(parameter.Values, float.IsFinite), (Name: "loss", Values: [])).Name;

    /// <summary>For a checkpoint.</summary>
    /// <param name="names">Of the parameters, in their order.</param>
    public StoredArray Save(string[] names) => StoredArray.Of([Step, Array.IndexOf(names, Tensor), LastGoodStep], 3);

    /// <summary>From a checkpoint; null where there was none.</summary>
    public static Divergence? Load(SafetensorsFile saved, string key, string[] names)
    {
        if (!saved.ContainsKey(key)) return null;
        var values = saved.Shaped(key, 3).ToInt64s();
        return new(values[0], names.ElementAtOrDefault((int)values[1]) ?? "loss", values[2]);
    }
}
