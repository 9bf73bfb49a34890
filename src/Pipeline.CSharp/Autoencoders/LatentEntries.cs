namespace Superposition.Autoencoders;

/// <summary>The entries of a batch latent by latent, rows in their order within a latent; to be filled again and again.</summary>
internal sealed class LatentEntries(int latents, int extras)
{
    readonly int[] starts = new int[latents + 1], next = new int[latents + 1];

    /// <summary>The row of each entry.</summary>
    public int[] Rows { get; private set; } = [];

    /// <summary>channel · B + row: where the gradient lies of what it adds to.</summary>
    public int[] Gradients { get; private set; } = [];

    /// <summary>z</summary>
    public float[] Z { get; private set; } = [];

    /// <summary>∂loss/∂h</summary>
    public float[] DH { get; private set; } = [];

    /// <summary>[extras] What else entries carry.</summary>
    public float[][] Extras { get; } = [.. Enumerable.Range(0, extras).Select(_ => Array.Empty<float>())];

    /// <summary>The first entry of a latent.</summary>
    public int Start(int latent) => starts[latent];

    /// <summary>How many it has.</summary>
    public int Count(int latent) => starts[latent + 1] - starts[latent];

    /// <summary>Sorts by counting.</summary>
    /// <param name="shares">Rows, so many to a share but for the last.</param>
    /// <param name="rowsOfShare">How many.</param>
    /// <param name="rowEnds">[B] Where the entries of each row end in its share.</param>
    public void Fill(ReadOnlySpan<SparseRow> shares, int rowsOfShare, ReadOnlySpan<int> rowEnds)
    {
        Array.Clear(starts);
        var total = 0;
        foreach (var share in shares)
        {
            var latentOf = share.Entries.Latents;
            for (var e = 0; e < share.Count; e++) starts[latentOf[e] + 1]++;
            total += share.Count;
        }
        for (var j = 0; j < latents; j++) starts[j + 1] += starts[j];
        if (Rows.Length < total) Grow(total + total / 4);
        starts.CopyTo(next, 0);
        for (var s = 0; s < shares.Length; s++)
        {
            var (latentOf, z, channel, dh) = shares[s].Entries;
            var e = 0;
            for (var b = s * rowsOfShare; b < Math.Min(rowEnds.Length, (s + 1) * rowsOfShare); b++)
                for (; e < rowEnds[b]; e++)
                {
                    var place = next[latentOf[e]]++;
                    (Rows[place], Gradients[place], Z[place], DH[place]) = (b, channel[e] * rowEnds.Length + b, z[e], dh[e]);
                    for (var slot = 0; slot < Extras.Length; slot++) Extras[slot][place] = shares[s].Extra(slot)[e];
                }
        }
    }

    void Grow(int room)
    {
        (Rows, Gradients, Z, DH) = (new int[room], new int[room], new float[room], new float[room]);
        for (var slot = 0; slot < Extras.Length; slot++) Extras[slot] = new float[room];
    }
}
