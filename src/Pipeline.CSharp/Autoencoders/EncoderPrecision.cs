namespace Superposition.Autoencoders;

/// <summary>What a training step's encoder product is taken in; everything else is float32.</summary>
public enum EncoderPrecision
{
    /// <summary>float32.</summary>
    Single,

    /// <summary>
    /// bfloat16, its result too, as torch.autocast does: 8 significant bits. Several times as fast on processors with instructions for it
    /// (AVX512_BF16, AMX), slower on others.
    /// </summary>
    BFloat16,
}
