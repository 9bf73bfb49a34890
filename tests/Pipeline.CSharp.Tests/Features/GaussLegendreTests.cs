using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class GaussLegendreTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(20)]
    public void Polynomials_of_degree_2m_minus_1_are_integrated_exactly_and_the_next_is_not(int m)
    {
        var rule = GaussLegendre.Rule(m);
        for (var degree = 0; degree <= 2 * m; degree++)
        {
            var exact = degree % 2 == 0 ? 2.0 / (degree + 1) : 0;
            var error = Math.Abs(rule.Sum(point => point.Weight * Math.Pow(point.Node, degree)) - exact);
            if (degree < 2 * m) Assert.True(error < 1e-14, $"degree {degree}: {error}");
            else if (m <= 5) Assert.True(error > 1e-4, $"degree {degree}: {error}");
        }
    }
}
