using Superposition.Autoencoders;
using Superposition.Native;
using Superposition.Tests.References;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Tests.Autoencoders;

/// <summary>The engine's forward and backward pass on the numbers of a reference, back as numbers.</summary>
static class Engine
{
    /// <summary>One batch through the engine: loss, gradients in the order of the reference's, z [B·m] and x̂ [B·d].</summary>
    public sealed record Result(double Loss, float[][] Gradients, float[] Latents, float[] Reconstructions);

    public static Result Run(SparseAutoencoderOptions options, SparseAutoencoderReference reference, double[][] x, int[]? dead = null, long step = 1)
    {
        var architecture = options.Architecture;
        using var parameters = Parameters(reference, options);
        using var scope = NewDisposeScope();
        var batch = Batch(x);
        var forward = architecture.Forward(new(batch, batch, [.. (dead ?? []).Select(j => (long)j)], step), parameters);
        forward.Loss.backward();
        return new(
            forward.Loss.item<float>(),
            [.. parameters.All.Select(p => p.grad is { } gradient ? gradient.data<float>().ToArray() : new float[p.NumberOfElements])],
            forward.Latents.data<float>().ToArray(), forward.Reconstruction.data<float>().ToArray());
    }

    /// <summary>The reference's parameters as tensors that take gradients.</summary>
    public static SparseAutoencoderParameters Parameters(SparseAutoencoderReference reference, SparseAutoencoderOptions options)
    {
        TorchLibrary.EnsureLoaded();
        var mean = new float[reference.Parameters[3].Length];
        var parameters = new SparseAutoencoderParameters(options, options.Architecture, mean, mean);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (tensor, values) in parameters.All.Zip(reference.Parameters))
            tensor.copy_(torch.tensor(Singles(values)).reshape(tensor.shape));
        return parameters;
    }

    /// <summary>[B, d]</summary>
    public static Tensor Batch(double[][] x) => tensor(Singles([.. x.SelectMany(row => row)])).reshape(x.Length, x[0].Length);

    public static float[] Singles(double[] values) => [.. values.Select(v => (float)v)];
}
