using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;

namespace Superposition.Features;

/// <summary>A world as data: sparse column <c>Features</c> [n] and <c>Row</c>. Rows are drawn when a cursor reaches them.</summary>
public sealed class SparseFeatureView : IndexedView, IStreamedView
{
    readonly RowStream stream;

    internal SparseFeatureView(SparseFeatureOptions world) : base(world.Rows, SchemaOf(world))
    {
        World = world;
        stream = RowStream.Of(world, stream: 0);
    }

    /// <summary>The world the rows are drawn from.</summary>
    public SparseFeatureOptions World { get; }

    IRowBlocks? IStreamedView.Blocks(string column, long stream) => column == "Features" ? RowStream.Of(World, stream) : null;

    static DataViewSchema SchemaOf(SparseFeatureOptions world)
    {
        OptionsException.ThrowIfAny(nameof(SparseFeatureOptions), world.Problems());
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, world.Features));
        schema.AddColumn("Row", NumberDataViewType.Int64);
        return schema.ToSchema();
    }

    private protected override Delegate Getter(DataViewSchema.Column column, Func<long> row) =>
        column.Name == "Row" ? (ValueGetter<long>)((ref long value) => value = row()) : stream.Getter(row);
}
