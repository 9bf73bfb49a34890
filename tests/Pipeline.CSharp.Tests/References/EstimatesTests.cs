using Xunit;

namespace Superposition.Tests.References;

public sealed class EstimatesTests
{
    [Fact]
    public void A_straight_through_estimate_has_the_number_it_is_given_and_the_slopes_it_is_given()
    {
        Value x = 3, y = 5;
        var estimate = new Estimates().Straight(10, (x, 7), (y, -2));
        (estimate * x).Backward();
        Assert.Equal(10, estimate.Number);
        Assert.Equal(10 + 7 * 3, x.Gradient);
        Assert.Equal(-2 * 3, y.Gradient);
    }

    [Fact]
    public void What_is_held_constant_has_no_slope()
    {
        Value x = 3;
        (new Estimates().Constant(x * x) * x).Backward();
        Assert.Equal(9, x.Gradient);
    }

    [Fact]
    public void Played_back_constants_stay_and_estimates_follow_their_lines()
    {
        var estimates = new Estimates();
        Value Loss(double x) => estimates.Constant(x) * 100 + estimates.Straight(x > 2 ? 1 : 0, (x, 0.5));
        Assert.Equal(301, Loss(3).Number);
        estimates.Rewind();
        Assert.Equal(300 + 1 - 0.5 * 1.5, Loss(1.5).Number);
        estimates.Rewind();
        Assert.Equal(300 + 1 + 0.5 * 2, Loss(5).Number);
    }
}
