using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.DataViews;

public sealed class SourceColumnTests
{
    static readonly MLContext Ml = new(seed: 1);

    sealed class Columns
    {
        [VectorType(3)] public float[] X { get; set; } = [1, 2, 3];
        [VectorType(3)] public double[] Doubles { get; set; } = [1, 2, 3];
        public float[] Ragged { get; set; } = [1, 2, 3];
        public float Scalar { get; set; }
        public string Text { get; set; } = "";
    }

    static readonly IDataView View = Ml.Data.LoadFromEnumerable([new Columns()]);

    [Fact]
    public void A_missing_column_is_named_beside_those_there_are()
    {
        var error = Refused(InputDataReason.MissingColumn, "Y", 3);
        foreach (var name in new[] { "\"Y\"", "\"X\"", "\"Doubles\"", "\"Text\"" })
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Doubles")]
    [InlineData("Ragged")]
    [InlineData("Scalar")]
    [InlineData("Text")]
    public void A_column_that_is_no_vector_of_Single_of_known_size_is_refused_with_its_type(string column)
    {
        var error = Refused(InputDataReason.WrongType, column, 3);
        Assert.Contains($"\"{column}\"", error.Message, StringComparison.Ordinal);
        Assert.Contains(View.Schema[column].Type.ToString()!, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vector_of_another_size_is_refused_with_both_sizes()
    {
        var error = Refused(InputDataReason.WrongSize, "X", 4);
        Assert.Contains("vectors of 4", error.Message, StringComparison.Ordinal);
        Assert.Contains("vectors of 3", error.Message, StringComparison.Ordinal);
    }

    static readonly Gen<float> NotFinite = Gen.OneOf(float.NaN, float.PositiveInfinity, float.NegativeInfinity);

    // Widths around the machine's vector width, so that every slot meets the vector loop and its tail.
    [Fact]
    public void A_value_that_is_not_finite_is_named_with_row_and_slot() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 39], Gen.Int[0, 20], Gen.Int[1, 8], NotFinite)
            .Sample((width, slot, row, batch, wrong) =>
            {
                slot %= width;
                var rows = Enumerable.Range(0, 25).Select(_ => new Wide { X = [.. Enumerable.Repeat(float.MaxValue, width)] }).ToArray();
                rows[row].X[slot] = wrong;
                var schema = SchemaDefinition.Create(typeof(Wide));
                schema[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
                var view = new BatchedView(Ml.Data.LoadFromEnumerable(rows, schema), new CountingMap("X", width, batch));
                var error = Assert.Throws<InputDataException>(() => view.Vectors("Double"));
                Assert.Equal(InputDataReason.NotFinite, error.Reason);
                Assert.Contains($"\"X\", row {row}, slot {slot}:", error.Message, StringComparison.Ordinal);
            });

    [Fact]
    public void The_shape_of_a_schema_is_checked_as_its_columns_are()
    {
        var shape = SchemaShapes.Of(View.Schema);
        SourceColumn.Check(shape, "X");
        Assert.Equal(InputDataReason.MissingColumn, Assert.Throws<InputDataException>(() => SourceColumn.Check(shape, "Y")).Reason);
        foreach (var column in new[] { "Doubles", "Ragged", "Scalar", "Text" })
            Assert.Equal(InputDataReason.WrongType, Assert.Throws<InputDataException>(() => SourceColumn.Check(shape, column)).Reason);
    }

    static InputDataException Refused(InputDataReason reason, string column, int width)
    {
        var stage = new MapStage(new(column, width, 10));
        InputDataException[] errors =
        [
            Assert.Throws<InputDataException>(() => stage.Transform(View)),
            Assert.Throws<InputDataException>(() => stage.GetOutputSchema(View.Schema)),
            Assert.Throws<InputDataException>(() => stage.GetRowToRowMapper(View.Schema)),
        ];
        Assert.All(errors, e => Assert.Equal((reason, errors[0].Message), (e.Reason, e.Message)));
        return errors[0];
    }

    sealed class Wide
    {
        public float[] X { get; set; } = [];
    }
}
