namespace Superposition.Autoencoders;

/// <summary>How many samples ago each latent last fired, and how often it fires.</summary>
internal sealed class LatentActivity(int latents, long deadAfter)
{
    readonly long[] silent = new long[latents], fired = new long[latents];
    readonly long[] counted = new long[1];

    /// <summary>Latents that have not fired for so many samples, ascending.</summary>
    public long[] Dead() => [.. Enumerable.Range(0, silent.Length).Where(j => silent[j] >= deadAfter)];

    /// <summary>[m] The share of samples each latent fired on, of those that were counted; null where there are none.</summary>
    public float[]? Firing() => counted[0] == 0 ? null : [.. fired.Select(count => (float)((double)count / counted[0]))];

    /// <summary>Takes note of a batch.</summary>
    /// <param name="firings">[m] On how many of its rows each latent is not 0.</param>
    /// <param name="rows">How many rows it has.</param>
    /// <param name="counts">Whether it counts towards <see cref="Firing"/>.</param>
    public void Observe(ReadOnlySpan<int> firings, int rows, bool counts)
    {
        for (var j = 0; j < silent.Length; j++)
        {
            silent[j] = firings[j] > 0 ? 0 : silent[j] + rows;
            if (counts) fired[j] += firings[j];
        }
        if (counts) counted[0] += rows;
    }

    /// <summary>Gives every latent a new start.</summary>
    public void Reset() => Array.Clear(silent);

    /// <summary>All that is remembered; to be saved, or written over.</summary>
    public IReadOnlyList<(string Name, long[] Values)> State => [("silent", silent), ("fired", fired), ("counted", counted)];
}
