using Superposition.Autoencoders;
using Superposition.Native;
using Superposition.Tests.References;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Tests.Autoencoders;

/// <summary>The forward and backward pass of the library on the numbers of a draw, back as numbers.</summary>
static class Engine
{
    /// <summary>One batch through it: loss, gradients of what is learnt, z [B·m] and x̂ [B·d′].</summary>
    public sealed record Result(double Loss, IReadOnlyDictionary<string, double[]> Gradients, double[] Latents, double[] Reconstructions);

    public static Result Run(
        SparseAutoencoderOptions options, AutoencoderDraw draw, ScalarType type = ScalarType.Float32, IReadOnlyList<int>? dead = null,
        long step = 1)
    {
        var architecture = options.Architecture;
        using var parameters = Parameters(draw.Reference, options, type);
        using var scope = NewDisposeScope();
        var x = Batch(draw.X, type);
        var target = ReferenceEquals(draw.X, draw.Target) ? x : Batch(draw.Target, type);
        var forward = architecture.Forward(new(x, target, [.. (dead ?? draw.Dead).Select(j => (long)j)], step), parameters);
        forward.Loss.backward();
        return new(
            Doubles(forward.Loss)[0],
            parameters.Names.ToDictionary(
                name => name, name => parameters[name].grad is { } g ? Doubles(g) : new double[parameters[name].NumberOfElements]),
            Doubles(forward.Latents), Doubles(forward.Reconstruction));
    }

    /// <summary>The engine that these options are trained with, at the reference's parameters.</summary>
    public static StepEngine Steps(SparseAutoencoderOptions options, SparseAutoencoderReference reference)
    {
        var (architecture, parameters) = (options.Architecture, Parameters(reference, options));
        return options.KernelOf(architecture) is { } kernel
            ? new SparseSteps(options, architecture, kernel, parameters)
            : new AutogradSteps(options, architecture, parameters);
    }

    /// <summary>The reference's parameters as tensors that take gradients.</summary>
    public static SparseAutoencoderParameters Parameters(
        SparseAutoencoderReference reference, SparseAutoencoderOptions options, ScalarType type = ScalarType.Float32)
    {
        TorchLibrary.EnsureLoaded();
        var parameters = new SparseAutoencoderParameters(
            options, options.Architecture, new float[reference.Dimensions], new float[reference.OutputDimensions], type);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, values) in reference.Parameters)
            parameters[name].copy_(tensor(values).to(type).reshape(parameters[name].shape));
        return parameters;
    }

    /// <summary>[B, d]</summary>
    public static Tensor Batch(double[][] x, ScalarType type = ScalarType.Float32) =>
        tensor([.. x.SelectMany(row => row)]).to(type).reshape(x.Length, x[0].Length);

    public static float[] Singles(double[] values) => [.. values.Select(v => (float)v)];

    static double[] Doubles(Tensor tensor)
    {
        using var doubles = tensor.detach().to(float64).contiguous();
        return [.. doubles.data<double>()];
    }
}
