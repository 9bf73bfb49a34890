namespace Superposition.Training;

/// <summary>A factor on the learning rate: warm-up from 0, then constant, linear or cosine down to a share of it.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>What happens after the warm-up; constant by default.</summary>
    public LearningRateDecay Decay { get; init; } = LearningRateDecay.Constant;

    /// <summary>Steps over which the rate rises linearly to its full height; at least 0. Default 0.</summary>
    public long WarmUp { get; init; }

    /// <summary>The share of the steps after which a decay begins, if the warm-up is over; in [0, 1). Default 0; SAELens decays over the last fifth.</summary>
    public double DecayFrom { get; init; }

    /// <summary>The share of the rate that a decay ends at; in [0, 1]. Default 0.</summary>
    public double Final { get; init; }

    /// <summary>The factor at a step, 1-based, of so many.</summary>
    public double Factor(long step, long steps)
    {
        if (step <= WarmUp) return (double)step / WarmUp;
        var from = Math.Max(WarmUp, (long)(DecayFrom * steps));
        var t = Math.Max(0, (double)(step - 1 - from) / Math.Max(1, steps - from));   // from 0, and just short of 1 at the last step
        return Decay switch
        {
            LearningRateDecay.Linear => 1 + (Final - 1) * t,
            LearningRateDecay.Cosine => Final + (1 - Final) * (1 + Math.Cos(Math.PI * t)) / 2,
            _ => 1,
        };
    }

    internal IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Decay)) yield return $"Schedule.Decay is {Decay}; it must be one of {string.Join(", ", Enum.GetNames<LearningRateDecay>())}.";
        if (WarmUp < 0) yield return $"Schedule.WarmUp is {WarmUp}; it must be at least 0.";
        if (!(DecayFrom is >= 0 and < 1)) yield return $"Schedule.DecayFrom is {DecayFrom}; it must be in [0, 1).";
        if (!(Final is >= 0 and <= 1)) yield return $"Schedule.Final is {Final}; it must be in [0, 1].";
    }
}
