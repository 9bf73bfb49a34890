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
    Divergence? diverged;

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

    /// <summary>Why it ended, before the others; null while it goes on.</summary>
    public Divergence? Diverged => diverged;

    /// <summary>A step, from 1, on a batch that is not changed. One that diverges is left as it last was while its loss was finite.</summary>
    /// <returns>Its loss.</returns>
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
        if (!double.IsFinite(outcome.Loss))
        {
            Diverge(step);
            return outcome.Loss;
        }
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

    /// <summary>What it came to after a step; where it has diverged, what it last was.</summary>
    public SparseAutoencoder Result(long step)
    {
        var trained = ToAutoencoder();
        if (diverged is not null) return trained;
        if (trained.IsFinite()) return trained with { Firing = activity.Firing() };
        Diverge(step);   // no loss followed the update
        return ToAutoencoder();
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

    void Diverge(long step)
    {
        diverged = new(step, Divergence.Blame(engine.Parameters.Names.Select(name => (name, engine.Parameters[name].ToSingles()))), lastGoodStep);
        using (no_grad())
            foreach (var (name, kept) in lastGood) engine.Parameters[name].copy_(kept);
        // Finite again, so that what is trained beside it can be saved.
        foreach (var moments in engine.Moments) moments.Forget(0, moments.State.Count == 0 ? 0 : moments.State[0].Length);
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
        if (diverged is not null) yield return new("diverged", diverged.Save([.. engine.Parameters.Names]));
    }

    /// <summary>Reads where it stood after a step.</summary>
    /// <returns>What puts it there.</returns>
    /// <exception cref="StorageException">It is not of such a training.</exception>
    public Action Load(SavedTraining training)
    {
        var (step, saved) = training;
        List<Action> places = [];
        foreach (var (name, moments) in engine.Parameters.Names.Zip(engine.Moments))
        {
            var (parameter, shape) = (engine.Parameters[name], engine.Parameters[name].shape);
            var values = saved.Shaped(name, shape).ToSingles();
            places.Add(() => parameter.copy_(tensor(values).reshape(shape)));
            foreach (var (state, s) in moments.State.Select((state, s) => (state, s)))
            {
                var remembered = saved.Shaped($"moments.{s}.{name}", shape).ToSingles();
                places.Add(() => remembered.CopyTo(state, 0));
            }
            places.Add(() => moments.Resume(step));
        }
        foreach (var (name, counts) in activity.State)
        {
            var values = saved.Shaped(name, counts.Length).ToInt64s();
            places.Add(() => values.CopyTo(counts, 0));
        }
        var controlled = saved.Shaped("architecture", architecture.State.Length).ToDoubles();
        var points = saved["history.steps"].ToInt64s();
        var measured = saved.Shaped("history.metrics", points.Length, 5).ToDoubles();
        var divergence = Divergence.Load(saved, "diverged", [.. engine.Parameters.Names]);
        return () =>
        {
            using var scope = NewDisposeScope();
            using (no_grad())
                foreach (var place in places) place();
            engine.ParametersChanged();
            controlled.CopyTo(architecture.State);
            steps.Clear();
            metrics.Clear();
            steps.AddRange(points);
            metrics.AddRange(measured.Chunk(5).Select(at => new SparseAutoencoderMetrics(at[0], at[1], at[2], at[3], at[4])));
            diverged = divergence;
            KeepGood(step);
        };
    }

    public void Dispose()
    {
        engine.Dispose();
        foreach (var kept in lastGood.Values) kept.Dispose();
    }
}
