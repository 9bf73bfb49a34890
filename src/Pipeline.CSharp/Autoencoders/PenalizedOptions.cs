namespace Superposition.Autoencoders;

/// <summary>Architectures that put a price λ on activity: fixed, or steered so that the mean number of active latents reaches a target.</summary>
public abstract record PenalizedOptions : SparseAutoencoderOptions
{
    /// <summary>λ, the price of a unit of activity, or what a steered one begins at; above 0, default 1. It scales with the data: try a tenth of ‖x‖ for L1.</summary>
    public double Coefficient { get; init; } = 1;

    /// <summary>Share of the steps over which λ grows from 0; in [0, 1]. Default 0.05.</summary>
    public double WarmUp { get; init; } = 0.05;

    /// <summary>The L0 that λ is steered to after its warm-up; above 0 and at most m, or null (default) to leave λ alone.</summary>
    public double? TargetL0 { get; init; }

    /// <summary>
    /// Steps between two resamplings of dead latents, none in the last quarter; 0 for never (default, but for L1). Bricken et al. 2023,
    /// "Neuron resampling".
    /// </summary>
    public int ResampleEvery { get; init; }

    /// <inheritdoc/>
    public override SparseAutoencoderOptions ForL0(double target) => this with { TargetL0 = target };

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (!(Coefficient > 0 && double.IsFinite(Coefficient))) yield return $"Coefficient is {Coefficient}; it must be above 0.";
        if (!(WarmUp is >= 0 and <= 1)) yield return $"WarmUp is {WarmUp}; it must be in [0, 1].";
        if (ResampleEvery < 0) yield return $"ResampleEvery is {ResampleEvery}; it must be at least 0.";
        foreach (var problem in TargetProblems(nameof(TargetL0), TargetL0)) yield return problem;
    }
}

/// <summary>What such architectures share: the price from step to step, and resampling.</summary>
internal abstract class PenalizedArchitecture : Architecture
{
    readonly PenalizedOptions options;
    readonly PenaltyController price;
    readonly double[] state;

    /// <param name="options">The price and its target.</param>
    /// <param name="ownState">How many numbers the architecture itself remembers.</param>
    protected PenalizedArchitecture(PenalizedOptions options, int ownState = 0)
    {
        this.options = options;
        state = new double[PenaltyController.StateLength + ownState];
        price = new(options, state.AsMemory(0, PenaltyController.StateLength));
    }

    /// <summary>What the architecture itself remembers.</summary>
    protected Span<double> OwnState => state.AsSpan(PenaltyController.StateLength);

    /// <inheritdoc/>
    public sealed override Span<double> State => state;

    /// <summary>λ at a step, from 1.</summary>
    public double Price(long step) => price.Coefficient(step);

    /// <inheritdoc/>
    public override void Observe(StepOutcome outcome) => price.Observe(outcome.L0);

    /// <inheritdoc/>
    public override bool Resamples(long step) =>
        options.ResampleEvery > 0 && step % options.ResampleEvery == 0 && step <= options.Steps * 3 / 4;
}
