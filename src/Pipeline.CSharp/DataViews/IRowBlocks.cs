namespace Superposition.DataViews;

/// <summary>Rows [width] of one stream, drawn in blocks; row r does not depend on what else is drawn, so any number of threads may share one.</summary>
internal interface IRowBlocks
{
    /// <summary>Numbers in a row.</summary>
    int Width { get; }

    /// <summary>[rows, width] Consecutive rows, dense.</summary>
    void Fill(long firstRow, int rows, Span<float> destination);
}
