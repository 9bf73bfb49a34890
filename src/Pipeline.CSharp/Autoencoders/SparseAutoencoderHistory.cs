namespace Superposition.Autoencoders;

/// <summary>The course of a training, a point every <see cref="SparseAutoencoderOptions.HistoryEvery"/> steps and the last.</summary>
/// <param name="Steps">[T] The step whose batch was measured, from 1.</param>
/// <param name="Metrics">[T] On that batch, before the step's update.</param>
public sealed record SparseAutoencoderHistory(IReadOnlyList<long> Steps, IReadOnlyList<SparseAutoencoderMetrics> Metrics);
