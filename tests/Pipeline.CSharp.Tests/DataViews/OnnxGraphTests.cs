using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Superposition.DataViews;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.DataViews;

public sealed class OnnxGraphTests
{
    static readonly MLContext Ml = new(seed: 1);
    static readonly SparseFeatureView World = new(new() { Features = 7, Density = 0.3, Rows = 300, Seed = 5 });

    [Fact]
    public void A_stage_saved_and_loaded_gives_the_same_numbers()
    {
        var stage = new MapStage(new("Features", 7, 64));
        using var zip = new MemoryStream();
        Ml.Model.Save(stage, World.Schema, zip);
        var loaded = new MLContext(seed: 2).Model.Load(zip, out var schema);
        Assert.Equal(["Features", "Row"], schema.Select(c => c.Name));
        var (ours, theirs) = (stage.Transform(World), loaded.Transform(World));
        foreach (var column in new[] { "Double", "Moments" })
            AssertClose(ours.Vectors(column), theirs.Vectors(column));
        Assert.Equal(ours.GetColumn<long>("Row"), theirs.GetColumn<long>("Row"));
    }

    [Fact]
    public void OnnxRuntime_computes_what_the_graph_says_for_any_number_of_rows()
    {
        using var session = new InferenceSession(new MapStage(new("x", 4, 64)).ToOnnx());
        Gen.Float[-10, 10].Array[4].Array[1, 20].Sample(rows =>
        {
            var input = new DenseTensor<float>(rows.SelectMany(r => r).ToArray(), [rows.Length, 4]);
            using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", input)]);
            float[] Output(string name) => [.. results.Single(r => r.Name == name).AsEnumerable<float>()];
            AssertClose([.. rows.Select(CountingMap.Double)], [.. Output("Double").Chunk(4)]);
            AssertClose([.. rows.Select(CountingMap.Moment)], [.. Output("Moments").Chunk(2)]);
        });
    }

    // Whole-number constants and nodes of several outputs: the k largest of each row.
    [Fact]
    public void A_graph_may_hold_whole_numbers_and_nodes_of_several_outputs()
    {
        var graph = new OnnxGraph();
        graph.Input("x", 5);
        graph.Nodes("TopK", ["x", graph.Constant([2L], 1)], ["largest", "where"]);
        graph.Node("Cast", ["where"], "index", ("to", 1));
        graph.Output("largest", 2);
        graph.Output("index", 2);
        using var session = new InferenceSession(graph.ToModel());
        Gen.Float[-10, 10].Array[5].Sample(x =>
        {
            using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(x, [1, 5]))]);
            Assert.Equal(x.OrderDescending().Take(2), results[0].AsEnumerable<float>());
            Assert.Equal(results[0].AsEnumerable<float>(), results[1].AsEnumerable<float>().Select(i => x[(int)i]));
        });
    }

    static void AssertClose(float[][] expected, float[][] found)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (e, f) in expected.Zip(found))
            for (var i = 0; i < e.Length; i++) Assert.Equal(e[i], f[i], 1e-5f * (1 + Math.Abs(e[i])));
    }
}
