using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Activations;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Activations;

public sealed class ActivationViewTests : IDisposable
{
    readonly MLContext ml = new(seed: 1);
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_are_those_of_the_array() => Gen.Select(Gen.Int[0, 40], Gen.Int[1, 9]).SelectMany(
        shape => Gen.Float[-1e6f, 1e6f].Array[shape.Item1 * shape.Item2].Select(values => (shape.Item1, shape.Item2, values)))
        .Sample((rows, d, values) =>
        {
            NpyFile.Write(folder["x.npy"], values, rows, d);
            using var view = ml.Data.LoadActivations(folder["x.npy"]);
            Assert.Equal((rows, d), (view.Rows, view.Dimensions));
            Assert.Equal(d, ((VectorDataViewType)view.Schema["Activations"].Type).Size);
            Assert.Equal(values.Chunk(d), view.Vectors("Activations"));
        }, iter: 50, threads: 1);

    [Fact]
    public void Half_and_double_precision_are_read_as_single()
    {
        NpyFile.WriteHalf(folder["half.npy"], [(Half)1.5f, (Half)(-2), (Half)65504, (Half)0.0999755859375], 2, 2);
        Assert.Equal([[1.5f, -2], [65504, 0.0999755859375f]], ml.Data.LoadActivations(folder["half.npy"]).Vectors("Activations"));
        NpyFile.WriteDouble(folder["double.npy"], [0.1, -2, 1e30, 3], 2, 2);
        Assert.Equal([[0.1f, -2], [1e30f, 3]], ml.Data.LoadActivations(folder["double.npy"]).Vectors("Activations"));
    }

    [Fact]
    public void Each_row_has_its_word()
    {
        NpyFile.Write(folder["x.npy"], [1, 2, 3, 4, 5, 6], 3, 2);
        File.WriteAllText(folder["words.txt"], "the\ncafé\n\n");   // a word may be empty; the last line end is no word
        using var view = ml.Data.LoadActivations(folder["x.npy"], folder["words.txt"]);
        Assert.Equal(["the", "café", ""], view.Words!);
        Assert.Equal(["the", "café", ""], view.GetColumn<string>("Word"));
        Assert.Equal(["Activations", "Word"], view.Schema.Select(c => c.Name));
        Assert.Equal(["Activations"], ml.Data.LoadActivations(folder["x.npy"]).Schema.Select(c => c.Name));
    }

    [Fact]
    public void Shuffled_and_parallel_cursors_keep_words_and_activations_together()
    {
        const int rows = 2500;
        NpyFile.Write(folder["x.npy"], [.. Enumerable.Range(0, rows).Select(r => (float)r)], rows, 1);
        File.WriteAllLines(folder["words.txt"], Enumerable.Range(0, rows).Select(r => $"word {r}"));
        using var view = ml.Data.LoadActivations(folder["x.npy"], folder["words.txt"]);
        using var shuffled = view.GetRowCursor(view.Schema, new Random(1));
        var order = Read(shuffled);
        Assert.Equal(Enumerable.Range(0, rows), order.Order());
        Assert.NotEqual(Enumerable.Range(0, rows), order);
        var cursors = view.GetRowCursorSet(view.Schema, 2);
        Assert.Equal(2, cursors.Length);
        Assert.Equal(Enumerable.Range(0, rows), cursors.SelectMany(Read).Order());

        List<int> Read(DataViewRowCursor cursor)
        {
            var (read, readWord) = (cursor.GetGetter<VBuffer<float>>(view.Schema["Activations"]), cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Word"]));
            var (value, word, id, found) = (default(VBuffer<float>), default(ReadOnlyMemory<char>), default(DataViewRowId), new List<int>());
            var readId = cursor.GetIdGetter();
            while (cursor.MoveNext())
            {
                read(ref value);
                readWord(ref word);
                readId(ref id);
                found.Add((int)value.GetItemOrDefault(0));
                Assert.Equal($"word {found[^1]}", word.ToString());
                Assert.Equal((ulong)found[^1], id.Low);
            }
            return found;
        }
    }

    [Theory]
    [InlineData(6)]
    [InlineData(1, 2, 3)]
    [InlineData(6, 0)]
    public void An_array_that_is_not_rows_of_numbers_is_refused(params int[] shape)
    {
        NpyFile.Write(folder["x.npy"], new float[shape.Aggregate(1, (product, size) => product * size)], shape);
        var error = Assert.Throws<InputDataException>(() => ml.Data.LoadActivations(folder["x.npy"]));
        Assert.Equal(InputDataReason.WrongSize, error.Reason);
        Assert.Contains("x.npy: expected an array [rows, d]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Words_of_another_count_are_refused(int words)
    {
        NpyFile.Write(folder["x.npy"], new float[6], 3, 2);
        File.WriteAllLines(folder["words.txt"], Enumerable.Repeat("word", words));
        var error = Assert.Throws<InputDataException>(() => ml.Data.LoadActivations(folder["x.npy"], folder["words.txt"]));
        Assert.Equal(InputDataReason.WrongSize, error.Reason);
        Assert.Contains("words.txt", error.Message, StringComparison.Ordinal);
        Assert.Contains($"3 rows", error.Message, StringComparison.Ordinal);
        Assert.Contains($"found {words} lines", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_not_there_or_no_arrays_are_refused()
    {
        Assert.Throws<FileNotFoundException>(() => ml.Data.LoadActivations(folder["x.npy"]));
        File.WriteAllText(folder["x.npy"], "1 2 3");
        Assert.Equal(NpyReason.NotNpy, Assert.Throws<NpyException>(() => ml.Data.LoadActivations(folder["x.npy"])).Reason);
        NpyFile.Write(folder["x.npy"], new float[6], 3, 2);
        Assert.Throws<FileNotFoundException>(() => ml.Data.LoadActivations(folder["x.npy"], folder["words.txt"]));
    }

    [Fact]
    public void A_NaN_is_found_when_it_is_trained_on_and_an_array_of_no_rows_too()
    {
        NpyFile.Write(folder["x.npy"], [1, 2, 3, 4, float.NaN, 6], 3, 2);
        var options = new TopKOptions { Latents = 3, K = 1, Seed = 1, Samples = 30, BatchSize = 3 };
        InputDataException Refused()
        {
            using var view = ml.Data.LoadActivations(folder["x.npy"]);
            return Assert.Throws<InputDataException>(() => ml.Transforms.SparseAutoencoder("Latents", "Activations", options).Fit(view));
        }
        var error = Refused();
        Assert.Equal(InputDataReason.NotFinite, error.Reason);
        Assert.Contains("row 2, slot 0", error.Message, StringComparison.Ordinal);
        NpyFile.Write(folder["x.npy"], Array.Empty<float>(), 0, 2);
        Assert.Equal(InputDataReason.Empty, Refused().Reason);
    }
}
