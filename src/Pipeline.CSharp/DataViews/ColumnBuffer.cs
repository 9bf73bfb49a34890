using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.DataViews;

/// <summary>Keeps a passed-through column for the rows a cursor has looked ahead.</summary>
internal abstract class ColumnBuffer
{
    /// <summary>Reads the source row's value into a slot.</summary>
    public abstract void Store(int slot);

    /// <summary>A getter of the value in the slot that <paramref name="slot"/> names when it is called.</summary>
    public abstract Delegate Getter(Func<int> slot);

    /// <summary>A buffer for one active column of a row.</summary>
    public static ColumnBuffer Of(DataViewRow source, DataViewSchema.Column column, int slots)
    {
        var raw = column.Type.RawType;
        var isVector = raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(VBuffer<>);
        var buffer = isVector
            ? typeof(VectorBuffer<>).MakeGenericType(raw.GetGenericArguments())
            : typeof(ScalarBuffer<>).MakeGenericType(raw);
        return (ColumnBuffer)Activator.CreateInstance(buffer, source, column, slots)!;
    }

    sealed class ScalarBuffer<T>(DataViewRow source, DataViewSchema.Column column, int slots) : ColumnBuffer
    {
        readonly ValueGetter<T> getter = source.GetGetter<T>(column);
        readonly T[] values = new T[slots];

        public override void Store(int slot) => getter(ref values[slot]);
        public override Delegate Getter(Func<int> slot) => (ValueGetter<T>)((ref T value) => value = values[slot()]);
    }

    // A vector must be copied out: its arrays are overwritten by a later row.
    sealed class VectorBuffer<T>(DataViewRow source, DataViewSchema.Column column, int slots) : ColumnBuffer
    {
        readonly ValueGetter<VBuffer<T>> getter = source.GetGetter<VBuffer<T>>(column);
        readonly VBuffer<T>[] values = new VBuffer<T>[slots];

        public override void Store(int slot) => getter(ref values[slot]);

        public override Delegate Getter(Func<int> slot) =>
            (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => values[slot()].CopyTo(ref value));
    }
}
