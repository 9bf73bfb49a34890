using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.DataViews;

/// <summary>
/// A fitted stage that maps one vector column to others, a batch at a time. <c>mlContext.Model.Save</c> stores it as an ONNX
/// graph, so that a program without this assembly can load it.
/// </summary>
public abstract class BatchTransformer : ITransformer
{
    private protected abstract BatchMap Map { get; }

    /// <summary>Adds the nodes that compute every output of the stage from its input.</summary>
    private protected abstract void WriteGraph(OnnxGraph graph);

    /// <summary>Yes: every output row follows from its input row alone.</summary>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        SourceColumn.Find(inputSchema, Map.InputColumn, Map.InputWidth);
        return Map.OutputSchema(inputSchema);
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(inputSchema, Map);

    /// <summary>The view with the stage's columns added, computed when read.</summary>
    /// <exception cref="InputDataException">The input column is missing, or of another type or size.</exception>
    public IDataView Transform(IDataView input) => new BatchedView(input, Map);

    /// <summary>The stage as an ONNX model with the stage's column names: [N, input] → [N, each output].</summary>
    public byte[] ToOnnx()
    {
        var graph = new OnnxGraph();
        graph.Input(Map.InputColumn, Map.InputWidth);
        WriteGraph(graph);
        foreach (var (name, width) in Map.Outputs) graph.Output(name, width);
        return graph.ToModel();
    }

    // ModelSaveContext has no public members, so a public transformer that knows how to write itself is asked to.
    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        var ml = new MLContext();
        using var model = new MemoryStream(ToOnnx());
        var outputs = Map.Outputs.Select(o => o.Name).ToArray();
        var stage = ml.Transforms.ApplyOnnxModel(outputs, [Map.InputColumn], model);
        using var onnx = stage.Fit(EmptyView(ml));
        ((ICanSaveModel)onnx).Save(ctx);
    }

    IDataView EmptyView(MLContext ml)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[0].ColumnName = Map.InputColumn;
        schema[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Map.InputWidth);
        return ml.Data.LoadFromEnumerable(Array.Empty<Row>(), schema);
    }

    sealed class Row
    {
        public VBuffer<float> Values { get; set; }
    }
}
