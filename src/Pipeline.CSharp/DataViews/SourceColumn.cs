using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.DataViews;

/// <summary>The column a stage reads: a vector of Single of known size whose values are finite.</summary>
internal static class SourceColumn
{
    /// <summary>The column and its width.</summary>
    /// <exception cref="InputDataException">Missing, of another type, or of another width than <paramref name="expectedWidth"/>.</exception>
    public static (DataViewSchema.Column Column, int Width) Find(DataViewSchema schema, string name, int? expectedWidth = null)
    {
        var column = Named(schema, name);
        if (column.Type is not VectorDataViewType { IsKnownSize: true } vector || vector.ItemType != NumberDataViewType.Single)
            throw new InputDataException(InputDataReason.WrongType,
                $"Column \"{name}\": expected a vector of Single of known size, found {column.Type}. "
                + "Convert it with Transforms.Conversion.ConvertType or Transforms.Concatenate.");
        if (expectedWidth is { } expected && vector.Size != expected)
            throw new InputDataException(InputDataReason.WrongSize,
                $"Column \"{name}\": the model was trained on vectors of {expected}, found vectors of {vector.Size}.");
        return (column, vector.Size);
    }

    /// <summary>The column, of whatever type.</summary>
    /// <exception cref="InputDataException">There is none.</exception>
    public static DataViewSchema.Column Named(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) ?? throw new InputDataException(InputDataReason.MissingColumn,
            $"Expected a column \"{name}\"; the view has {Names(schema.Select(c => c.Name))}. Name one of these as input.");

    /// <summary>The same check on a schema's shape, before there is data.</summary>
    public static void Check(SchemaShape shape, string name)
    {
        var column = shape.FirstOrDefault(c => c.Name == name);
        if (column.Name is null)
            throw new InputDataException(InputDataReason.MissingColumn,
                $"Expected a column \"{name}\"; the schema has {Names(shape.Select(c => c.Name))}. Name one of these as input.");
        if (column.Kind != SchemaShape.Column.VectorKind.Vector || column.ItemType != NumberDataViewType.Single)
            throw new InputDataException(InputDataReason.WrongType,
                $"Column \"{name}\": expected a vector of Single, found {column.Kind} of {column.ItemType}.");
    }

    /// <summary>A stage is saved as a graph in which every name is one value, so its columns must differ; said before it is trained.</summary>
    public static void CheckNames(string stage, string input, params IEnumerable<string> outputs) =>
        OptionsException.ThrowIfAny(stage, outputs.Prepend(input).GroupBy(name => name).Where(same => same.Count() > 1).Select(same =>
            $"\"{same.Key}\" names {same.Count()} columns of the stage; its input and its outputs ({Names(outputs)}) need names of their own."));

    /// <summary>Throws at the first NaN or infinity in a row.</summary>
    public static void CheckFinite(ReadOnlySpan<float> row, string name, DataViewRowId id)
    {
        var slot = Rows.FirstNotFinite(row);
        if (slot < 0) return;
        throw new InputDataException(InputDataReason.NotFinite,
            $"Column \"{name}\", row {id.Low}, slot {slot}: expected a finite number, found {row[slot]}. "
            + "Filter such rows, for example with Data.FilterRowsByMissingValues.");
    }

    static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"\"{n}\""));
}
