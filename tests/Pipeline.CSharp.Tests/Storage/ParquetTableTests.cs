using Parquet;
using Parquet.Schema;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class ParquetTableTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static CsvTable Table()
    {
        var table = new CsvTable("cell", "density", "nothing", "status", "error");
        table.Add(long.MaxValue, 0.1, null, "1", null);
        table.Add(-1L, double.NaN, null, "2", "a,\"b\"");
        return table;
    }

    [Fact]
    public async Task Columns_have_the_types_of_their_fields_and_what_is_missing_is_null()
    {
        ParquetTable.Write(folder["t.parquet"], Table(), "status", "error");
        var cancellation = TestContext.Current.CancellationToken;
        await using var reader = await ParquetReader.CreateAsync(folder["t.parquet"], cancellationToken: cancellation);
        var fields = reader.Schema.GetDataFields();
        Assert.Equal(["cell", "density", "nothing", "status", "error"], fields.Select(field => field.Name));
        using var rows = reader.OpenRowGroupReader(0);
        Assert.Equal([long.MaxValue, -1L], await Values<long>(fields[0]));
        Assert.Equal([0.1, double.NaN], await Values<double>(fields[1]));
        Assert.Equal([null, null], await Values<double>(fields[2]));
        Assert.Equal(["1", "2"], await Texts(fields[3]));
        Assert.Equal([null, "a,\"b\""], await Texts(fields[4]));

        async Task<T?[]> Values<T>(DataField field) where T : struct
        {
            var values = new T?[2];
            await rows.ReadAsync<T>(field, values, cancellationToken: cancellation);
            return values;
        }

        async Task<string?[]> Texts(DataField field)
        {
            var values = new string[2];
            await rows.ReadAsync(field, values, cancellationToken: cancellation);
            return values;
        }
    }

    [Fact]
    public void The_same_table_has_the_same_bytes()
    {
        ParquetTable.Write(folder["a.parquet"], Table());
        ParquetTable.Write(folder["b.parquet"], Table());
        Assert.Equal(File.ReadAllBytes(folder["a.parquet"]), File.ReadAllBytes(folder["b.parquet"]));
    }
}
