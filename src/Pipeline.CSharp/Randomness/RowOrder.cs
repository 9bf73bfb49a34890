namespace Superposition.Randomness;

/// <summary>In which order rows are visited: a permutation whose every position can be asked for alone, by any number of threads.</summary>
internal abstract class RowOrder
{
    const int Run = 1024;

    /// <summary>0, 1, 2, …</summary>
    public static RowOrder Forward { get; } = new ForwardOrder();

    /// <summary>The row at a position.</summary>
    public abstract long At(long position);

    /// <summary>Where the run ends that a position is in: positions that one of several parallel readers takes together.</summary>
    public virtual long RunEnd(long position) => (position / Run + 1) * Run;

    sealed class ForwardOrder : RowOrder
    {
        public override long At(long position) => position;
    }
}
