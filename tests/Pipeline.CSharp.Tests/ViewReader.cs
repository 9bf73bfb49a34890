using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.Tests;

/// <summary>Reads columns out of views and cursors into arrays, through the cursor contract and nothing else.</summary>
static class ViewReader
{
    /// <summary>A row as a cursor showed it: its id, its batch, and the column read.</summary>
    public sealed record Read<T>(UInt128 Id, long Batch, T Value);

    /// <summary>[rows][width] A vector column, dense.</summary>
    public static float[][] Vectors(this IDataView view, string column) => [.. view.GetColumn<float[]>(column)];

    /// <summary>A vector column of every row a cursor still has, with ids and batches.</summary>
    public static List<Read<float[]>> Vectors(this DataViewRowCursor cursor, string column)
    {
        var rows = new List<Read<float[]>>();
        var read = cursor.GetGetter<VBuffer<float>>(cursor.Schema[column]);
        var readId = cursor.GetIdGetter();
        var (value, id) = (default(VBuffer<float>), default(DataViewRowId));
        while (cursor.MoveNext())
        {
            read(ref value);
            readId(ref id);
            rows.Add(new(new(id.High, id.Low), cursor.Batch, [.. value.DenseValues()]));
        }
        return rows;
    }

    /// <summary>A scalar column of every row a cursor still has, with ids and batches.</summary>
    public static List<Read<T>> Scalars<T>(this DataViewRowCursor cursor, string column)
    {
        var rows = new List<Read<T>>();
        var read = cursor.GetGetter<T>(cursor.Schema[column]);
        var readId = cursor.GetIdGetter();
        var id = default(DataViewRowId);
        while (cursor.MoveNext())
        {
            T value = default!;
            read(ref value);
            readId(ref id);
            rows.Add(new(new(id.High, id.Low), cursor.Batch, value));
        }
        return rows;
    }

    /// <summary>The columns of those names.</summary>
    public static DataViewSchema.Column[] Columns(this IDataView view, params string[] names) =>
        [.. names.Select(name => view.Schema[name])];
}
