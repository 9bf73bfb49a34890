using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>What is done where a forward pass comes by a point: looked at, or changed.</summary>
/// <param name="Point">One of <see cref="HookPoints"/>.</param>
/// <param name="Act">Given the tensor; returns what takes its place, of the same shape, or null to leave it. What it gets lives until the pass is over.</param>
public sealed record Hook(string Point, Func<Tensor, Tensor?> Act)
{
    /// <summary>Puts zeros there: ablation.</summary>
    public static Hook Zero(string point) => new(point, static x => x.zeros_like());

    /// <summary>Puts a value there, its shape broadcast: patching by the whole, or ablation to a mean [d].</summary>
    public static Hook Replace(string point, Tensor value) => new(point, x => value.expand_as(x));

    /// <summary>Adds a direction [d], or anything that broadcasts: steering.</summary>
    public static Hook Add(string point, Tensor direction) => new(point, x => Training.Sums.Of(x, direction));
}

/// <summary>A hook that does not fit: an unknown point, or a tensor of another shape.</summary>
public sealed class HookException : ArgumentException
{
    internal HookException(string message) : base(message) { }
}
