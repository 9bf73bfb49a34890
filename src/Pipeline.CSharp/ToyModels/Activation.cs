namespace Superposition.ToyModels;

/// <summary>What is done to a layer's pre-activations a.</summary>
public enum Activation
{
    /// <summary>a.</summary>
    Identity,

    /// <summary>max(0, a).</summary>
    Relu,

    /// <summary>a·Φ(a) (Hendrycks and Gimpel 2016).</summary>
    Gelu,

    /// <summary>a·softmax(a), over the layer (Elhage et al. 2022, "Softmax Linear Units").</summary>
    Solu,

    /// <summary>LayerNorm(a·softmax(a)), without scale and offset of its own: what the paper's models use.</summary>
    SoluLayerNorm,
}
