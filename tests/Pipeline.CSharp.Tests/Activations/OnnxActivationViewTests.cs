using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Activations;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.Tests.Autoencoders;
using Superposition.Tests.Storage;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.Activations;

public sealed class OnnxActivationViewTests : IDisposable
{
    const int T = 3, V = 7, D = 4;

    readonly MLContext ml = new(seed: 1);
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // The pre-activations are no output of the file: x W_enc + b_enc, from the weights in double precision.
    [Fact]
    public void What_a_node_computes_within_a_saved_autoencoder_is_what_its_weights_say()
    {
        var autoencoder = AnyAutoencoder.Forms["relu"];
        autoencoder.SaveOnnx(folder["sae.onnx"]);
        var rows = Recorded.Normal(1, 150, AnyAutoencoder.D);
        var pre = OnnxModelFile.Read(folder["sae.onnx"]).Tensors[0];

        using var view = ml.Data.OnnxActivations(Recorded.View(rows), new() { Model = folder["sae.onnx"], Tensor = pre });

        Assert.Equal((AnyAutoencoder.M, 1, 150L), (view.Dimensions, view.Positions, view.GetRowCount()));
        var bias = autoencoder.EffectiveBias();
        var found = view.Vectors("Activations");
        for (var r = 0; r < rows.Length; r++)
            for (var j = 0; j < AnyAutoencoder.M; j++)
                Assert.Equal(Enumerable.Range(0, AnyAutoencoder.D).Sum(i => (double)rows[r][i] * autoencoder.Encoder[i, j]) + bias[j], found[r][j], 1e-5);
        Assert.Equal(Enumerable.Range(0, 150), view.GetColumn<int>("Tag"));   // the columns that were there pass through
    }

    [Fact]
    public void A_toy_model_s_hidden_layer_is_what_our_transformer_serves()
    {
        var world = ml.Data.SparseFeatures(new() { Features = 6, Density = 0.4, Rows = 300, Seed = 5 });
        var model = ml.Transforms.ToyModel("Hidden", "Features", new() { Dimensions = 3, Seed = 2, Steps = 20, BatchSize = 20 }).Fit(world);
        File.WriteAllBytes(folder["toy.onnx"], model.ToOnnx());
        var expected = model.Transform(world).Vectors("Hidden");

        using var view = ml.Data.OnnxActivations(world, new() { Model = folder["toy.onnx"], Tensor = "Hidden", BatchSize = 7 });

        Assert.Equal(expected.Length, view.Vectors("Activations").Length);
        foreach (var (e, f) in expected.Zip(view.Vectors("Activations")))
            for (var c = 0; c < 3; c++) Assert.Equal(e[c], f[c], 1e-5f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public void A_tensor_of_tokens_gives_a_row_a_token_with_its_position(int batch)
    {
        WriteTokens("tokens.onnx");
        var texts = Texts(10);
        using var view = Tokens(texts, batch);

        Assert.Equal((D, T, 30L), (view.Dimensions, view.Positions, view.GetRowCount()));
        Assert.Equal(Enumerable.Range(0, 10).SelectMany(_ => Enumerable.Range(0, T)), view.GetColumn<int>("Position"));
        Assert.Equal(Enumerable.Range(0, 10).SelectMany(r => Enumerable.Repeat(r, T)), view.GetColumn<int>("Tag"));
        Assert.Equal(texts.SelectMany(text => text.Select(Embedding)), view.Vectors("Activations"));
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.Equal(30, cursor.Vectors("Activations").Select(row => row.Id).Distinct().Count());
    }

    [Fact]
    public void A_shuffled_pass_mixes_the_tokens_of_a_batch_and_keeps_all_that_belongs_together()
    {
        WriteTokens("tokens.onnx");
        var texts = Texts(40);
        var source = ml.Data.Cache(View(texts));
        using var view = ml.Data.OnnxActivations(source, Options(8));
        List<(int Tag, int Position)> Pass(int seed)
        {
            using var cursor = view.GetRowCursor(view.Schema, new Random(seed));
            var found = new List<(int, int)>();
            var (values, tag, position) = (cursor.GetGetter<VBuffer<float>>(view.Schema["Activations"]),
                cursor.GetGetter<int>(view.Schema["Tag"]), cursor.GetGetter<int>(view.Schema["Position"]));
            var (value, of, at) = (default(VBuffer<float>), 0, 0);
            while (cursor.MoveNext())
            {
                values(ref value);
                tag(ref of);
                position(ref at);
                Assert.Equal(Embedding(texts[of][at]), value.DenseValues());
                found.Add((of, at));
            }
            return found;
        }
        var (order, same, other) = (Pass(1), Pass(1), Pass(2));
        Assert.Equal(order, same);
        Assert.NotEqual(order, other);
        Assert.Equal(Enumerable.Range(0, 40).SelectMany(r => Enumerable.Range(0, T).Select(t => (r, t))), order.Order());
        Assert.NotEqual(Enumerable.Range(0, 120).Select(i => i % T), order.Select(row => row.Position));
        var parallel = view.GetRowCursorSet(view.Schema, 2).SelectMany(cursor => cursor.Vectors("Activations")).ToArray();
        Assert.Equal(120, parallel.Select(row => row.Id).Distinct().Count());
    }

    [Fact]
    public void A_row_is_the_same_whether_or_not_its_batch_is_full()
    {
        AnyAutoencoder.Forms["relu"].SaveOnnx(folder["sae.onnx"]);
        var rows = Recorded.Normal(1, 64, AnyAutoencoder.D);
        float[][] First(int count)
        {
            using var view = ml.Data.OnnxActivations(Recorded.View(rows[..count]), new() { Model = folder["sae.onnx"], Tensor = "Latents", BatchSize = 64 });
            return view.Vectors("Activations")[..3];
        }
        Assert.Equal(First(64), First(3));
        Assert.Equal(First(64), First(17));
    }

    [Fact]
    public void Nothing_is_computed_where_no_activations_are_asked_for()
    {
        WriteTokens("tokens.onnx");
        var source = new RecordingView(View(Texts(3)));
        using var view = ml.Data.OnnxActivations(source, Options(2));
        Assert.Equal(9, view.GetColumn<int>("Position").Count());
        Assert.Equal([], source.Asked[^1]);
        Assert.Equal(9, view.Vectors("Activations").Length);
        Assert.Equal(["Tokens"], source.Asked[^1]);
    }

    [Fact]
    public void An_autoencoder_is_trained_on_them()
    {
        WriteTokens("tokens.onnx");
        using var view = Tokens(Texts(50), 16);
        var trained = new TopKOptions { Latents = 8, K = 1, Seed = 1, Samples = 1000, BatchSize = 32 }.Train(view);
        Assert.Equal(D, trained.Autoencoder.Dimensions);
    }

    [Fact]
    public void Weights_in_a_file_beside_the_model_are_found()
    {
        WriteWeightsApart(folder["model.onnx"], "weights.bin");
        using var view = ml.Data.OnnxActivations(Recorded.View([[1, 10]]), new() { Model = folder["model.onnx"], Tensor = "hidden" });
        Assert.Equal([[31f, 42]], view.Vectors("Activations"));
    }

    // The file is there and would do; a model says what it reads, but not from where.
    [Theory]
    [InlineData("../weights.bin")]
    [InlineData("../inside/../weights.bin")]
    [InlineData("*")]   // by its whole path
    public void Weights_in_a_file_elsewhere_are_not_read(string location)
    {
        Directory.CreateDirectory(folder["inside"]);
        WriteWeightsApart(folder["inside/model.onnx"], location == "*" ? folder["weights.bin"] : location);
        var refused = Assert.Throws<OnnxModelException>(() => ml.Data.OnnxActivations(Recorded.View([[1, 10]]), new() { Model = folder["inside/model.onnx"], Tensor = "hidden" }));
        Assert.Equal(OnnxModelReason.NotRun, refused.Reason);
    }

    void WriteWeightsApart(string model, string location)
    {
        var graph = new OnnxGraph();
        graph.Input("Activations", 2);
        graph.Node("MatMul", ["Activations", "W"], "hidden");
        graph.Node("Neg", ["hidden"], "y");
        graph.Output("y", 2);
        float[] weights = [1, 2, 3, 4];
        File.WriteAllBytes(folder["weights.bin"], System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()).ToArray());
        // onnx.proto3, TensorProto: dims 1, data_type 2 (1 is float), name 8, external_data 13 (key 1, value 2), data_location 14 (1 is external).
        byte[] entry = [.. Field(1, "location"u8.ToArray()), .. Field(2, System.Text.Encoding.UTF8.GetBytes(location))];
        byte[] tensor = [0x08, 2, 0x08, 2, 0x10, 1, .. Field(8, "W"u8.ToArray()), .. Field(13, entry), 0x70, 1];
        File.WriteAllBytes(model, [.. graph.ToModel(), .. Field(7, Field(5, tensor))]);

        static byte[] Field(int number, byte[] content) => [(byte)(number << 3 | 2), .. Length(content.Length), .. content];
        static byte[] Length(int length) => length < 128 ? [(byte)length] : [(byte)(length | 128), (byte)(length >> 7)];
    }

    [Fact]
    public void A_tensor_that_is_not_there_is_refused_with_those_there_are_the_nearest_first()
    {
        WriteTokens("tokens.onnx");
        var error = Refused(new() { Model = folder["tokens.onnx"], Tensor = "embeded", Inputs = Ids });
        Assert.Equal(OnnxModelReason.TensorMissing, error.Reason);
        Assert.Contains("no node computes a tensor \"embeded\"; there are \"embedded\", ", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"mean\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("tokens.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused()
    {
        WriteTokens("tokens.onnx");
        var options = Options(4);
        Assert.Equal(OnnxModelReason.InputMissing, Refused(options with { Inputs = new Dictionary<string, string> { ["id"] = "Tokens" } }).Reason);
        Assert.Equal(InputDataReason.MissingColumn,
            Assert.Throws<InputDataException>(() => ml.Data.OnnxActivations(View(Texts(2)), options with { Inputs = new Dictionary<string, string>() })).Reason);
        Assert.Equal(OnnxModelReason.InputUnfit, Refused(options with { Inputs = new Dictionary<string, string> { ["ids"] = "Tag" } }).Reason);
        var narrow = Assert.Throws<OnnxModelException>(() => ml.Data.OnnxActivations(View([[1, 2], [3, 4]]), options));
        Assert.Equal(OnnxModelReason.InputUnfit, narrow.Reason);
        Assert.Contains("found vectors of 2", narrow.Message, StringComparison.Ordinal);
        Assert.Throws<OptionsException>(() => ml.Data.OnnxActivations(View(Texts(2)), options with { BatchSize = 0 }));
    }

    [Fact]
    public void Tokens_in_single_precision_are_whole_or_refused()
    {
        WriteTokens("tokens.onnx");
        OnnxActivationView Of(float[][] rows) =>
            ml.Data.OnnxActivations(Recorded.View(rows), Options(4) with { Inputs = new Dictionary<string, string> { ["ids"] = "Activations" } });
        using var whole = Of([[0, 6, 2]]);
        Assert.Equal([Embedding(0), Embedding(6), Embedding(2)], whole.Vectors("Activations"));
        using var halves = Of([[0, 0.5f, 2]]);
        Assert.Equal(OnnxModelReason.InputUnfit, Assert.Throws<OnnxModelException>(() => halves.Vectors("Activations")).Reason);
        using var beyond = Of([[0, V, 2]]);
        Assert.Equal(OnnxModelReason.NotRun, Assert.Throws<OnnxModelException>(() => beyond.Vectors("Activations")).Reason);
    }

    [Theory]
    [InlineData("flat")]     // [B·T, d]: no axis for the rows
    [InlineData("where")]    // whole numbers
    [InlineData("deep")]     // [B, T, d, 1]
    public void A_tensor_of_another_form_is_refused(string tensor)
    {
        WriteTokens("tokens.onnx");
        var error = Refused(Options(4) with { Tensor = tensor });
        Assert.Equal(OnnxModelReason.TensorUnfit, error.Reason);
        Assert.Contains("expected [B, d] or [B, T, d]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_does_not_run_is_refused()
    {
        var graph = new OnnxGraph();
        graph.Input("Activations", 2);
        graph.Node("NoSuchOperator", ["Activations"], "y");
        graph.Output("y", 2);
        File.WriteAllBytes(folder["x.onnx"], graph.ToModel());
        var error = Assert.Throws<OnnxModelException>(() => ml.Data.OnnxActivations(Recorded.View([[1, 2]]), new() { Model = folder["x.onnx"], Tensor = "y" }));
        Assert.Equal(OnnxModelReason.NotRun, error.Reason);
        Assert.Contains("NoSuchOperator", error.Message, StringComparison.Ordinal);
    }

    static readonly Dictionary<string, string> Ids = new() { ["ids"] = "Tokens" };

    OnnxModelException Refused(OnnxActivationOptions options) =>
        Assert.Throws<OnnxModelException>(() => ml.Data.OnnxActivations(View(Texts(2)), options));

    OnnxActivationOptions Options(int batch) => new() { Model = folder["tokens.onnx"], Tensor = "embedded", Inputs = Ids, BatchSize = batch };

    OnnxActivationView Tokens(long[][] texts, int batch) => ml.Data.OnnxActivations(View(texts), Options(batch));

    // Tokens [N, T] to rows of a table [V, D], and on to tensors of other forms.
    void WriteTokens(string name)
    {
        var graph = new OnnxGraph();
        var table = graph.Constant([.. Enumerable.Range(0, V).SelectMany(v => Embedding(v))], V, D);
        graph.WholeInput("ids", T);
        graph.Node("Gather", [table, "ids"], "embedded");
        graph.Node("Reshape", ["embedded", graph.Constant([-1L, D], 2)], "flat");
        graph.Node("Reshape", ["embedded", graph.Constant([-1L, T, D, 1], 4)], "deep");
        graph.Node("ArgMax", ["embedded"], "where", ("axis", 2));
        graph.Node("GlobalMaxPool", ["embedded"], "max");
        graph.Node("Reshape", ["max", graph.Constant([-1L, T], 2)], "mean");
        graph.Output("mean", T);
        File.WriteAllBytes(folder[name], graph.ToModel());
    }

    static float[] Embedding(long token) => [.. Enumerable.Range(0, D).Select(c => 10f * token + c)];

    static long[][] Texts(int count) => [.. Enumerable.Range(0, count).Select(r => Enumerable.Range(0, T).Select(t => (long)((5 * r + 3 * t) % V)).ToArray())];

    sealed class Text
    {
        public long[] Tokens { get; set; } = [];
        public int Tag { get; set; }
    }

    IDataView View(long[][] texts)
    {
        var schema = SchemaDefinition.Create(typeof(Text));
        schema["Tokens"].ColumnType = new VectorDataViewType(NumberDataViewType.Int64, texts[0].Length);
        return ml.Data.LoadFromEnumerable(texts.Select((text, r) => new Text { Tokens = text, Tag = r }).ToArray(), schema);
    }
}
