using Superposition.Storage;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>One autoencoder on its way: what it has learnt, and all that its next step depends on.</summary>
internal sealed class SparseAutoencoderTraining : IDisposable
{
    /// <summary>The last share of the steps, over which firing is counted.</summary>
    const double CountedShare = 0.25;

    readonly SparseAutoencoderOptions options;
    readonly Architecture architecture;
    readonly StepEngine engine;
    readonly LatentActivity activity;
    readonly double scale;
    readonly List<long> steps = [];
    readonly List<SparseAutoencoderMetrics> metrics = [];
    readonly Dictionary<string, Tensor> lastGood = [];
    long lastGoodStep;

    /// <param name="options">How it is trained.</param>
    /// <param name="inputMean">[d] of the data, unscaled.</param>
    /// <param name="targetMean">[d′] of what is to be reconstructed, unscaled.</param>
    /// <param name="scale">What activations are multiplied by; 1 where they are not.</param>
    public SparseAutoencoderTraining(SparseAutoencoderOptions options, float[] inputMean, float[] targetMean, double scale)
    {
        (this.options, this.scale, architecture) = (options, scale, options.Architecture);
        activity = new(options.Latents, options.DeadAfter);
        var parameters = new SparseAutoencoderParameters(options, architecture, Scaled(inputMean), Scaled(targetMean));
        engine = options.KernelOf(architecture) is { } kernel
            ? new SparseSteps(options, architecture, kernel, parameters)
            : new AutogradSteps(options, architecture, parameters);
        KeepGood(0);

        float[] Scaled(float[] values) => [.. values.Select(value => (float)(value * scale))];
    }

    /// <summary>How it is trained.</summary>
    public SparseAutoencoderOptions Options => options;

    /// <summary>The course so far.</summary>
    public SparseAutoencoderHistory History => new([.. steps], [.. metrics]);

    /// <summary>A step, from 1, on a batch that is not changed.</summary>
    /// <returns>Its loss.</returns>
    /// <exception cref="DivergenceException{TState}">The loss is not finite; the parameters are as they were.</exception>
    public double Step(Tensor x, Tensor target, long step)
    {
        using var scope = NewDisposeScope();
        if (scale != 1)
        {
            var isSame = ReferenceEquals(x, target);
            x = x * tensor((float)scale);
            target = isSame ? x : target * tensor((float)scale);
        }
        var dead = activity.Dead();
        var outcome = engine.Step(new(x, target, dead, step));
        if (!double.IsFinite(outcome.Loss)) throw Divergence(step);
        if (step % options.HistoryEvery == 0 || step == 1 || step == options.Steps)
        {
            KeepGood(step - 1);
            steps.Add(step);
            metrics.Add(SparseAutoencoderMetrics.Of(target, outcome, (double)dead.Length / options.Latents));
        }
        architecture.Observe(outcome);
        engine.Update();
        activity.Observe(outcome.Fired, outcome.Errors.Length, step > options.Steps * (1 - CountedShare));
        if (architecture.Resamples(step))
        {
            Resampling.Apply(engine, x, outcome.Errors, activity.Dead(), options.Seed + step);
            activity.Reset();
        }
        return outcome.Loss;
    }

    /// <summary>What it came to.</summary>
    /// <exception cref="DivergenceException{TState}">The last update left something that is not finite.</exception>
    public SparseAutoencoder Result()
    {
        var trained = ToAutoencoder() with { Firing = activity.Firing() };
        return trained.IsFinite() ? trained : throw Divergence(options.Steps);   // no loss follows the last update
    }

    SparseAutoencoder ToAutoencoder()
    {
        var trained = engine.Parameters.ToAutoencoder(architecture);
        return scale == 1 ? trained : trained.ForUnscaled(scale);
    }

    void KeepGood(long step)
    {
        using var noGradient = no_grad();
        foreach (var name in engine.Parameters.Names)
        {
            if (!lastGood.TryGetValue(name, out var kept)) lastGood[name] = engine.Parameters[name].clone().detach().DetachFromDisposeScope();
            else kept.copy_(engine.Parameters[name]);
        }
        lastGoodStep = step;
    }

    DivergenceException Divergence(long step)
    {
        using (no_grad())
            foreach (var (name, kept) in lastGood) engine.Parameters[name].copy_(kept);
        return new DivergenceException<SparseAutoencoder>("sparse autoencoder", step, 0, lastGoodStep, ToAutoencoder());
    }

    /// <summary>All that the next step depends on, by name.</summary>
    public IEnumerable<KeyValuePair<string, StoredArray>> Save()
    {
        foreach (var (name, moments) in engine.Parameters.Names.Zip(engine.Moments))
        {
            var shape = engine.Parameters[name].shape;
            yield return new(name, StoredArray.Of(engine.Parameters[name].ToSingles(), shape));
            foreach (var (state, s) in moments.State.Select((state, s) => (state, s)))
                yield return new($"moments.{s}.{name}", StoredArray.Of(state, shape));
        }
        foreach (var (name, values) in activity.State) yield return new(name, StoredArray.Of(values, values.Length));
        yield return new("architecture", StoredArray.Of(architecture.State, architecture.State.Length));
        yield return new("history.steps", StoredArray.Of(steps.ToArray(), steps.Count));
        yield return new("history.metrics", StoredArray.Of(
            metrics.SelectMany(at => new[] { at.Loss, at.SquaredError, at.ExplainedVariance, at.L0, at.DeadFraction }).ToArray(), steps.Count, 5));
    }

    /// <summary>Goes on as after the step that was saved.</summary>
    public void Load(SavedTraining training)
    {
        var (step, saved) = training;
        using (no_grad())
            foreach (var (name, moments) in engine.Parameters.Names.Zip(engine.Moments))
            {
                var parameter = engine.Parameters[name];
                parameter.copy_(tensor(saved[name].ToSingles()).reshape(parameter.shape));
                foreach (var (state, s) in moments.State.Select((state, s) => (state, s))) saved[$"moments.{s}.{name}"].ToSingles().CopyTo(state, 0);
                moments.Resume(step);
            }
        engine.ParametersChanged();
        foreach (var (name, values) in activity.State) saved[name].ToInt64s().CopyTo(values, 0);
        saved["architecture"].ToDoubles().CopyTo(architecture.State);
        steps.AddRange(saved["history.steps"].ToInt64s());
        metrics.AddRange(saved["history.metrics"].ToDoubles().Chunk(5).Select(at => new SparseAutoencoderMetrics(at[0], at[1], at[2], at[3], at[4])));
        KeepGood(step);
    }

    public void Dispose()
    {
        engine.Dispose();
        foreach (var kept in lastGood.Values) kept.Dispose();
    }
}
