using System.Runtime.InteropServices;
using CsCheck;
using Microsoft.ML;
using Superposition.Activations;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Activations;

public sealed class ActivationShardsTests : IDisposable
{
    readonly MLContext ml = new(seed: 1);
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Shards_of_both_kinds_follow_one_another_by_name() =>
        Gen.Select(Gen.Int[1, 5], Gen.Select(Gen.Int[0, 6], Gen.Bool).Array[1, 6], Gen.Int[0, 1000]).Sample((d, shards, seed) =>
        {
            using var own = new TemporaryFolder();
            File.WriteAllText(own["notes.txt"], "neither of them");
            var expected = new List<float[]>();
            for (var s = 0; s < shards.Length; s++)
            {
                var values = Enumerable.Range(0, shards[s].Item1 * d).Select(i => seed + 100f * s + i).ToArray();
                expected.AddRange(values.Chunk(d));
                if (shards[s].Item2) NpyFile.Write(own[$"shard-{s}.npy"], values, shards[s].Item1, d);
                else Safetensors.Write(own[$"shard-{s}.safetensors"], [new("x", StoredArray.Of(values, shards[s].Item1, d))]);
            }
            using var view = ml.Data.LoadActivations(own[""]);
            Assert.Equal((expected.Count, d), ((int)view.Rows, view.Dimensions));
            Assert.Equal(expected, view.Vectors("Activations"));

            using var all = ActivationShards.Open(own[""], new());
            for (var first = 0; first <= expected.Count; first++)   // blocks that end and begin anywhere
            {
                var block = new float[(expected.Count - first) * d];
                all.Fill(first, expected.Count - first, block);
                Assert.Equal(expected.Skip(first).SelectMany(row => row), block);
            }
        }, iter: 40, threads: 1);

    [Theory]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.F64)]
    public void A_tensor_of_any_precision_is_read_as_it_is_in_memory(ElementType type) =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9]).SelectMany((rows, d) => Gen.Byte.Array[rows * d * type.Size()].Select(bytes => (rows, d, bytes)))
        .Sample((rows, d, bytes) =>
        {
            using var own = new TemporaryFolder();
            var array = StoredArray.OfBytes(type, bytes, rows, d);
            Safetensors.Write(own["x.safetensors"], [new("norms", StoredArray.Of(new float[rows], rows)), new("x", array)]);
            using var view = ml.Data.LoadActivations(own["x.safetensors"]);
            Assert.Equal(Bits(array.ToSingles()), Bits([.. view.Vectors("Activations").SelectMany(row => row)]));
        }, iter: 20, threads: 1);

    [Fact]
    public void One_tensor_of_several_is_read_by_its_name()
    {
        Safetensors.Write(folder["x.safetensors"],
            [new("resid_pre", StoredArray.Of([1f, 2], 1, 2)), new("resid_post", StoredArray.Of([3f, 4, 5, 6], 2, 2)), new("norms", StoredArray.Of([1f], 1))]);
        using (var view = ml.Data.LoadActivations(folder["x.safetensors"], options: new() { Tensor = "resid_post" }))
            Assert.Equal([[3f, 4], [5, 6]], view.Vectors("Activations"));

        var unnamed = Assert.Throws<SafetensorsException>(() => ml.Data.LoadActivations(folder["x.safetensors"]));
        Assert.Equal(SafetensorsReason.TensorMissing, unnamed.Reason);
        Assert.Contains("expected one tensor [rows, d], found \"resid_post\", \"resid_pre\" among", unnamed.Message, StringComparison.Ordinal);

        var misspelt = Assert.Throws<SafetensorsException>(() => ml.Data.LoadActivations(folder["x.safetensors"], options: new() { Tensor = "resid_pst" }));
        Assert.Equal(SafetensorsReason.TensorMissing, misspelt.Reason);
        Assert.Contains("there are \"resid_post\", \"resid_pre\"", misspelt.Message, StringComparison.Ordinal);

        var flat = Assert.Throws<InputDataException>(() => ml.Data.LoadActivations(folder["x.safetensors"], options: new() { Tensor = "norms" }));
        Assert.Equal(InputDataReason.WrongSize, flat.Reason);
    }

    [Fact]
    public void Shards_of_different_width_are_refused_with_both_names()
    {
        NpyFile.Write(folder["a.npy"], new float[6], 2, 3);
        NpyFile.Write(folder["b.npy"], new float[6], 2, 3);
        Safetensors.Write(folder["c.safetensors"], [new("x", StoredArray.Of(new float[8], 2, 4))]);
        var error = Assert.Throws<InputDataException>(() => ml.Data.LoadActivations(folder[""]));
        Assert.Equal(InputDataReason.WrongSize, error.Reason);
        Assert.Contains(folder["c.safetensors"], error.Message, StringComparison.Ordinal);
        Assert.Contains("expected rows of 3 numbers, as", error.Message, StringComparison.Ordinal);
        Assert.Contains(folder["a.npy"], error.Message, StringComparison.Ordinal);
        Assert.Contains("found rows of 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_that_is_cut_short_or_goes_on_is_refused_before_any_row_is_read()
    {
        NpyFile.Write(folder["a.npy"], new float[6], 2, 3);
        Safetensors.Write(folder["b.safetensors"], [new("x", StoredArray.Of(new float[6], 2, 3))]);
        foreach (var name in new[] { "a.npy", "b.safetensors" })
        {
            var whole = File.ReadAllBytes(folder[name]);
            File.WriteAllBytes(folder[name], whole[..^1]);
            Assert.Contains(name, Assert.ThrowsAny<StorageException>(() => ml.Data.LoadActivations(folder[""])).Where, StringComparison.Ordinal);
            File.WriteAllBytes(folder[name], [.. whole, 0]);
            Assert.Contains(name, Assert.ThrowsAny<StorageException>(() => ml.Data.LoadActivations(folder[""])).Where, StringComparison.Ordinal);
            File.WriteAllBytes(folder[name], whole);
        }
        using var view = ml.Data.LoadActivations(folder[""]);
        Assert.Equal(4, view.Rows);
    }

    [Fact]
    public void A_file_that_another_writer_cuts_short_stops_the_pass_and_not_the_process()
    {
        NpyFile.Write(folder["a.npy"], new float[6], 2, 3);
        using var view = ml.Data.LoadActivations(folder["a.npy"]);
        File.WriteAllBytes(folder["a.npy"], File.ReadAllBytes(folder["a.npy"])[..^4]);
        Assert.Throws<EndOfStreamException>(() => view.Vectors("Activations"));
    }

    [Fact]
    public void A_folder_without_shards_and_options_that_do_not_fit_are_refused()
    {
        Assert.Equal(InputDataReason.Empty, Assert.Throws<InputDataException>(() => ml.Data.LoadActivations(folder[""])).Reason);
        NpyFile.Write(folder["a.npy"], new float[6], 2, 3);
        Assert.Throws<OptionsException>(() => ml.Data.LoadActivations(folder["a.npy"], options: new() { Tensor = "x" }));
        Assert.Throws<OptionsException>(() => ml.Data.LoadActivations(folder["a.npy"], options: new() { BufferBytes = 0 }));
    }

    [Fact]
    public void An_array_beyond_2_GB_is_read_where_it_lies()
    {
        const long Rows = (1L << 31) / 64 + 1000;
        NpyFile.Write(folder["large.npy"], [], 0, 16);
        var header = File.ReadAllBytes(folder["large.npy"]);
        var text = System.Text.Encoding.ASCII.GetString(header).Replace("(0,16,), }" + new string(' ', Rows.ToString().Length - 1), $"({Rows},16,), }}");
        using (var stream = File.Create(folder["large.npy"]))
        {
            stream.Write([header[0], .. System.Text.Encoding.ASCII.GetBytes(text)[1..]]);
            stream.SetLength(header.Length + Rows * 64);   // a hole in the file: no disk is used
            stream.Position = stream.Length - 4;
            stream.Write(MemoryMarshal.AsBytes<float>([7f]));
        }
        using var view = ml.Data.LoadActivations(folder["large.npy"]);
        Assert.Equal(Rows, view.Rows);
        using var shards = ActivationShards.Open(folder["large.npy"], new());
        var row = new float[16];
        shards.Fill(Rows - 1, 1, row);
        Assert.Equal([.. new float[15], 7f], row);
    }

    static uint[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToUInt32Bits)];
}
