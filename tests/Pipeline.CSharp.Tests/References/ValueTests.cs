using Xunit;

namespace Superposition.Tests.References;

public sealed class ValueTests
{
    /// <summary>Each operation against a difference quotient, away from its kinks.</summary>
    [Fact]
    public void The_gradient_of_every_operation_is_its_slope()
    {
        (string Name, Func<Value, Value, Value> Of)[] operations =
        [
            ("sum", (a, b) => a + b), ("difference", (a, b) => a - b), ("product", (a, b) => a * b),
            ("many", (a, b) => Value.Sum([a, b, a, 3])),
            ("larger", Value.Max), ("relu", (a, b) => a.Relu() + b.Relu()), ("exp", (a, b) => a.Exp() * b),
            ("tanh", (a, b) => (a * b).Tanh()),
            ("power", (a, b) => (a * a + 1).Pow(0.3) * b), ("square", (a, b) => (a - b).Square()), ("itself", (a, b) => a * a * a * b),
        ];
        const double step = 1e-5;
        foreach (var (name, of) in operations)
            foreach (var (x, y) in new[] { (0.7, -1.3), (-0.4, 0.9), (1.1, 0.2), (-0.8, -0.5) })
            {
                Value a = x, b = y;
                of(a, b).Backward();
                Assert.True(Math.Abs(a.Gradient - (of(x + step, y).Number - of(x - step, y).Number) / (2 * step)) < 1e-8, name);
                Assert.True(Math.Abs(b.Gradient - (of(x, y + step).Number - of(x, y - step).Number) / (2 * step)) < 1e-8, name);
            }
    }

    [Fact]
    public void A_number_used_twice_gathers_both_slopes_and_each_end_has_its_own()
    {
        Value x = 3;
        var square = x * x;
        (square * x).Backward();
        Assert.Equal(27, x.Gradient);
        square.Backward();
        Assert.Equal(6, x.Gradient);
    }
}
