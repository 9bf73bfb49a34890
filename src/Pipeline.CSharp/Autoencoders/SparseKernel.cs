using System.Numerics.Tensors;

namespace Superposition.Autoencoders;

/// <summary>
/// A step of an architecture told by what is active in it. For each row it says which latents take part and how: latent j adds z·d_j to a
/// reconstruction whose error comes back through a channel, and ∂loss/∂h_j is dh. The engine makes all gradients from that.
/// </summary>
internal abstract class SparseKernel
{
    /// <summary>How many gradients [d′] a row has: ∂loss/∂ of each thing that its latents are added to.</summary>
    public abstract int Channels { get; }

    /// <summary>Channels whose gradient reaches b_dec.</summary>
    public virtual IReadOnlyList<int> BiasChannels => [0];

    /// <summary>Entries of channels below this one are firings; those of others only try.</summary>
    public abstract int FiringChannels { get; }

    /// <summary>Own parameters whose gradient the entries carry, in that order.</summary>
    public virtual IReadOnlyList<string> OwnGradients => [];

    /// <summary>Whether entries carry ∂loss/∂‖d_j‖, after the own parameters' gradients.</summary>
    public virtual bool HasNormGradient => false;

    /// <summary>Looks at the batch as a whole, before its rows.</summary>
    public virtual void Begin(SparseBatch batch) { }

    /// <summary>After the rows.</summary>
    public virtual void End(SparseBatch batch) { }

    /// <summary>Whether b_enc is part of the h of a channel's entries.</summary>
    public virtual bool ReachesEncoderBias(int channel) => true;

    /// <summary>Writes a row's entries and channels; returns its loss, and sets its error. Called from several threads.</summary>
    public abstract double Row(SparseRow row);
}

/// <summary>A batch before its rows are gone through.</summary>
internal sealed unsafe class SparseBatch(PreActivations pre, float* encoderBias, float*[] own, float[] norms, long[] dead, long step)
{
    /// <summary>B.</summary>
    public int Rows => pre.Rows;

    /// <summary>m.</summary>
    public int Latents => pre.Width;

    /// <summary>The dead latents, ascending.</summary>
    public long[] Dead => dead;

    /// <summary>From 1.</summary>
    public long Step => step;

    /// <summary>[m] ‖d_j‖.</summary>
    public float[] Norms => norms;

    /// <summary>[m] An own parameter, by its place among the kernel's.</summary>
    public ReadOnlySpan<float> Own(int slot) => new(own[slot], pre.Width);

    /// <summary>b_enc of a latent.</summary>
    public float EncoderBias(int latent) => encoderBias[latent];

    /// <summary>h_j.</summary>
    public float PreActivation(int row, int latent) => pre[row][latent] + encoderBias[latent];

    /// <summary>[m] h of a row, multiplied by ‖d_j‖ if asked.</summary>
    public void Fill(int row, bool weighted, Span<float> into)
    {
        TensorPrimitives.Add(pre[row], new ReadOnlySpan<float>(encoderBias, pre.Width), into);
        if (weighted) TensorPrimitives.Multiply(into, norms, into);
    }
}

/// <summary>What a kernel sees of a row, and where it writes. One a thread, used row after row.</summary>
internal sealed unsafe class SparseRow
{
    readonly int width;
    readonly float* decoder, decoderBias;
    readonly float[][] extras;
    int[] latents = new int[1024];
    float[] z = new float[1024], dh = new float[1024];
    int[] channels = new int[1024];

    public SparseRow(SparseBatch batch, int width, int extras, float* decoder, float* decoderBias)
    {
        (Batch, this.width) = (batch, width);
        this.decoder = decoder;
        this.decoderBias = decoderBias;
        this.extras = [.. Enumerable.Range(0, extras).Select(_ => new float[1024])];
        (Scores, Scratch) = (new float[batch.Latents], new float[batch.Latents]);
        (Indices, Values) = (new int[batch.Latents], new float[batch.Latents]);
    }

    /// <summary>The whole batch.</summary>
    public SparseBatch Batch { get; set; }

    /// <summary>Which row.</summary>
    public int Index { get; private set; }

    /// <summary>[d′] What is to be reconstructed.</summary>
    public float* Target { get; private set; }

    /// <summary>Room for [m] numbers each.</summary>
    public float[] Scores { get; }

    /// <inheritdoc cref="Scores"/>
    public float[] Scratch { get; }

    /// <inheritdoc cref="Scores"/>
    public int[] Indices { get; }

    /// <inheritdoc cref="Scores"/>
    public float[] Values { get; }

    /// <summary>‖x − x̂‖² of the row; the kernel sets it.</summary>
    public float Error { get; set; }

    /// <summary>The smallest score kept.</summary>
    public float LeastKept { get; set; }

    /// <summary>Entries so far, of the rows this thread has done.</summary>
    public int Count { get; private set; }

    float* channelStart;
    long channelStride;

    /// <summary>Begins a row; its channel c lies at gradients + c·stride.</summary>
    public void Begin(int index, float* target, float* gradients, long stride)
    {
        (Index, channelStride) = (index, stride);
        Target = target;
        channelStart = gradients;
        (Error, LeastKept) = (0, float.PositiveInfinity);
    }

    /// <summary>[d′] The gradient of a channel, to be written.</summary>
    public float* Channel(int channel) => channelStart + channel * channelStride;

    /// <summary>An entry; dh is set when it is known.</summary>
    public void Add(int latent, float value, int channel)
    {
        if (Count == latents.Length) Grow();
        (latents[Count], z[Count], channels[Count], dh[Count]) = (latent, value, channel, 0);
        foreach (var extra in extras) extra[Count] = 0;
        Count++;
    }

    /// <summary>Forgets all entries: another batch begins.</summary>
    public void Clear() => Count = 0;

    /// <summary>Latent, value, channel and ∂loss/∂h of entries.</summary>
    public (int[] Latents, float[] Z, int[] Channels, float[] DH) Entries => (latents, z, channels, dh);

    /// <summary>A further gradient that entries carry.</summary>
    public float[] Extra(int slot) => extras[slot];

    /// <summary>reconstruction [d′] = b_dec.</summary>
    public void DecodeBias(float* reconstruction) => new ReadOnlySpan<float>(decoderBias, width).CopyTo(new(reconstruction, width));

    /// <summary>residual [d′] = target − reconstruction; returns its squared norm.</summary>
    public float Residual(float* reconstruction, float* residual)
    {
        var into = new Span<float>(residual, width);
        TensorPrimitives.Subtract(new ReadOnlySpan<float>(Target, width), new ReadOnlySpan<float>(reconstruction, width), into);
        return TensorPrimitives.SumOfSquares(into);
    }

    /// <summary>
    /// ‖x − x̂‖² of entries from one on: x̂ is b_dec and what the first of them add to it, its gradient goes to a channel, and ∂loss/∂z of
    /// them all to dh.
    /// </summary>
    /// <param name="from">The first entry.</param>
    /// <param name="decoded">How many are added; those that follow have a z of 0.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="channel">Which channel.</param>
    public float Reconstruct(int from, int decoded, int count, int channel)
    {
        float* reconstruction = stackalloc float[width], residual = stackalloc float[width];
        DecodeBias(reconstruction);
        AddEntries(reconstruction, from, decoded);
        var error = Residual(reconstruction, residual);
        SetGradient(channel, residual);
        Backward(Channel(channel), from, count);
        return error;
    }

    /// <summary>The gradient of a channel = ∂/∂x̂ of the mean of ‖residual‖² over rows.</summary>
    public void SetGradient(int channel, float* residual) =>
        TensorPrimitives.Multiply(new ReadOnlySpan<float>(residual, width), -2f / Batch.Rows, new Span<float>(Channel(channel), width));

    /// <summary>target [d′] += Σ z·d_j over entries.</summary>
    public void AddEntries(float* target, int from, int count)
    {
        fixed (int* rows = latents)
        fixed (float* weights = z)
            WeightedRows.Add(target, width, rows + from, weights + from, count, decoder);
    }

    /// <summary>dh of entries from one on = gradient · d_j.</summary>
    public void Backward(float* gradient, int from, int count)
    {
        fixed (int* rows = latents)
        fixed (float* products = dh)
            WeightedRows.Dot(gradient, width, rows + from, count, decoder, products + from);
    }

    /// <summary>d′.</summary>
    public int Width => width;

    void Grow()
    {
        Array.Resize(ref latents, 2 * Count);
        Array.Resize(ref z, 2 * Count);
        Array.Resize(ref channels, 2 * Count);
        Array.Resize(ref dh, 2 * Count);
        for (var slot = 0; slot < extras.Length; slot++) Array.Resize(ref extras[slot], 2 * Count);
    }
}
