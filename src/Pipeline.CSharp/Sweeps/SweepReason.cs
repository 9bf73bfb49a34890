namespace Superposition.Sweeps;

/// <summary>Why a sweep's folder cannot be used.</summary>
public enum SweepReason
{
    /// <summary>Something else lies there.</summary>
    NotASweep,

    /// <summary>A sweep of another plan lies there.</summary>
    OtherPlan,

    /// <summary>A line of the journal says nothing of a cell of this sweep.</summary>
    BadJournal,

    /// <summary>Workers were started again and again and ended no cell.</summary>
    NoProgress,

    /// <summary>Slurm's programs are not here, or refused what was asked.</summary>
    SchedulerFailed,
}
