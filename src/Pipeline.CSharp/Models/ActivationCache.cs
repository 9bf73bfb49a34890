using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>What a forward pass came by, point by point; its tensors live until it is disposed.</summary>
public sealed class ActivationCache : IDisposable
{
    readonly Dictionary<string, Tensor> tensors = [];
    readonly List<string> order = [];

    internal ActivationCache() { }

    /// <summary>The points in the order in which they came.</summary>
    public IReadOnlyList<string> Points => order;

    /// <summary>What was there: shapes as <see cref="HookPoints"/> says.</summary>
    /// <exception cref="HookException">It was not asked for.</exception>
    public Tensor this[string point] => tensors.TryGetValue(point, out var tensor) ? tensor
        : throw new HookException($"The run did not keep {Storage.ErrorText.Quote(point)}; it kept {Storage.ErrorText.List(order)}. Ask for it.");

    internal Tensor? Keep(string point, Tensor x)
    {
        tensors.Add(point, x.clone().DetachFromDisposeScope());
        order.Add(point);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }
}
