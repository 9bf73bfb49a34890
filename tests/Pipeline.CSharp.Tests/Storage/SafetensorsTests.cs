using System.Text;
using CsCheck;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class SafetensorsTests
{
    static readonly Gen<StoredArray> Arrays =
        from type in Gen.Enum<ElementType>()
        from shape in Gen.Long[0, 4].Array[0, 3]
        let length = (int)shape.Aggregate(1L, (product, axis) => product * axis) * type.Size()
        from bytes in Gen.Byte.Array[length]
        select StoredArray.OfBytes(type, bytes, shape);

    /// <summary>Any Unicode text: half surrogate pairs are made whole, as a tensor's name must be.</summary>
    static readonly Gen<string> Names = Gen.String.Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    static readonly Gen<Dictionary<string, StoredArray>> Tensors =
        Gen.Dictionary(Names.Where(name => name != "__metadata__"), Arrays)[0, 8];

    [Fact]
    public void What_is_written_is_read_back_bit_for_bit() =>
        Gen.Select(Tensors, Gen.Dictionary(Names, Names)[0, 4]).Sample((tensors, metadata) =>
        {
            var read = Read(Write(tensors, metadata));
            Assert.Equal(metadata, read.Metadata);
            Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), read.Keys.Order(StringComparer.Ordinal));
            foreach (var (name, array) in tensors)
            {
                Assert.Equal(array.Type, read[name].Type);
                Assert.Equal(array.Shape, read[name].Shape);
                Assert.True(array.Bytes.Span.SequenceEqual(read[name].Bytes.Span));
            }
        });

    [Fact]
    public void The_order_tensors_are_given_in_does_not_change_a_byte() =>
        Gen.Select(Tensors, Gen.Int).Sample((tensors, seed) =>
        {
            var shuffled = tensors.ToArray();
            new Random(seed).Shuffle(shuffled);
            return Write(tensors).AsSpan().SequenceEqual(Write(shuffled));
        });

    [Fact]
    public void The_example_of_the_format_is_read_and_written() // huggingface/safetensors, safetensors/src/tensor.rs
    {
        var example = Encoding.ASCII.GetBytes(
            "<\0\0\0\0\0\0\0" + """{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}""" + new string('\0', 16));
        var read = Read(example);
        Assert.Equal(new double[2, 2], read["test"].ToMatrix());
        Assert.Equal(ElementType.I32, read["test"].Type);
        // Our header is padded to a multiple of 8 bytes, and 60 is none: four blanks more, as the reference writes it today.
        byte[] padded = [(byte)'@', .. example[1..68], .. "    "u8, .. example[68..]];
        Assert.Equal(padded, Write(read));
    }

    [Fact]
    public void Widest_types_come_first_and_then_names_in_byte_order()
    {
        var tensors = new Dictionary<string, StoredArray>
        {
            ["b"] = StoredArray.Of([1f], 1),
            ["a"] = StoredArray.Of([1f], 1),
            ["B"] = StoredArray.Of([1f], 1),
            ["\uFFFD"] = StoredArray.Of([1f], 1), // before the next in bytes, after it in UTF-16
            ["\U0001F600"] = StoredArray.Of([1f], 1),
            ["long"] = StoredArray.Of([1L], 1),
            ["byte"] = StoredArray.OfBytes(ElementType.U8, new byte[1], 1),
        };
        Assert.Equal(["long", "B", "a", "b", "\uFFFD", "\U0001F600", "byte"], Read(Write(tensors)).Keys);
    }

    [Fact]
    public void Tensors_begin_on_a_multiple_of_8_bytes() =>
        Tensors.Sample(tensors => BitConverter.ToUInt64(Write(tensors)) % 8 == 0);

    [Fact]
    public void Tensors_are_listed_in_the_order_of_their_bytes()
    {
        var first = SafetensorsBytes.Entry("first", "U8", "1", "0,1");
        var second = SafetensorsBytes.Entry("second", "U8", "1", "1,2");
        Assert.Equal(["first", "second"], Read(SafetensorsBytes.Of($"{{{second},{first}}}  ", 2)).Keys);
    }

    [Fact]
    public void A_file_is_written_and_read_by_its_path()
    {
        using var folder = new TemporaryFolder();
        var path = folder["weights.safetensors"];
        var metadata = new Dictionary<string, string> { ["step"] = "7" };
        Safetensors.Write(path, [new("W", StoredArray.Of([1f, 2, 3, 4], 2, 2))], metadata);
        var read = Safetensors.Read(path);
        Assert.Equal([1, 2, 3, 4], read["W"].ToSingles());
        Assert.Equal("7", read.Metadata["step"]);
        Assert.Equal(["weights.safetensors"], folder.Names());
    }

    [Fact]
    public void A_missing_tensor_is_named_beside_those_there_are()
    {
        var read = Read(Write([new("W_dec", StoredArray.Of([1f], 1)), new("b_dec", StoredArray.Of([1f], 1))]));
        var error = Assert.Throws<SafetensorsException>(() => read["W_enc"]);
        Assert.Equal(SafetensorsReason.TensorMissing, error.Reason);
        Assert.Equal("memory: there is no tensor \"W_enc\"; there are \"W_dec\", \"b_dec\".", error.Message);
    }

    [Fact]
    public void A_tensor_of_another_shape_than_must_be_is_refused()
    {
        var read = Read(Write([new("W", StoredArray.Of(new float[6], 2, 3))]));
        Assert.Equal(6, read.Shaped("W", 2, 3).Count);
        Assert.Equal(SafetensorsReason.ShapeUnexpected, Assert.Throws<SafetensorsException>(() => read.Shaped("W", 3, 2)).Reason);
    }

    internal static byte[] Write(
        IEnumerable<KeyValuePair<string, StoredArray>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    internal static SafetensorsFile Read(byte[] bytes) => Safetensors.Read(new MemoryStream(bytes), "memory");
}
