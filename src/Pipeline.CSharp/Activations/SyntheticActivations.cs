using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Features;

namespace Superposition.Activations;

/// <summary>
/// A synthetic world as data: sparse column <c>Features</c> [n], dense <c>Activations</c> [d] and <c>Row</c>, drawn when read, and the
/// truth about them. An autoencoder trained on <c>Activations</c> has rows drawn for it in blocks, a stream an instance.
/// </summary>
public sealed class SyntheticActivations : IndexedView, IStreamedView
{
    readonly HierarchicalFeatures features;
    readonly Lazy<FeatureDictionary> dictionary;
    readonly Lazy<double[]> marginals;

    internal SyntheticActivations(SyntheticActivationOptions world) : base(world.Rows, SchemaOf(world))
    {
        World = world;
        features = new(world.Features, world.Seed, world.Firing, world.Hierarchy, world.Correlation, world.Magnitudes);
        dictionary = new(() => new(world.Features, world.Dimensions, world.Seed, world.Dictionary));
        marginals = new(features.Marginals);
    }

    /// <summary>The world the rows are drawn from.</summary>
    public SyntheticActivationOptions World { get; }

    /// <summary>[n, d] A copy of E, a unit vector a feature. Made when first asked for, or with the first activations: SynthSAEBench's takes a quarter of a minute on two cores.</summary>
    public float[,] Dictionary => dictionary.Value.ToMatrix();

    /// <summary>[d] A copy of b.</summary>
    public unsafe float[] Bias => new Span<float>(dictionary.Value.Bias, World.Dimensions).ToArray();

    /// <summary>[n] How often a feature fires, given that its parent, if it has one, is active: compensated where the hierarchy says so.</summary>
    public IReadOnlyList<double> Probabilities => features.Probabilities;

    /// <summary>
    /// [n] P(feature i is active), exactly, down the trees and with the one that is kept of several siblings, but as if features fired
    /// independently, as the reference's L0 is: correlation moves it a little, for it makes siblings fire together.
    /// </summary>
    public IReadOnlyList<double> Marginals => marginals.Value;

    /// <summary>Active features a row among the first so many, from <see cref="Marginals"/>: 34.5 of SynthSAEBench-16k's 16,384, 25.2 of the first 4,096.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More features than there are, or fewer than 0.</exception>
    public double EffectiveL0(int first)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, World.Features);
        return marginals.Value.AsSpan(0, first).ToArray().Sum();
    }

    /// <summary>[rows, d] The activations of consecutive rows of a stream, on all cores; the same whatever the threads and the blocks.</summary>
    /// <exception cref="ArgumentException">The span does not hold rows · d numbers.</exception>
    public unsafe void Fill(long stream, long firstRow, int rows, Span<float> activations)
    {
        if (activations.Length != (long)rows * World.Dimensions)
            throw new ArgumentException($"Expected room for {rows} rows of {World.Dimensions} numbers, found {activations.Length}.", nameof(activations));
        var blocks = Activations(stream);
        fixed (float* start = activations)
        {
            var target = start;
            Parallel.For(0, (rows + ActivationRows.Block - 1) / ActivationRows.Block, chunk =>
            {
                var (from, here) = (chunk * ActivationRows.Block, Math.Min(ActivationRows.Block, rows - chunk * ActivationRows.Block));
                blocks.Fill(firstRow + from, here, new(target + (nint)from * World.Dimensions, here * World.Dimensions));
            });
        }
    }

    /// <summary>
    /// The active features of consecutive rows of a stream, to score by, one row behind the other: those of row r from starts[r] to
    /// starts[r + 1], ascending. A row is drawn if there is room for n more, whatever it turns out to have.
    /// </summary>
    /// <param name="stream">Which stream; 0 is what the view shows, −1 is for evaluation.</param>
    /// <param name="firstRow">The first row.</param>
    /// <param name="starts">[rows + 1] Where each row begins and ends.</param>
    /// <param name="indices">Which features.</param>
    /// <param name="values">Their values.</param>
    /// <returns>How many rows there was room for.</returns>
    public int Draw(long stream, long firstRow, Span<int> starts, Span<int> indices, Span<float> values) =>
        new HierarchicalRows(features, stream).Draw(firstRow, starts, indices, values);

    IRowBlocks? IStreamedView.Blocks(string column, long stream) => column switch
    {
        "Features" => new HierarchicalRows(features, stream),
        "Activations" => Activations(stream),
        _ => null,
    };

    ActivationRows Activations(long stream) => new(new(features, stream), dictionary.Value, World.Dimensions);

    static DataViewSchema SchemaOf(SyntheticActivationOptions world)
    {
        OptionsException.ThrowIfAny(nameof(SyntheticActivationOptions), world.Problems());
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, world.Features));
        schema.AddColumn("Activations", new VectorDataViewType(NumberDataViewType.Single, world.Dimensions));
        schema.AddColumn("Row", NumberDataViewType.Int64);
        return schema.ToSchema();
    }

    private protected override Delegate Getter(DataViewSchema.Column column, Func<long> row) => column.Name switch
    {
        "Row" => (ValueGetter<long>)((ref long value) => value = row()),
        "Features" => new HierarchicalRows(features, stream: 0).Getter(row),
        _ => Dense(row),
    };

    ValueGetter<VBuffer<float>> Dense(Func<long> row)
    {
        var blocks = Activations(stream: 0);
        return (ref VBuffer<float> value) =>
        {
            var editor = VBufferEditor.Create(ref value, World.Dimensions);
            blocks.Fill(row(), 1, editor.Values);
            value = editor.Commit();
        };
    }
}
