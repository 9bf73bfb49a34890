using CsCheck;
using Superposition.Tests.References;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class TargetTests
{
    [Fact]
    public void Every_function_of_features_and_of_pairs_is_the_references()
    {
        var value = Gen.OneOf(Gen.Const(0f), Gen.Float[-1, 1]);
        Gen.Select(Gen.Enum<TargetFunction>(), Gen.Bool, value.Array[2, 9]).Sample((function, all, x) =>
        {
            var target = new Target { Function = function, AllPairs = all };
            var found = new float[target.Outputs(x.Length)];
            target.Evaluate(x, found);
            var options = new ToyModelOptions { Dimensions = 1, Seed = 1, Target = target, Architecture = new() { Tied = false } };
            var expected = new AnyToyModelReference(AnyToyModel.Random(options, x.Length, 1), options).Targets([.. x.Select(v => (double)v)]);
            Assert.Equal(expected.Length, found.Length);
            foreach (var (e, f) in expected.Zip(found)) Assert.Equal(e, f, 1e-6);
        }, iter: 500);
    }

    // In the order of the pairs (0, 1), (0, 2), (1, 2); the last of three has no neighbour.
    [Theory]
    [InlineData(TargetFunction.Max, new[] { 0.5f }, new[] { 0.5f, 0.5f, 0f })]
    [InlineData(TargetFunction.And, new[] { 0f }, new[] { 0f, 0f, 0f })]
    [InlineData(TargetFunction.Or, new[] { 1f }, new[] { 1f, 1f, 0f })]
    [InlineData(TargetFunction.AbsoluteDifference, new[] { 1.25f }, new[] { 1.25f, 0.5f, 0.75f })]
    [InlineData(TargetFunction.MaxAbsolute, new[] { 0.75f }, new[] { 0.75f, 0.5f, 0.75f })]
    public void Pairs_are_neighbours_or_all(TargetFunction function, float[] neighbours, float[] all)
    {
        var found = new float[neighbours.Length];
        new Target { Function = function }.Evaluate([0.5f, -0.75f, 0], found);
        Assert.Equal(neighbours, found);
        found = new float[all.Length];
        new Target { Function = function, AllPairs = true }.Evaluate([0.5f, -0.75f, 0], found);
        Assert.Equal(all, found);
    }

    [Fact]
    public void And_and_or_are_ones_of_two_that_are_above_zero()
    {
        float[] x = [0.1f, 0.2f, 0.1f, 0, 0, 0, -1, 1], found = new float[4];
        new Target { Function = TargetFunction.And }.Evaluate(x, found);
        Assert.Equal([1, 0, 0, 0], found);
        new Target { Function = TargetFunction.Or }.Evaluate(x, found);
        Assert.Equal([1, 1, 0, 1], found);
    }

    [Fact]
    public void One_feature_has_no_pair_and_an_unknown_function_is_none()
    {
        Assert.Equal(["Function Max takes pairs; there is 1 feature."], new Target { Function = TargetFunction.Max }.Problems(1));
        Assert.Equal(["Function Max takes pairs; there is 1 feature."], new Target { Function = TargetFunction.Max, AllPairs = true }.Problems(1));
        Assert.StartsWith("Function is 99; it must be one of Identity, Absolute,", Assert.Single(new Target { Function = (TargetFunction)99 }.Problems(3)));
        Assert.Empty(new Target { Function = TargetFunction.Square }.Problems(1));
    }
}
