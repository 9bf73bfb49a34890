using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Autoencoders;

namespace Superposition.Benchmarks;

/// <summary>How much does looking ahead gain a served autoencoder? 512 → 4,096, TopK 32, against one row at a time. Asked for: 8 times.</summary>
sealed class SaeTransform : Benchmark
{
    const int Dimensions = 512, Latents = 4096, K = 32, Count = 2048;
    const double Target = 8;

    public override string Name => "sae-transform";

    sealed class Row
    {
        [VectorType(Dimensions)] public float[] Activations { get; set; } = [];
    }

    public override string Run()
    {
        var random = new Random(1);
        float[] Normal(int n) => [.. Enumerable.Range(0, n).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1))];
        var autoencoder = new SparseAutoencoder(
            Matrix(Dimensions, Normal(Dimensions * Latents)), Normal(Latents),
            Matrix(Latents, Normal(Latents * Dimensions)), Normal(Dimensions), new TopKActivation(K));
        var rows = new MLContext().Data.LoadFromEnumerable(
            Enumerable.Range(0, Count).Select(_ => new Row { Activations = Normal(Dimensions) }).ToArray());
        var batched = autoencoder.ToTransformer("Latents", "Activations").Transform(rows);
        var single = autoencoder.ToTransformer("Latents", "Activations", batchSize: 1).Transform(rows);

        CheckSame(Codes(batched), Codes(single));
        var times = Medians(7, () => Consume(batched), () => Consume(single));
        return Line(("ours", times[0]), ("row-by-row", times[1]), ("rows", Count), ("rows/s", Count / times[0] * 1000),
            ("target", Target), ("ratio", times[1] / times[0]));
    }

    static float[,] Matrix(int rows, float[] values)
    {
        var matrix = new float[rows, values.Length / rows];
        Buffer.BlockCopy(values, 0, matrix, 0, Buffer.ByteLength(values));
        return matrix;
    }

    static double Consume(IDataView view) => Each(view, row => row.GetValues()[0]).Sum();

    static Dictionary<int, float>[] Codes(IDataView view) => [.. Each(view, row => row.Items().ToDictionary(i => i.Key, i => i.Value))];

    static IEnumerable<T> Each<T>(IDataView view, Func<VBuffer<float>, T> select)
    {
        using var cursor = view.GetRowCursor([view.Schema["Latents"]]);
        var read = cursor.GetGetter<VBuffer<float>>(view.Schema["Latents"]);
        VBuffer<float> row = default;
        while (cursor.MoveNext())
        {
            read(ref row);
            yield return select(row);
        }
    }

    // Products of other sizes round otherwise, so a latent that only one of the two kept must be about as small as the smallest kept.
    static void CheckSame(Dictionary<int, float>[] batched, Dictionary<int, float>[] single)
    {
        const float Tolerance = 1e-3f;   // pre-activations are of the order of 10
        for (var r = 0; r < Count; r++)
        {
            var (a, b) = (batched[r], single[r]);
            var least = a.Values.Min();
            Check(a.Count == K && b.Count == K, $"{K} latents in row {r}");
            Check(a.Keys.Intersect(b.Keys).All(j => Math.Abs(a[j] - b[j]) < Tolerance), $"the same latents in row {r}");
            Check(a.Concat(b).Where(l => !(a.ContainsKey(l.Key) && b.ContainsKey(l.Key))).All(l => Math.Abs(l.Value - least) < Tolerance),
                $"the same choice of latents in row {r}");
        }
    }
}
