namespace Superposition.Training;

/// <summary>Where a training stands, or other long work.</summary>
/// <param name="Stage">What is trained, for example "toy model".</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Batch mean of the loss at about this step; one instance's where several train, null for work that has none.</param>
/// <param name="Elapsed">Since the first step.</param>
public sealed record TrainingProgress(string Stage, long Step, long Steps, double? Loss, TimeSpan Elapsed)
{
    /// <summary>step 12 of 100, loss 0.5</summary>
    public string Standing => FormattableString.Invariant($"step {Step} of {Steps}") + (Loss is { } loss ? FormattableString.Invariant($", loss {loss:G4}") : "");

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Stage}: {Standing}, {Elapsed.TotalSeconds:F1} s");
}
