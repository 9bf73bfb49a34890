using Superposition.Storage;
using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>The hooks of one forward pass, and what it has seen before where it goes on from there.</summary>
internal sealed class ForwardPass
{
    readonly ILookup<string, Hook> hooks;

    public ForwardPass(LlamaConfig config, IReadOnlyList<Hook> hooks, KeyValueCache? past)
    {
        foreach (var hook in hooks) HookPoints.Check(config, hook.Point);
        this.hooks = hooks.ToLookup(hook => hook.Point);
        Past = past;
    }

    /// <summary>Keys and values of the tokens before these.</summary>
    public KeyValueCache? Past { get; }

    /// <summary>Tokens before these.</summary>
    public int Position => Past?.Length ?? 0;

    /// <summary>Whether anybody looks there.</summary>
    public bool Wants(string point) => hooks.Contains(point);

    /// <summary>What is there, after all who look have had it, in their order.</summary>
    public Tensor At(string point, Tensor x)
    {
        foreach (var hook in hooks[point])
            if (hook.Act(x) is { } changed)
            {
                if (!changed.shape.AsSpan().SequenceEqual(x.shape))
                    throw new HookException($"{point}: expected {ErrorText.Shape(x.shape)} from the hook, found {ErrorText.Shape(changed.shape)}. Return the shape it got, or null.");
                x = changed;
            }
        return x;
    }
}
