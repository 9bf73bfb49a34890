using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>How many samples ago each latent last fired.</summary>
internal sealed class DeadLatents(int latents, long deadAfter)
{
    readonly long[] silent = new long[latents];

    /// <summary>Latents that have not fired for so many samples, ascending.</summary>
    public long[] Dead() => [.. Enumerable.Range(0, silent.Length).Where(j => silent[j] >= deadAfter)];

    /// <summary>Takes note of a batch [B, m].</summary>
    public void Observe(Tensor batch)
    {
        using var fired = batch.any(0);
        var flags = MemoryMarshal.Cast<byte, bool>(fired.bytes);
        for (var j = 0; j < silent.Length; j++) silent[j] = flags[j] ? 0 : silent[j] + batch.shape[0];
    }

    /// <summary>Gives every latent a new start.</summary>
    public void Reset() => Array.Clear(silent);
}
