using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class TargetFunctionTests
{
    static readonly float[] Some = [-0.9f, -0.5f, -0.125f, 0, 0.25f, 0.5f, 1];

    static float Of(TargetFunction function, float x, float y)
    {
        var output = new float[1];
        new Target { Function = function }.Evaluate([x, y], output);
        return output[0];
    }

    [Fact]
    public void The_greater_absolute_value_is_a_sum_of_two_absolute_values()
    {
        foreach (var x in Some)
            foreach (var y in Some)
                Assert.Equal((Math.Abs(x + y) + Math.Abs(x - y)) / 2, Of(TargetFunction.MaxAbsolute, x, y), 1e-6);
    }

    [Fact]
    public void The_rectified_maximum_is_the_maximum_where_that_is_positive()
    {
        foreach (var x in Some)
            foreach (var y in Some)
                Assert.Equal(Math.Max(0, Of(TargetFunction.Max, x, y)), Of(TargetFunction.RectifiedMax, x, y));
    }

    // ReLU(t) − ReLU(−t) = t, so what one layer without biases computes has a linear odd part f(v) − f(−v), whatever its width; and
    // biases are of no use for a function that scales with v.
    [Theory]
    [InlineData(TargetFunction.Max, true)]
    [InlineData(TargetFunction.AbsoluteDifference, true)]
    [InlineData(TargetFunction.MaxAbsolute, true)]
    [InlineData(TargetFunction.RectifiedMax, false)]
    public void Of_the_functions_of_pairs_the_rectified_maximum_alone_is_beyond_one_layer(TargetFunction function, bool isLinear)
    {
        float Odd(float x, float y) => Of(function, x, y) - Of(function, -x, -y);
        Assert.Equal(isLinear, Some.All(x => Some.All(y => Math.Abs(Odd(x, y) - Odd(x, 0) - Odd(0, y)) < 1e-6)));
    }
}
