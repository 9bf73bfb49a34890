using System.Buffers.Binary;
using Superposition.Models;
using Xunit;

namespace Superposition.Tests.Models;

public sealed class LlamaCheckpointTests
{
    static readonly byte[] Whole = File.ReadAllBytes(Path.Combine(Stories.Folder, "checkpoint.bin"));

    [Fact]
    public void Every_float_of_stories260K_is_where_its_layout_says()
    {
        var (config, weights) = Read(Whole);
        Assert.Equal(new LlamaConfig { Dimensions = 64, Hidden = 172, Layers = 5, Heads = 8, KeyValueHeads = 4, Vocabulary = 512, Context = 512 }, config);
        Assert.Same(weights.Embedding, weights.Head);
        float[] read =
        [
            .. Flat(weights.Embedding), .. weights.Blocks.SelectMany(block => block.AttentionNorm), .. weights.Blocks.SelectMany(block => Flat(block.Query)),
            .. weights.Blocks.SelectMany(block => Flat(block.Key)), .. weights.Blocks.SelectMany(block => Flat(block.Value)),
            .. weights.Blocks.SelectMany(block => Flat(block.Output)), .. weights.Blocks.SelectMany(block => block.FeedForwardNorm),
            .. weights.Blocks.SelectMany(block => Flat(block.Gate)), .. weights.Blocks.SelectMany(block => Flat(block.Down)),
            .. weights.Blocks.SelectMany(block => Flat(block.Up)), .. weights.FinalNorm,
        ];
        var rotary = 2 * 512 * 4;
        Assert.Equal(264_128, read.Length + rotary);
        for (var i = 0; i < read.Length; i++) Assert.Equal(BinaryPrimitives.ReadSingleLittleEndian(Whole.AsSpan(28 + 4 * i)), read[i]);
    }

    [Fact]
    public void A_negative_vocabulary_means_a_head_of_its_own_behind_the_rotary_tables()
    {
        var untied = Whole.Concat(new byte[512 * 64 * 4]).ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(untied.AsSpan(20), -512);
        BinaryPrimitives.WriteSingleLittleEndian(untied.AsSpan(untied.Length - 4), 2.5f);
        var (config, weights) = Read(untied);
        Assert.Equal(512, config.Vocabulary);
        Assert.Equal(2.5f, weights.Head[511, 63]);
        Assert.Equal(0, weights.Head[0, 0]);
    }

    [Theory]
    [InlineData(0, ModelFileReason.CutShort)]
    [InlineData(27, ModelFileReason.CutShort)]
    [InlineData(28, ModelFileReason.CutShort)]
    [InlineData(1_056_539, ModelFileReason.CutShort)]
    public void A_file_cut_short_is_refused(int length, ModelFileReason reason) => Assert.Equal(reason, Refused(Whole[..length]));

    [Fact]
    public void Bytes_behind_the_model_are_refused() => Assert.Equal(ModelFileReason.TrailingBytes, Refused([.. Whole, 0]));

    [Theory]
    [InlineData(0, 0)]                // no dimensions
    [InlineData(0, 65)]               // not a multiple of the heads
    [InlineData(8, -5)]
    [InlineData(12, int.MaxValue)]
    [InlineData(16, 3)]               // 8 query heads do not share 3
    [InlineData(20, int.MinValue)]
    [InlineData(24, 1 << 30)]
    public void A_header_that_no_model_has_is_refused(int at, int value)
    {
        var bytes = Whole.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        Assert.Equal(ModelFileReason.WrongShape, Refused(bytes));
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_refused_by_its_name()
    {
        var bytes = Whole.ToArray();
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(28 + 4 * (512 * 64 + 7)), float.NaN);
        Assert.Equal(ModelFileReason.NotFinite, Refused(bytes, "att_norm of layer 0"));
    }

    static IEnumerable<float> Flat(float[,] matrix) => matrix.Cast<float>();

    static ModelFileReason Refused(byte[] bytes, string named = "")
    {
        var refused = Assert.Throws<ModelFileException>(() => Read(bytes));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        return refused.Reason;
    }

    static (LlamaConfig Config, LlamaWeights Weights) Read(byte[] bytes)
    {
        using var file = new TemporaryFile();
        File.WriteAllBytes(file.Path, bytes);
        return LlamaCheckpoint.Read(file.Path);
    }
}
