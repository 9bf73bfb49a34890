using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Autoencoders;
using Superposition.Training;

namespace Superposition.Tests.Autoencoders;

/// <summary>Activations that a test writes down itself, as a view with a column <c>Activations</c> [d] and a number <c>Tag</c>.</summary>
static class Recorded
{
    sealed class Row
    {
        public float[] Activations { get; set; } = [];
        public int Tag { get; set; }
    }

    /// <summary>A view of these rows. One that cannot shuffle is trained on in its order, so a test knows what each batch holds.</summary>
    public static IDataView View(float[][] rows, bool shuffles = false)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema["Activations"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows.FirstOrDefault()?.Length ?? 1);
        var data = new MLContext().Data;
        var view = data.LoadFromEnumerable(rows.Select((row, i) => new Row { Activations = row, Tag = i }).ToArray(), schema);
        return shuffles ? data.Cache(view) : view;
    }

    /// <summary>[rows][d] Normal draws.</summary>
    public static float[][] Normal(int seed, int rows, int dimensions, double deviation = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => Engine.Singles(AutoencoderDraw.Normal(random, dimensions, deviation)))];
    }

    /// <summary>
    /// [rows][d] Two of d orthogonal directions a row; the first hundred rows shifted. With these as first batch, b_dec begins
    /// beside the data: of the latents some point from it to them and fire always, and most of the others never.
    /// </summary>
    public static float[][] Aside(int seed, int rows, int dimensions, float shift = 4)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(r =>
        {
            var x = new float[dimensions];
            if (r < 100) Array.Fill(x, shift / MathF.Sqrt(dimensions));
            x[random.Next(dimensions)] += 1 + random.NextSingle();
            x[random.Next(dimensions)] += 1 + random.NextSingle();
            return x;
        })];
    }

    /// <summary>The autoencoder trained on the rows.</summary>
    public static SparseAutoencoderTransformer Train(this SparseAutoencoderOptions options, IDataView view, MLContext? context = null) =>
        (context ?? new MLContext()).Transforms.SparseAutoencoder("Latents", "Activations", options).Fit(view);

    /// <summary>The same options with a step too small to change anything: what is trained is what it began as.</summary>
    public static T Still<T>(this T options) where T : SparseAutoencoderOptions => (T)(options with { Optimizer = new AdamWOptions { LearningRate = 1e-30 } });

    /// <summary>[rows][columns]</summary>
    public static float[][] Rows(this float[,] matrix) => [.. Enumerable.Range(0, matrix.GetLength(0))
        .Select(i => Enumerable.Range(0, matrix.GetLength(1)).Select(j => matrix[i, j]).ToArray())];

    /// <summary>‖row‖</summary>
    public static double Norm(this IEnumerable<float> row) => Math.Sqrt(row.Sum(v => (double)v * v));
}
