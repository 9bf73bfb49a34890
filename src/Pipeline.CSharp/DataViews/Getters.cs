using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.DataViews;

/// <summary>What every row and cursor of ours says when it is asked for a value.</summary>
internal static class Getters
{
    /// <summary>The getter, as the type it was asked for.</summary>
    /// <exception cref="InvalidOperationException">The column is not active, or of another type.</exception>
    public static ValueGetter<TValue> Typed<TValue>(DataViewSchema.Column column, bool active, Func<Delegate> getter)
    {
        if (!active) throw new InvalidOperationException($"Column \"{column.Name}\" was not asked for when the cursor was made.");
        return getter() as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column \"{column.Name}\" is {column.Type}, not {typeof(TValue)}.");
    }
}
