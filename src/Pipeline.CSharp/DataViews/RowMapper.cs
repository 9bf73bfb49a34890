using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.DataViews;

/// <summary>A <see cref="BatchMap"/> one row at a time, which is how a PredictionEngine asks.</summary>
internal sealed class RowMapper(DataViewSchema input, BatchMap map) : IRowToRowMapper
{
    readonly DataViewSchema.Column source = SourceColumn.Find(input, map.InputColumn, map.InputWidth).Column;

    public DataViewSchema InputSchema => input;

    public DataViewSchema OutputSchema { get; } = map.OutputSchema(input);

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var asked = dependingColumns.Select(c => c.Index).ToHashSet();
        var computes = asked.Any(i => i >= input.Count);
        return input.Where(c => asked.Contains(c.Index) || computes && c.Index == source.Index);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new Row(this, input, activeColumns.Select(c => c.Index).ToHashSet());

    sealed class Row(RowMapper mapper, DataViewRow input, HashSet<int> active) : DataViewRow
    {
        readonly int inputs = mapper.InputSchema.Count;

        public override DataViewSchema Schema => mapper.OutputSchema;
        public override long Position => input.Position;
        public override long Batch => input.Batch;
        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);
        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => column.Index < inputs
            ? input.GetGetter<TValue>(mapper.InputSchema[column.Index])
            : Getters.Typed<TValue>(column, IsColumnActive(column), () => Output(column.Index - inputs));

        ValueGetter<VBuffer<float>> Output(int index)
        {
            var map = mapper.Map;
            var read = input.GetGetter<VBuffer<float>>(mapper.source);
            var readId = input.GetIdGetter();
            var wanted = Enumerable.Range(0, map.Outputs.Count).Select(o => o == index).ToArray();
            var dense = new float[map.InputWidth];
            var row = default(VBuffer<float>);
            return (ref VBuffer<float> value) =>
            {
                read(ref row);
                row.CopyTo(dense);
                var id = default(DataViewRowId);
                readId(ref id);
                SourceColumn.CheckFinite(dense, map.InputColumn, id);
                map.Compute(dense, 1, wanted)[index]!.CopyTo(0, ref value);
            };
        }
    }

    BatchMap Map => map;
}
