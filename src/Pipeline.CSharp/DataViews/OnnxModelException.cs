using Superposition.Storage;

namespace Superposition.DataViews;

/// <summary>Why no activations are to be had from an .onnx file.</summary>
public enum OnnxModelReason
{
    /// <summary>The file is no ONNX model, or is cut short.</summary>
    NotOnnx,

    /// <summary>No node of the graph computes a tensor of that name.</summary>
    TensorMissing,

    /// <summary>The model has no input of that name.</summary>
    InputMissing,

    /// <summary>A column does not fit the model's input: another type, another size, or a fraction where a whole number must stand.</summary>
    InputUnfit,

    /// <summary>The tensor is not [B, d] or [B, T, d] of floating-point numbers.</summary>
    TensorUnfit,

    /// <summary>OnnxRuntime does not load or run the model.</summary>
    NotRun,
}

/// <summary>An .onnx file from which the activations asked for are not to be had.</summary>
public sealed class OnnxModelException : StorageException
{
    internal OnnxModelException(string where, OnnxModelReason reason, string message, Exception? inner = null)
        : base(where, reason.ToString(), message, inner) => Reason = reason;

    /// <summary>Why.</summary>
    public OnnxModelReason Reason { get; }
}
