namespace Superposition.Cli;

/// <summary>What the process says to the script that called it.</summary>
static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>It began well and failed: a loss that diverged, a claim that could not be measured, a defect of ours.</summary>
    public const int Failed = 1;

    /// <summary>Something given to it cannot be used: the command line, a recipe, data, a folder.</summary>
    public const int BadInput = 2;

    /// <summary>Stopped by Ctrl-C or SIGTERM; EX_TEMPFAIL of sysexits.h: the same command may be tried again.</summary>
    public const int Interrupted = 75;
}
