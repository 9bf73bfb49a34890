using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.Activations;

/// <summary>
/// A view with a tensor of an ONNX model beside its columns, computed when read: <c>Activations</c> [d]. A tensor [B, T, d] gives T rows for
/// each of the view's, one after another, with <c>Position</c> 0 … T−1 and the columns of the row that they came from. Where a pass is
/// shuffled, the rows of a batch are too.
/// </summary>
public sealed class OnnxActivationView : IDataView, IDisposable
{
    readonly IDataView input;
    readonly OnnxTap tap;

    internal OnnxActivationView(IDataView input, OnnxActivationOptions options)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(options);
        (this.input, tap) = (input, new(options, input.Schema));
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(input.Schema);
        if (tap.Positions is not null) schema.AddColumn("Position", NumberDataViewType.Int32);
        schema.AddColumn("Activations", new VectorDataViewType(NumberDataViewType.Single, tap.Dimensions));
        Schema = schema.ToSchema();
    }

    /// <summary>d.</summary>
    public int Dimensions => tap.Dimensions;

    /// <summary>T, rows for each of the view's.</summary>
    public int Positions => tap.Positions ?? 1;

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public bool CanShuffle => input.CanShuffle;

    /// <inheritdoc/>
    public long? GetRowCount() => input.GetRowCount() * Positions;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var (active, needed) = Needed(columnsNeeded);
        var key = rand is null || !CanShuffle ? default(ulong?) : (ulong)rand.NextInt64();
        return new OnnxActivationCursor(input.GetRowCursor(needed, rand), Schema, active, tap, key);
    }

    /// <summary>Parallel cursors; they leave the rows of a batch in order, by which ML.NET joins them again.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var (active, needed) = Needed(columnsNeeded);
        return [.. input.GetRowCursorSet(needed, n, rand).Select(cursor => new OnnxActivationCursor(cursor, Schema, active, tap, null))];
    }

    /// <summary>Lets go of the model.</summary>
    public void Dispose() => tap.Dispose();

    // Which of our columns are active, and what that asks of the input.
    (bool[] Active, DataViewSchema.Column[] Needed) Needed(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[Schema.Count];
        foreach (var column in columns) active[column.Index] = true;
        var read = active[^1] ? tap.Inputs.Select(source => source.Column.Index).ToHashSet() : [];
        return (active, [.. input.Schema.Where(column => active[column.Index] || read.Contains(column.Index))]);
    }
}
