using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Models;
using TorchSharp;

namespace Superposition.Activations;

/// <summary>
/// What a model has at one point as it reads a text: columns <c>Token</c>, <c>Position</c> in the window, and <c>Activations</c> [d], a
/// row a token, computed as it is read. Shuffled, what is run together comes in a random order, and the rows of as much as fits 64 MB are mixed.
/// </summary>
public sealed class ModelActivations : IDataView
{
    const int BufferBytes = 64 << 20;

    readonly LanguageModel model;
    readonly TokenText text;
    readonly string point;
    readonly int dimensions;

    internal ModelActivations(LanguageModel model, TokenText text, string point)
    {
        dimensions = HookPoints.Width(model.Config, point);
        if (dimensions == 0) throw new HookException($"{point} is of pairs of tokens, and a row is one. Take a point that tokens have each for itself.");
        if (text.Window > model.Config.Context)
            throw new ArgumentException($"Expected windows of at most {model.Config.Context} tokens, which the model was made for, found {text.Window}.", nameof(text));
        (this.model, this.text, this.point) = (model, text, point);
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Token", TextDataViewType.Instance);
        schema.AddColumn("Position", NumberDataViewType.Int32);
        schema.AddColumn("Activations", new VectorDataViewType(NumberDataViewType.Single, dimensions));
        Schema = schema.ToSchema();
    }

    /// <summary>Who reads.</summary>
    public LanguageModel Model => model;

    /// <summary>What is read.</summary>
    public TokenText Text => text;

    /// <summary>Where the activations are.</summary>
    public string Hook => point;

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <summary>Yes, through a buffer.</summary>
    public bool CanShuffle => true;

    /// <inheritdoc/>
    public long? GetRowCount() => text.Count;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, columnsNeeded, rand);

    /// <summary>One cursor: the model uses all cores as it is.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>[tokens, d] All of them.</summary>
    public float[,] ToMatrix()
    {
        var matrix = new float[text.Count, dimensions];
        foreach (var block in Blocks()) Fill(block, Rows.Flat(matrix).Slice(block.First * dimensions, block.Count * dimensions));
        return matrix;
    }

    /// <summary>Rows whose windows are run together.</summary>
    readonly record struct Block(int First, int[,] Tokens)
    {
        public int Count => Tokens.Length;
    }

    IEnumerable<Block> Blocks()
    {
        var first = 0;
        foreach (var tokens in text.Batches())
        {
            yield return new(first, tokens);
            first += tokens.Length;
        }
    }

    void Fill(Block block, Span<float> rows)
    {
        using var cache = model.RunWithCache(block.Tokens, point);
        MemoryMarshal.Cast<byte, float>(cache[point].bytes).CopyTo(rows);
    }

    /// <summary>Fills a buffer with the rows of some blocks, and serves them in their order or mixed.</summary>
    sealed class Cursor : DataViewRowCursor
    {
        readonly ModelActivations view;
        readonly bool[] active;
        readonly Random? random;
        readonly Block[] blocks;   // in the order in which they are run
        readonly float[] buffer;
        readonly (int Row, int Place)[] rows;   // as they are served: which, and where in the buffer
        int nextBlock, count, at = -1;
        long served;

        public Cursor(ModelActivations view, IEnumerable<DataViewSchema.Column> columns, Random? random)
        {
            (this.view, this.random) = (view, random);
            active = new bool[view.Schema.Count];
            foreach (var column in columns) active[column.Index] = true;
            blocks = [.. view.Blocks()];
            random?.Shuffle(blocks);
            var largest = blocks.Max(block => block.Count);
            var room = random is null ? largest : Math.Min(view.text.Count, Math.Max(largest, BufferBytes / sizeof(float) / view.dimensions));
            rows = new (int, int)[room];
            buffer = active[2] ? new float[room * view.dimensions] : [];
        }

        public override DataViewSchema Schema => view.Schema;
        public override long Batch => 0;
        public override long Position => at < 0 ? -1 : served - 1;
        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];
        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)rows[at].Row, 0);

        public override bool MoveNext()
        {
            if (at + 1 >= count) Refill();
            at = count == 0 ? -1 : at + 1;
            if (at >= 0) served++;
            return at >= 0;
        }

        void Refill()
        {
            (count, at) = (0, -1);
            for (; nextBlock < blocks.Length && count + blocks[nextBlock].Count <= rows.Length; nextBlock++)
            {
                var block = blocks[nextBlock];
                if (active[2]) view.Fill(block, buffer.AsSpan(count * view.dimensions, block.Count * view.dimensions));
                for (var r = 0; r < block.Count; r++, count++) rows[count] = (block.First + r, count);
            }
            random?.Shuffle(rows.AsSpan(0, count));
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
                Getters.Typed<TValue>(column, IsColumnActive(column), () => column.Index switch
                {
                    0 => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = view.model.Tokenizer.Piece(view.text[rows[at].Row]).AsMemory()),
                    1 => (ValueGetter<int>)((ref int value) => value = rows[at].Row % view.text.Window),
                    _ => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
                    {
                        var editor = VBufferEditor.Create(ref value, view.dimensions);
                        buffer.AsSpan(rows[at].Place * view.dimensions, view.dimensions).CopyTo(editor.Values);
                        value = editor.Commit();
                    }),
                });
    }
}
