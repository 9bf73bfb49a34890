using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Randomness;

namespace Superposition.Activations;

/// <summary>
/// Recorded activations as data: column <c>Activations</c> [d], and <c>Word</c> where each row has a name. Files stay where they are and
/// are read when a cursor reaches their rows; they are open until the view is disposed of.
/// </summary>
public sealed class ActivationView : IndexedView, IDisposable
{
    const int BlockBytes = 256 << 10;   // what a disk hands over about as fast as one byte of it
    const int FewestBlocks = 64;        // of a buffer that is small: with fewer, neighbours would stay together

    readonly IRowBlocks rows;
    readonly string[]? words;
    readonly (int Block, int Window)? buffer;   // of a recording that is shuffled in blocks

    ActivationView(IRowBlocks rows, long count, string[]? words, long bufferBytes) : base(count, SchemaOf(rows.Width, words is not null))
    {
        (this.rows, this.words) = (rows, words);
        var (rowBytes, held) = (sizeof(float) * (long)rows.Width, Math.Max(1, bufferBytes / sizeof(float) / rows.Width));
        if (count <= held) return;
        var block = (int)Math.Max(1, Math.Min(BlockBytes / rowBytes, held / FewestBlocks));
        buffer = (block, (int)Math.Min(held / block, int.MaxValue));
    }

    /// <summary>d.</summary>
    public int Dimensions => rows.Width;

    /// <summary>One name a row, or none.</summary>
    public IReadOnlyList<string>? Words => words;

    /// <summary>Activations held in memory. activations: [rows, d].</summary>
    public static ActivationView Of(float[,] activations)
    {
        ArgumentNullException.ThrowIfNull(activations);
        return new(new HeldRows([.. activations.Cast<float>()], activations.GetLength(1)), activations.GetLength(0), null, long.MaxValue);
    }

    /// <summary>Lets go of the files.</summary>
    public void Dispose() => (rows as IDisposable)?.Dispose();

    internal static ActivationView Load(string path, string? wordsPath, RecordedActivationOptions options)
    {
        OptionsException.ThrowIfAny(nameof(RecordedActivationOptions), options.Problems());
        var shards = ActivationShards.Open(path, options);
        try
        {
            return new(shards, shards.Rows, wordsPath is null ? null : ReadWords(wordsPath, path, shards.Rows), options.BufferBytes);
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    static string[] ReadWords(string wordsPath, string path, long rows)
    {
        var words = File.ReadAllLines(wordsPath);
        return words.Length == rows ? words : throw new InputDataException(InputDataReason.WrongSize,
            $"{wordsPath}: expected a word a line for the {rows} rows of {path}, found {words.Length} lines.");
    }

    static DataViewSchema SchemaOf(int dimensions, bool hasWords)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Activations", new VectorDataViewType(NumberDataViewType.Single, dimensions));
        if (hasWords) schema.AddColumn("Word", TextDataViewType.Instance);
        return schema.ToSchema();
    }

    private protected override RowOrder Shuffle(ulong key) =>
        buffer is { } blocks ? new WindowShuffle(Rows, blocks.Block, blocks.Window, key) : base.Shuffle(key);

    private protected override Delegate Getter(DataViewSchema.Column column, Func<long> row) =>
        column.Name == "Word"
            ? (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = words![row()].AsMemory())
            : Dense(values => rows.Fill(row(), 1, values));

    private protected override Delegate ShuffledGetter(DataViewSchema.Column column, Func<long> row)
    {
        if (column.Name == "Word" || buffer is not { } blocks) return Getter(column, row);
        var read = new BlockBuffer(rows, Rows, blocks.Block, blocks.Window);
        return Dense(values => read.CopyTo(row(), values));
    }

    ValueGetter<VBuffer<float>> Dense(Action<Span<float>> read) => (ref VBuffer<float> value) =>
    {
        var editor = VBufferEditor.Create(ref value, Dimensions);
        read(editor.Values);
        value = editor.Commit();
    };
}
