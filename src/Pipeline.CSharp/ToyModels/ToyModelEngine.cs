namespace Superposition.ToyModels;

/// <summary>What computes the gradients of a toy model.</summary>
public enum ToyModelEngine
{
    /// <summary>The fused engine on a world, autograd on any other view.</summary>
    Automatic,

    /// <summary>TorchSharp's autograd on every view; slower, and the fused engine is held to it.</summary>
    Autograd,
}
