namespace Superposition.Training;

/// <summary>Where a training stands.</summary>
/// <param name="Stage">What is trained, for example "toy model".</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Batch mean of the loss at about this step; one instance's where several train.</param>
/// <param name="Elapsed">Since the first step.</param>
public sealed record TrainingProgress(string Stage, long Step, long Steps, double Loss, TimeSpan Elapsed)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Stage}: step {Step} of {Steps}, loss {Loss:G4}, {Elapsed.TotalSeconds:F1} s");
}
