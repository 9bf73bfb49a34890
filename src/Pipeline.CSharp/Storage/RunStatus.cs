namespace Superposition.Storage;

/// <summary>How a run ended; in run.json in lower case.</summary>
public enum RunStatus
{
    /// <summary>It did all its steps.</summary>
    Complete,

    /// <summary>A loss or a weight became NaN or infinite; what was good before is kept.</summary>
    Diverged,

    /// <summary>It was stopped before its last step.</summary>
    Interrupted,
}
