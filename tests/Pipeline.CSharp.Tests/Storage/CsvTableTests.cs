using System.Globalization;
using System.Text;
using CsCheck;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class CsvTableTests
{
    static readonly Gen<string> AnyText = Gen.OneOf(Gen.String, Gen.String["a,\"\r\n; "]);

    [Fact]
    public void Any_text_comes_back_as_it_was() =>
        Gen.Int[1, 4].SelectMany(columns => AnyText.Array[columns].Array[0, 6]).Sample(rows =>
        {
            var table = new CsvTable([.. Enumerable.Range(0, rows.Length == 0 ? 2 : rows[0].Length).Select(i => $"c{i}")]);
            foreach (var row in rows) table.Add(row);
            var read = CsvTable.Parse(table.ToString(), "text");
            Assert.Equal(table.Columns, read.Columns);
            Assert.Equal(rows, Enumerable.Range(0, read.Count).Select(row => read.Row(row).ToArray()));
        });

    [Fact]
    public void Any_number_comes_back_bit_for_bit() =>
        Gen.Double.Array[1, 5].Sample(numbers =>
        {
            var table = new CsvTable("x");
            foreach (var number in numbers) table.Add(number);
            return CsvTable.Parse(table.ToString(), "text").Numbers("x").SequenceEqual(numbers);
        });

    [Fact]
    public void Numbers_are_written_for_every_country_alike()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var format = new NumberFormatInfo { NumberDecimalSeparator = ",", NegativeSign = "~" };
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = format };
            var table = new CsvTable("step", "loss", "name", "dead", "note");
            table.Add(1L, -0.1, "a,b", true, null);
            table.Add(-2, float.NaN, "say \"it\"", false, double.NegativeInfinity);
            Assert.Equal(""""
                step,loss,name,dead,note
                1,-0.1,"a,b",true,
                -2,NaN,"say ""it""",false,-Infinity

                """".ReplaceLineEndings("\n"), table.ToString());
            Assert.Equal([-0.1, double.NaN], table.Numbers("loss"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("a,b\n1,2\n3,4\n")]
    [InlineData("a,b\r\n1,2\r\n3,4\r\n")]
    [InlineData("a,b\n1,2\n3,4")]
    [InlineData("\"a\",b\n\"1\",2\n3,\"4\"")]
    public void Lines_end_as_they_like(string text)
    {
        var table = CsvTable.Parse(text, "text");
        Assert.Equal(["a", "b"], table.Columns);
        Assert.Equal(["1", "3"], table.Column("a"));
        Assert.Equal("4", table[1, "b"]);
    }

    [Theory]
    [InlineData(CsvReason.NoHeader, "")]
    [InlineData(CsvReason.DuplicateColumn, "a,a\n")]
    [InlineData(CsvReason.RaggedRow, "a,b\n1\n")]
    [InlineData(CsvReason.RaggedRow, "a,b\n1,2,3\n")]
    [InlineData(CsvReason.RaggedRow, "a,b\n1,2\n\n")]
    [InlineData(CsvReason.BadQuote, "a,b\n\"1,2\n")]
    [InlineData(CsvReason.BadQuote, "a,b\n\"1\"x,2\n")]
    [InlineData(CsvReason.BadQuote, "a,b\nx\"1\",2\n")]
    public void Text_that_is_no_table_is_refused_for_its_reason(CsvReason reason, string text) =>
        Assert.Equal(reason, Assert.Throws<CsvException>(() => CsvTable.Parse(text, "text")).Reason);

    [Fact]
    public void What_is_asked_for_and_not_there_is_named()
    {
        var table = CsvTable.Parse("step,loss\n1,low\n", "metrics.csv");
        var missing = Assert.Throws<CsvException>(() => table.Column("lost"));
        Assert.Equal((CsvReason.ColumnMissing,
            "metrics.csv: there is no column \"lost\"; there are \"step\", \"loss\"."), (missing.Reason, missing.Message));
        var value = Assert.Throws<CsvException>(() => table.Numbers("loss"));
        Assert.Equal(CsvReason.BadValue, value.Reason);
        Assert.Contains("row 1, column \"loss\"", value.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_UTF_8_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var table = new CsvTable("θ");
        table.Add("é");
        table.Write(folder["table.csv"]);
        Assert.Equal("θ\né\n"u8, File.ReadAllBytes(folder["table.csv"]));
        Assert.Equal(["é"], CsvTable.Read(folder["table.csv"]).Column("θ"));
        File.WriteAllBytes(folder["table.csv"], Encoding.Latin1.GetBytes("a\né\n"));
        Assert.Equal(CsvReason.NotText, Assert.Throws<CsvException>(() => CsvTable.Read(folder["table.csv"])).Reason);
        // A mark of UTF-16 does not make it another text than the bytes are.
        File.WriteAllBytes(folder["table.csv"], [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a\n1\n")]);
        Assert.Equal(CsvReason.NotText, Assert.Throws<CsvException>(() => CsvTable.Read(folder["table.csv"])).Reason);
        File.WriteAllBytes(folder["table.csv"], [0xEF, 0xBB, 0xBF, .. "a\n1\n"u8]);
        Assert.Equal(["a"], CsvTable.Read(folder["table.csv"]).Columns);
    }
}
