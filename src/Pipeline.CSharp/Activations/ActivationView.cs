using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Activations;

/// <summary>Recorded activations as data: column <c>Activations</c> [d], and <c>Word</c> where each row has a name.</summary>
public sealed class ActivationView : IndexedView
{
    readonly float[] values;
    readonly string[]? words;

    ActivationView(float[] values, int dimensions, string[]? words)
        : base(values.Length / dimensions, SchemaOf(dimensions, words is not null)) =>
        (this.values, this.words, Dimensions) = (values, words, dimensions);

    /// <summary>d.</summary>
    public int Dimensions { get; }

    /// <summary>One name a row, or none.</summary>
    public IReadOnlyList<string>? Words => words;

    /// <summary>Activations held in memory. activations: [rows, d].</summary>
    public static ActivationView Of(float[,] activations)
    {
        ArgumentNullException.ThrowIfNull(activations);
        return new(activations.Cast<float>().ToArray(), activations.GetLength(1), null);
    }

    internal static ActivationView Load(string path, string? wordsPath)
    {
        var array = Npy.Read(path);
        if (array.Shape.Count != 2 || array.Shape[1] is < 1 or > int.MaxValue)
            throw new InputDataException(InputDataReason.WrongSize,
                $"{path}: expected an array [rows, d] with d at least 1, found {array}. Reshape it before saving.");
        var words = wordsPath is null ? null : File.ReadAllLines(wordsPath);
        if (words is not null && words.Length != array.Shape[0])
            throw new InputDataException(InputDataReason.WrongSize,
                $"{wordsPath}: expected a word a line for the {array.Shape[0]} rows of {path}, found {words.Length} lines.");
        return new(array.ToSingles(), (int)array.Shape[1], words);
    }

    static DataViewSchema SchemaOf(int dimensions, bool hasWords)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Activations", new VectorDataViewType(NumberDataViewType.Single, dimensions));
        if (hasWords) schema.AddColumn("Word", TextDataViewType.Instance);
        return schema.ToSchema();
    }

    private protected override Delegate Getter(DataViewSchema.Column column, Func<long> row)
    {
        if (column.Name == "Word")
            return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = words![row()].AsMemory());
        var rows = new DenseRows(values, Dimensions);
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => rows.CopyTo((int)row(), ref value));
    }
}
