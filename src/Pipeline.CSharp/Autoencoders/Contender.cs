using Superposition.Training;

namespace Superposition.Autoencoders;

/// <summary>
/// An architecture as a benchmark on worlds with known features trains it. Every one that reconstructs its own input is there, set as
/// SynthSAEBench's runs were where it has them (synth-sae-bench-experiments, experiments/sweeps/common.py), the others alike: Adam
/// without decay, gradients clipped to 1, free decoder rows begun at norm 0.1, b_dec begun at 0, AuxK with weight 1.
/// </summary>
/// <param name="Name">What a row of the benchmark calls it.</param>
/// <param name="Title">What a table calls it.</param>
/// <param name="IsPublished">Whether SynthSAEBench has figures of it.</param>
public sealed record Contender(string Name, string Title, bool IsPublished)
{
    readonly Func<int, double, SparseAutoencoderOptions> own = null!;

    Contender(string name, string title, bool isPublished, Func<int, double, SparseAutoencoderOptions> own)
        : this(name, title, isPublished) => this.own = own;

    /// <summary>All of them, the published ones first.</summary>
    public static IReadOnlyList<Contender> All { get; } =
    [
        new("batchtopk", "BatchTopK", true, (m, l0) => new BatchTopKOptions { Latents = m, Seed = 0, K = l0, AuxiliaryCoefficient = 1 }),
        new("matryoshka", "Matryoshka", true, (m, l0) =>
            new MatryoshkaOptions { Latents = m, Seed = 0, K = l0, Widths = Widths(m), AuxiliaryCoefficient = 1 }),
        new("matching-pursuit", "Matching pursuit", true, (m, l0) =>
            new MatchingPursuitOptions { Latents = m, Seed = 0, Iterations = Whole(l0), StopsOnRepeat = false }),
        new("l1", "L1, free decoder", true, (m, _) => new L1Options { Latents = m, Seed = 0, Coefficient = 2, WarmUp = 1.0 / 3, ResampleEvery = 0 }),
        new("jumprelu", "JumpReLU", true, (m, _) => new JumpReluOptions
        {
            Latents = m, Seed = 0, Coefficient = 1, WarmUp = 0, Bandwidth = 1, InitialThreshold = 1, InitialDecoderNorm = 0.5, NormalizeActivations = true,
        }),
        new("topk", "TopK", false, (m, l0) =>
            new TopKOptions { Latents = m, Seed = 0, K = Whole(l0), DecoderNorm = DecoderNorm.Free, AuxiliaryCoefficient = 1 }),
        new("abstopk", "AbsTopK", false, (m, l0) =>
            new AbsTopKOptions { Latents = m, Seed = 0, K = Whole(l0), DecoderNorm = DecoderNorm.Free, AuxiliaryCoefficient = 1 }),
        new("gated", "Gated", false, (m, _) => new GatedOptions { Latents = m, Seed = 0, Coefficient = 2, WarmUp = 1.0 / 3 }),
        new("l1-unit", "L1, unit decoder", false, (m, _) =>
            new L1Options { Latents = m, Seed = 0, Coefficient = 2, WarmUp = 1.0 / 3, ResampleEvery = 0, DecoderNorm = DecoderNorm.Unit }),
        new("p-annealing", "p-annealing", false, (m, _) => new PAnnealingOptions { Latents = m, Seed = 0, Coefficient = 2, WarmUp = 0.2 }),
        new("jumprelu-tanh", "JumpReLU, tanh", false, (m, _) => new JumpReluOptions
        {
            Latents = m, Seed = 0, Penalty = JumpReluPenalty.Tanh, Coefficient = 0.2, WarmUp = 0, Bandwidth = 2, InitialThreshold = 0.5,
            InitialDecoderNorm = 0.5, DeadCoefficient = 3e-6, NormalizeActivations = true,
        }),
        // λ is not steered, and has to outweigh the error of rows whose squared norm is about 100.
        new("jumprelu-quadratic", "JumpReLU, quadratic", false, (m, l0) => new JumpReluOptions
        {
            Latents = m, Seed = 0, Penalty = JumpReluPenalty.Quadratic, TargetL0 = l0, Coefficient = 300, WarmUp = 0, Bandwidth = 1, InitialThreshold = 1,
            InitialDecoderNorm = 0.5, NormalizeActivations = true,
        }),
    ];

    /// <summary>The one of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message names all.</exception>
    public static Contender Find(string name) => All.FirstOrDefault(contender => contender.Name == name)
        ?? throw new ArgumentException($"There is no architecture \"{name}\" to benchmark. There are {string.Join(", ", All.Select(one => one.Name))}.");

    /// <summary>Its options.</summary>
    /// <param name="latents">m</param>
    /// <param name="l0">Mean number of active latents a sample.</param>
    /// <param name="samples">Rows trained on.</param>
    /// <param name="seed">Everything random follows from it.</param>
    /// <param name="learningRate">Of Adam; 3e-4 in the published runs.</param>
    public SparseAutoencoderOptions Options(int latents, double l0, long samples, long seed, double learningRate = 3e-4)
    {
        var options = own(latents, l0).ForL0(l0) with
        {
            Seed = seed,
            Samples = samples,
            Optimizer = new AdamWOptions { LearningRate = learningRate },
            GradientClip = 1,
            StartAtDataMean = false,
        };
        // 1,000 steps as in SAELens, and fewer where there are few, so that dead latents can be revived.
        return options with { DeadAfter = options.BatchSize * Math.Clamp(options.Steps / 20, 1, 1000) };
    }

    // 128, 512, 2048 and 4096 of 4096, and the same shares of another m.
    static int[] Widths(int latents) => [.. new[] { latents / 32, latents / 8, latents / 2, latents }.Where(width => width > 0).Distinct()];

    static int Whole(double l0) => Math.Max(1, (int)Math.Round(l0));
}
