using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Activations;

/// <summary>One input of an ONNX model and the column it is read from: [B, …] of as many numbers a row as the column has.</summary>
/// <param name="Where">The model's file, for messages.</param>
/// <param name="Name">The model's name of it.</param>
/// <param name="Column">The column, a vector of Single, Double, Int32 or Int64.</param>
/// <param name="Type">What the model reads: Float, Double, Int32 or Int64.</param>
/// <param name="RowShape">Its axes after the first.</param>
/// <param name="FixedBatch">B, where the model has but one.</param>
internal sealed record OnnxInput(
    string Where, string Name, DataViewSchema.Column Column, TensorElementType Type, long[] RowShape, int? FixedBatch)
{
    /// <exception cref="OnnxModelException">The column does not fit.</exception>
    public static OnnxInput Of(string where, string name, NodeMetadata input, DataViewSchema.Column column)
    {
        OnnxModelException Unfit(string expected, object found) => new(where, OnnxModelReason.InputUnfit,
            $"input {ErrorText.Quote(name)}, column {ErrorText.Quote(column.Name)}: expected {expected}, found {found}.");

        var (type, axes) = (input.ElementDataType, input.Dimensions);
        if (!input.IsTensor || type is not (TensorElementType.Float or TensorElementType.Double or TensorElementType.Int32 or TensorElementType.Int64))
            throw Unfit("a model that reads a tensor of Float, Double, Int32 or Int64", input.IsTensor ? type : input.OnnxValueType);
        if (column.Type is not VectorDataViewType { IsKnownSize: true } vector || NumberTypes.Find(vector.ItemType.RawType) is null)
            throw Unfit("a vector of known size of Single, Double, Int32 or Int64", column.Type);
        if (axes.Length == 0) throw Unfit("a model whose input has an axis for the rows of a batch", "a scalar");
        long[] shape = [.. axes[1..]];
        var known = shape.Where(axis => axis > 0).Aggregate(1L, (product, axis) => product * axis);
        // One axis may be left open, such as the tokens of a text: then the column says how long it is.
        if (shape.Count(axis => axis <= 0) == 1 && vector.Size % known == 0) shape[Array.FindIndex(shape, axis => axis <= 0)] = vector.Size / known;
        if (shape.Any(axis => axis <= 0) || shape.Aggregate(1L, (product, axis) => product * axis) != vector.Size)
            throw Unfit($"vectors that fill {ErrorText.Shape(axes.Select(axis => (long)axis))} with its first axis for the rows", $"vectors of {vector.Size}");
        return new(where, name, column, type, shape, axes[0] > 0 ? axes[0] : null);
    }

    /// <summary>[rows, …] Room for a batch, read from a cursor's row at a time; from none, zeros.</summary>
    public OnnxInputBuffer Buffer(int rows, DataViewRow? row)
    {
        var (from, to) = (((VectorDataViewType)Column.Type).ItemType.RawType, NumberTypes.Of(Type));
        return (OnnxInputBuffer)Activator.CreateInstance(typeof(OnnxInputBuffer<,>).MakeGenericType(from, to), this, rows, row)!;
    }

    /// <summary>A number that would not be the same in the model.</summary>
    public OnnxModelException NotWhole(object value) => new(Where, OnnxModelReason.InputUnfit,
        $"input {ErrorText.Quote(Name)}, column {ErrorText.Quote(Column.Name)}: expected whole numbers that {Type} can hold, found {value}.");

    static class NumberTypes
    {
        public static Type? Find(Type raw) =>
            raw == typeof(float) || raw == typeof(double) || raw == typeof(int) || raw == typeof(long) ? raw : null;

        public static Type Of(TensorElementType type) => type switch
        {
            TensorElementType.Float => typeof(float),
            TensorElementType.Double => typeof(double),
            TensorElementType.Int32 => typeof(int),
            _ => typeof(long),
        };
    }
}
