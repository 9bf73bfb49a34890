using Superposition.Storage;
using Xunit;
using static Superposition.Tests.Storage.SafetensorsBytes;

namespace Superposition.Tests.Storage;

public sealed class SafetensorsErrorTests
{
    static string ManyAxes => string.Join(",", Enumerable.Repeat(1, 65));

    /// <summary>A reason, a header, and how many bytes follow it.</summary>
    public static TheoryData<SafetensorsReason, string, int> Headers => new()
    {
        { SafetensorsReason.HeaderNotJson, "", 0 },
        { SafetensorsReason.HeaderNotJson, " {}", 0 },
        { SafetensorsReason.HeaderNotJson, "[]", 0 },
        { SafetensorsReason.HeaderNotJson, "{", 0 },
        { SafetensorsReason.HeaderNotJson, "{}{}", 0 },
        { SafetensorsReason.HeaderNotJson, "{}\0\0", 0 },
        { SafetensorsReason.HeaderNotJson, "{/**/}", 0 },
        { SafetensorsReason.HeaderNotJson, """{"\ud800":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 1 },
        { SafetensorsReason.HeaderNotJson, """{"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}}""", 1 },
        { SafetensorsReason.HeaderNotJson, $$"""{"a":{"shape":{{new string('[', 100_000)}}""", 0 },
        { SafetensorsReason.DuplicateTensor, $$"""{{{Entry("a", "U8", "", "0,1")}},{{Entry("a", "U8", "", "1,2")}}}""", 2 },
        { SafetensorsReason.DuplicateTensor, """{"__metadata__":{},"__metadata__":{}}""", 0 },
        { SafetensorsReason.DuplicateKey, """{"a":{"dtype":"U8","dtype":"I8","shape":[],"data_offsets":[0,1]}}""", 1 },
        { SafetensorsReason.DuplicateKey, """{"a":{"dtype":"U8","shape":[],"shape":[],"data_offsets":[0,1]}}""", 1 },
        { SafetensorsReason.DuplicateKey, """{"__metadata__":{"k":"1","k":"2"}}""", 0 },
        { SafetensorsReason.MetadataNotStrings, """{"__metadata__":{"k":1}}""", 0 },
        { SafetensorsReason.MetadataNotStrings, """{"__metadata__":["k"]}""", 0 },
        { SafetensorsReason.EntryMalformed, """{"a":1}""", 0 },
        { SafetensorsReason.EntryMalformed, """{"a":{}}""", 0 },
        { SafetensorsReason.EntryMalformed, """{"a":{"dtype":"U8","shape":[]}}""", 0 },
        { SafetensorsReason.EntryMalformed, """{"a":{"dtype":7,"shape":[],"data_offsets":[0,1]}}""", 1 },
        { SafetensorsReason.EntryMalformed, """{"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}""", 1 },
        { SafetensorsReason.EntryMalformed, """{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1],"scale":"2"}}""", 1 },
        { SafetensorsReason.EntryMalformed, $$"""{{{Entry("a", "U8", "1.0", "0,1")}}}""", 1 },
        { SafetensorsReason.EntryMalformed, $$"""{{{Entry("a", "U8", "\"1\"", "0,1")}}}""", 1 },
        { SafetensorsReason.EntryMalformed, $$"""{{{Entry("a", "U8", "", "0")}}}""", 1 },
        { SafetensorsReason.EntryMalformed, $$"""{{{Entry("a", "U8", "", "0,1,2")}}}""", 1 },
        { SafetensorsReason.EntryMalformed, $$"""{{{Entry("a", "U8", ManyAxes, "0,1")}}}""", 1 },
        { SafetensorsReason.UnknownType, $$"""{{{Entry("a", "F8_E4M3", "1", "0,1")}}}""", 1 },
        { SafetensorsReason.UnknownType, $$"""{{{Entry("a", "u8", "1", "0,1")}}}""", 1 },
        { SafetensorsReason.UnknownType, $$"""{{{Entry("a", "1", "1", "0,1")}}}""", 1 },
        { SafetensorsReason.NegativeShape, $$"""{{{Entry("a", "U8", "-1", "0,1")}}}""", 1 },
        { SafetensorsReason.NegativeShape, $$"""{{{Entry("a", "U8", "-1,-1", "0,1")}}}""", 1 },
        { SafetensorsReason.ShapeOverflow, $$"""{{{Entry("a", "U8", "4294967296,4294967296", "0,0")}}}""", 0 },
        { SafetensorsReason.ShapeOverflow, $$"""{{{Entry("a", "U8", "9223372036854775807,2,0", "0,0")}}}""", 0 },
        { SafetensorsReason.ShapeOverflow, $$"""{{{Entry("a", "F64", "2305843009213693952", "0,0")}}}""", 0 },
        { SafetensorsReason.RangeInvalid, $$"""{{{Entry("a", "U8", "1", "1,0")}}}""", 1 },
        { SafetensorsReason.RangeInvalid, $$"""{{{Entry("a", "U8", "1", "-1,0")}}}""", 1 },
        { SafetensorsReason.ShapeMismatch, $$"""{{{Entry("a", "F32", "2", "0,4")}}}""", 4 },
        { SafetensorsReason.RangeOutsideFile, $$"""{{{Entry("a", "F32", "2", "0,8")}}}""", 7 },
        { SafetensorsReason.RangeOutsideFile, $$"""{{{Entry("a", "U8", "1099511627776", "0,1099511627776")}}}""", 0 },
        { SafetensorsReason.RangesOverlap, $$"""{{{Entry("a", "U8", "4", "0,4")}},{{Entry("b", "U8", "4", "3,7")}}}""", 7 },
        { SafetensorsReason.RangesOverlap, $$"""{{{Entry("a", "U8", "4", "0,4")}},{{Entry("b", "U8", "4", "0,4")}}}""", 4 },
        { SafetensorsReason.RangesOverlap, $$"""{{{Entry("a", "U8", "4", "0,4")}},{{Entry("b", "U8", "0", "2,2")}}}""", 4 },
        { SafetensorsReason.Hole, $$"""{{{Entry("a", "U8", "4", "0,4")}},{{Entry("b", "U8", "4", "5,9")}}}""", 9 },
        { SafetensorsReason.Hole, $$"""{{{Entry("a", "U8", "4", "1,5")}}}""", 5 },
        { SafetensorsReason.TrailingBytes, $$"""{{{Entry("a", "U8", "4", "0,4")}}}""", 5 },
        { SafetensorsReason.TrailingBytes, "{}", 1 },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_header_that_breaks_a_rule_is_refused(SafetensorsReason reason, string header, int bufferLength) =>
        Assert.Equal(reason, ReasonOf(Of(header, bufferLength)));

    [Fact]
    public void A_length_that_cannot_be_is_refused()
    {
        Assert.Equal(SafetensorsReason.FileTooShort, ReasonOf([]));
        Assert.Equal(SafetensorsReason.FileTooShort, ReasonOf([2, 0, 0, 0, 0, 0, 0]));
        Assert.Equal(SafetensorsReason.HeaderTooLong, ReasonOf(Of(100_000_001, "{}"u8.ToArray(), 0)));
        Assert.Equal(SafetensorsReason.HeaderTooLong, ReasonOf(Of(ulong.MaxValue, "{}"u8.ToArray(), 0)));
        Assert.Equal(SafetensorsReason.HeaderOutsideFile, ReasonOf(Of(100_000_000, "{}"u8.ToArray(), 0)));
        Assert.Equal(SafetensorsReason.HeaderNotJson, ReasonOf(Of(3, [(byte)'{', 0xFF, (byte)'}'], 0)));
    }

    [Fact]
    public void A_tensor_beyond_2_GB_is_refused_though_the_file_has_it()
    {
        using var folder = new TemporaryFolder();
        var header = Of($$"""{{{Entry("a", "U8", "2147483648", "0,2147483648")}}}""", 0);
        using (var stream = File.Create(folder["large"]))
        {
            stream.Write(header);
            stream.SetLength(header.Length + 2147483648L); // a hole in the file: no disk is used
        }
        var error = Assert.Throws<SafetensorsException>(() => Safetensors.Read(folder["large"]));
        Assert.Equal(SafetensorsReason.TensorTooLarge, error.Reason);
    }

    [Fact]
    public void A_tensor_cannot_have_a_name_that_would_not_be_read_back()
    {
        foreach (var name in new[] { "__metadata__", "half \ud800 pair" })
            Assert.Equal(SafetensorsReason.NameInvalid, WriteReason([new(name, StoredArray.Of([1f], 1))]));
    }

    [Fact]
    public void Two_tensors_of_one_name_are_not_written() => Assert.Equal(SafetensorsReason.DuplicateTensor,
        WriteReason([new("a", StoredArray.Of([1f], 1)), new("a", StoredArray.Of([1L], 1))]));

    [Fact]
    public void A_message_says_expected_found_where_and_what_to_do()
    {
        var file = Of($$"""{{{Entry("W_dec", "F32", "4096,512", "0,8388608")}}}""", 5000);
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsTests.Read(file));
        Assert.Equal("SafetensorsException (RangeOutsideFile): memory: tensor \"W_dec\" [4096, 512] F32 needs bytes 0…8388608, "
            + "the file holds 5000. The file is cut short: copy it again.", error.Summary);
    }

    [Theory]
    [InlineData("U8", "1000000000", "0,1000000000")]
    [InlineData("F64", "4611686018427387904", "0,4611686018427387904")]
    public void A_header_that_lies_about_sizes_costs_no_memory(string type, string shape, string range)
    {
        var lie = new MemoryStream(Of($$"""{{{Entry("a", type, shape, range)}}}""", 100));
        var longHeader = new MemoryStream(Of(99_999_999, "{}"u8.ToArray(), 0));
        Assert.Throws<SafetensorsException>(() => Safetensors.Read(lie, "warm up"));
        lie.Position = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SafetensorsException>(() => Safetensors.Read(lie, "lie"));
        Assert.Throws<SafetensorsException>(() => Safetensors.Read(longHeader, "lie"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    static SafetensorsReason ReasonOf(byte[] bytes) =>
        Assert.Throws<SafetensorsException>(() => SafetensorsTests.Read(bytes)).Reason;

    static SafetensorsReason WriteReason(KeyValuePair<string, StoredArray>[] tensors) =>
        Assert.Throws<SafetensorsException>(() => SafetensorsTests.Write(tensors)).Reason;
}
