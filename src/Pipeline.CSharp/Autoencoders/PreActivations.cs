using TorchSharp;

namespace Superposition.Autoencoders;

/// <summary>[rows, m] A batch of pre-activations where they lie, readable from several threads; may be written over.</summary>
internal sealed unsafe class PreActivations
{
    readonly float* start;

    /// <summary>Of a contiguous tensor on the CPU, which must outlive this.</summary>
    public PreActivations(torch.Tensor tensor)
    {
        (Rows, Width) = ((int)tensor.shape[0], (int)tensor.shape[1]);
        start = tensor.Address<float>();
    }

    /// <summary>How many rows.</summary>
    public int Rows { get; }

    /// <summary>m.</summary>
    public int Width { get; }

    /// <summary>[m]</summary>
    public Span<float> this[int row] => new(start + (long)row * Width, Width);
}
