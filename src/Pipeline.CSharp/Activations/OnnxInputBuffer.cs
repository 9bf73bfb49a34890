using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace Superposition.Activations;

/// <summary>A batch of one input, as the model reads it.</summary>
internal abstract class OnnxInputBuffer
{
    /// <summary>Reads the row's value into a place of the batch.</summary>
    public abstract void Store(int slot);

    /// <summary>The batch, over the buffer's own memory.</summary>
    public abstract OrtValue Value();
}

internal sealed class OnnxInputBuffer<TColumn, TTensor>(OnnxInput input, int rows, DataViewRow? row) : OnnxInputBuffer
    where TColumn : INumber<TColumn> where TTensor : unmanaged, INumber<TTensor>
{
    static readonly bool IsWhole = TTensor.CreateSaturating(0.5) == TTensor.Zero;

    readonly int width = (int)input.RowShape.Aggregate(1L, (product, axis) => product * axis);
    readonly TTensor[] values = new TTensor[rows * input.RowShape.Aggregate(1L, (product, axis) => product * axis)];
    readonly ValueGetter<VBuffer<TColumn>>? read = row?.GetGetter<VBuffer<TColumn>>(input.Column);
    VBuffer<TColumn> value;

    public override void Store(int slot)
    {
        read!(ref value);
        var target = values.AsSpan(slot * width, width);
        target.Clear();
        foreach (var (index, number) in value.Items())
        {
            target[index] = TTensor.CreateSaturating(number);
            if (IsWhole && TColumn.CreateSaturating(target[index]) != number) throw input.NotWhole(number);
        }
    }

    public override OrtValue Value() => OrtValue.CreateTensorValueFromMemory(values, [rows, .. input.RowShape]);
}
