using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Xunit;

namespace Superposition.Tests.DataViews;

public sealed class RowMapperTests
{
    static readonly MLContext Ml = new(seed: 1);

    sealed class Input
    {
        [VectorType(3)] public float[] X { get; set; } = [];
        public string Name { get; set; } = "";
    }

    sealed class Output
    {
        [VectorType(3)] public float[] Double { get; set; } = [];
        [VectorType(2)] public float[] Moments { get; set; } = [];
        public string Name { get; set; } = "";
    }

    [Fact]
    public void A_prediction_engine_gives_the_numbers_of_the_view()
    {
        var map = new CountingMap("X", 3, 10);
        using var engine = Ml.Model.CreatePredictionEngine<Input, Output>(new MapStage(map));
        Gen.Select(Gen.Float[-10, 10].Array[3], Gen.String).Sample((x, name) =>
        {
            var output = engine.Predict(new() { X = x, Name = name });
            Assert.Equal(CountingMap.Double(x), output.Double);
            Assert.Equal(CountingMap.Moment(x), output.Moments);
            Assert.Equal(name, output.Name);
        }, threads: 1);   // an engine is not for several threads
    }

    [Fact]
    public void A_prediction_engine_refuses_a_value_that_is_not_finite()
    {
        using var engine = Ml.Model.CreatePredictionEngine<Input, Output>(new MapStage(new("X", 3, 10)));
        var error = Assert.Throws<InputDataException>(() => engine.Predict(new() { X = [1, float.NaN, 3] }));
        Assert.Equal(InputDataReason.NotFinite, error.Reason);
        Assert.Contains("slot 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_outputs_depend_on_the_source_column()
    {
        var schema = Ml.Data.LoadFromEnumerable([new Input()]).Schema;
        var mapper = new MapStage(new("X", 3, 10)).GetRowToRowMapper(schema);
        string[] Needed(params string[] names) =>
            [.. mapper.GetDependencies(names.Select(n => mapper.OutputSchema[n])).Select(c => c.Name)];
        Assert.Equal(["Name"], Needed("Name"));
        Assert.Equal(["X"], Needed("Double"));
        Assert.Equal(["X", "Name"], Needed("Moments", "Name"));
        Assert.Empty(Needed());
    }

    [Fact]
    public void The_mappers_schema_is_the_views()
    {
        var view = Ml.Data.LoadFromEnumerable([new Input()]);
        var stage = new MapStage(new("X", 3, 10));
        var mapper = stage.GetRowToRowMapper(view.Schema);
        foreach (var schema in new[] { mapper.OutputSchema, stage.GetOutputSchema(view.Schema) })
            Assert.Equal(stage.Transform(view).Schema.Select(c => (c.Name, c.Type)), schema.Select(c => (c.Name, c.Type)));
    }
}
