using System.Runtime.InteropServices;
using Microsoft.ML;
using Superposition.Native;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>The training loop that all architectures share, by autograd.</summary>
internal sealed class SparseAutoencoderTrainer(
    SparseAutoencoderOptions options, IDataView view, string column, int dimensions, ProgressReporter progress)
{
    readonly Architecture architecture = options.Architecture;
    readonly List<long> steps = [];
    readonly List<SparseAutoencoderMetrics> metrics = [];

    public (SparseAutoencoder Autoencoder, SparseAutoencoderHistory History) Train()
    {
        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var feed = RowFeed.Of(view, column, stream: 0, options.Seed);
        var x = empty(options.BatchSize, dimensions);
        Fill(x, feed);
        using var parameters = new SparseAutoencoderParameters(
            options.Latents, MemoryMarshal.Cast<byte, float>(x.mean([0]).bytes), architecture.InitialDecoderNorm, options.Seed);
        return (Descend(parameters, x, feed), new(steps, metrics));
    }

    SparseAutoencoder Descend(SparseAutoencoderParameters parameters, Tensor x, RowFeed feed)
    {
        Optimizer[] optimizers = [.. parameters.All.Select(p => new Optimizer(options.Optimizer, p, options.Steps))];
        var silence = new DeadLatents(options.Latents, options.DeadAfter);
        var (lastGood, lastGoodStep) = (parameters.ToAutoencoder(architecture.Activation), 0L);
        for (var step = 1L; step <= options.Steps; step++)
        {
            using var inner = NewDisposeScope();
            if (step > 1) Fill(x, feed);   // the first batch gave the data's mean
            var dead = silence.Dead();
            var forward = architecture.Forward(x, parameters, dead, step);
            var loss = forward.Loss.item<float>();
            if (!float.IsFinite(loss))
                throw Divergence(step);
            if (step % options.HistoryEvery == 0 || step == 1 || step == options.Steps)
            {
                (lastGood, lastGoodStep) = (parameters.ToAutoencoder(architecture.Activation), step - 1);
                steps.Add(step);
                metrics.Add(SparseAutoencoderMetrics.Of(x, forward, (double)dead.Length / options.Latents));
            }
            forward.Loss.backward();
            Update(parameters, optimizers);
            using (no_grad()) silence.Observe(forward.Latents);
            if (architecture.Resamples(step))
            {
                Resampling.Apply(parameters, optimizers, x, forward.Reconstruction, silence.Dead(), options.Seed + step);
                silence.Reset();
            }
            progress.Step(step, loss);
        }
        var trained = parameters.ToAutoencoder(architecture.Activation);
        return trained.IsFinite() ? trained : throw Divergence(options.Steps);   // no loss follows the last update

        DivergenceException Divergence(long step) =>
            new DivergenceException<SparseAutoencoder>("sparse autoencoder", step, 0, lastGoodStep, lastGood);
    }

    void Update(SparseAutoencoderParameters parameters, Optimizer[] optimizers)
    {
        using var noGradient = no_grad();
        architecture.BeforeUpdate(parameters);
        foreach (var optimizer in optimizers) optimizer.Step();
        architecture.AfterUpdate(parameters);
    }

    static void Fill(Tensor x, RowFeed feed) => feed.Next(MemoryMarshal.Cast<byte, float>(x.bytes));
}
