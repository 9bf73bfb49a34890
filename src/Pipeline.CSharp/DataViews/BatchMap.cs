using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.DataViews;

/// <summary>A function from vectors to vectors that is computed a batch at a time: what our transformers are to a data view.</summary>
internal abstract class BatchMap
{
    /// <summary>The column read.</summary>
    public abstract string InputColumn { get; }

    /// <summary>Its width.</summary>
    public abstract int InputWidth { get; }

    /// <summary>How many rows are computed together.</summary>
    public abstract int BatchSize { get; }

    /// <summary>Name and width of each column added.</summary>
    public abstract IReadOnlyList<(string Name, int Width)> Outputs { get; }

    /// <summary>The outputs that are wanted, for [rows, InputWidth] finite inputs. Called from several threads at once.</summary>
    public abstract RowBuffer?[] Compute(Memory<float> input, int rows, IReadOnlyList<bool> wanted);

    /// <summary>The view's schema with the outputs added.</summary>
    public DataViewSchema OutputSchema(DataViewSchema input)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        foreach (var (name, width) in Outputs)
            builder.AddColumn(name, new VectorDataViewType(NumberDataViewType.Single, width));
        return builder.ToSchema();
    }
}
