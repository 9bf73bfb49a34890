using System.Runtime.InteropServices;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>Steps by TorchSharp's autograd: dense, for any architecture.</summary>
internal sealed class AutogradSteps(SparseAutoencoderOptions options, Architecture architecture, SparseAutoencoderParameters parameters)
    : StepEngine(parameters)
{
    readonly Optimizer[] optimizers = [.. parameters.All.Select(p => new Optimizer(options.Optimizer, p, options.Steps))];

    public override IReadOnlyList<Moments<float>> Moments => [.. optimizers.Select(optimizer => optimizer.Moments)];

    public override StepOutcome Step(Batch batch)
    {
        using var scope = NewDisposeScope();
        var forward = architecture.Forward(batch, Parameters);
        var outcome = Outcome(batch, forward);
        if (double.IsFinite(outcome.Loss)) forward.Loss.backward();
        return outcome;
    }

    StepOutcome Outcome(Batch batch, Forward forward)
    {
        using var noGradient = no_grad();
        var latents = forward.Latents;
        var on = latents.abs().gt(zeros_like(latents));
        var fired = on.sum(0, type: ScalarType.Int32);
        var scores = options.DecoderNorm == DecoderNorm.Free ? latents.abs() * Parameters.DecoderNorms() : latents.abs();
        var least = where(on, scores, tensor(float.PositiveInfinity)).min();
        return new(
            forward.Loss.ToDouble(), Squares.Rows(batch.Target, forward.Reconstruction).ToSingles(),
            MemoryMarshal.Cast<byte, int>(fired.bytes).ToArray(), least.ToDouble());
    }

    public override void Update()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (options.DecoderNorm == DecoderNorm.Unit) ProjectDecoderGradient();
        var factor = options.GradientClip is null ? 1 : ClipFactor(options.GradientClip, optimizers.Sum(optimizer => optimizer.GradientSquare()));
        foreach (var optimizer in optimizers) optimizer.Step(factor);
        if (options.DecoderNorm == DecoderNorm.Unit) Parameters.Decoder.div_(Parameters.DecoderNorms(keepDimension: true));
        architecture.Constrain(Parameters);
    }

    void ProjectDecoderGradient()
    {
        if (Parameters.Decoder.grad is not { } gradient) return;
        gradient.sub_((gradient * Parameters.Decoder).sum(dim: 1, keepdim: true) * Parameters.Decoder);
    }
}
