using CsCheck;
using Superposition.Autoencoders;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class PenaltyControllerTests(ITestOutputHelper output)
{
    // 1,000 steps, of which the first 100 warm up.
    static readonly L1Options Options = new()
    {
        Latents = 50, Seed = 1, Coefficient = 2, WarmUp = 0.1, TargetL0 = 10, Samples = 1000, BatchSize = 1,
    };

    [Fact]
    public void The_price_grows_from_0_over_the_warm_up()
    {
        var price = Controller(Options);
        foreach (var (step, expected) in new[] { (0L, 0.0), (1, 0.02), (50, 1), (99, 1.98), (100, 2), (1000, 2) })
            Assert.Equal(expected, price.Coefficient(step), 1e-12);
        Assert.Equal(2, Controller(Options with { WarmUp = 0 }).Coefficient(1));
    }

    [Fact]
    public void Nothing_is_steered_before_the_warm_up_is_over()
    {
        var price = Controller(Options);
        for (var step = 1; step < 100; step++) price.Observe(50);
        Assert.Equal(2, price.Coefficient(1000));
        price.Observe(50);
        Assert.InRange(price.Coefficient(1000), 2 + 1e-9, 4);
    }

    [Fact]
    public void Without_a_target_the_price_stays()
    {
        var price = Controller(Options with { TargetL0 = null });
        for (var step = 1; step <= 500; step++) price.Observe(50);
        Assert.Equal(2, price.Coefficient(1000));
    }

    /// <summary>Too much activity is priced higher, too little lower, and the right amount as before.</summary>
    [Fact]
    public void The_price_goes_against_the_error() => Gen.Select(Gen.Double[0, 50], Gen.Int[1, 100]).Sample((l0, steps) =>
    {
        if (Math.Abs(l0 - 10) < 1e-6) return;   // which changes no bit of the price
        var price = Controller(Options with { WarmUp = 0 });
        var last = 2.0;
        for (var step = 1; step <= steps; step++)
        {
            price.Observe(l0);
            Assert.Equal(Math.Sign(l0 - 10), Math.Sign(price.Coefficient(step) - last));
            last = price.Coefficient(step);
        }
    });

    [Fact]
    public void At_the_target_the_price_stays()
    {
        var price = Controller(Options with { WarmUp = 0 });
        for (var step = 1; step <= 100; step++) price.Observe(10);
        Assert.Equal(2, price.Coefficient(100));
    }

    [Fact]
    public void The_price_stays_within_ten_thousand_times_and_a_ten_thousandth_of_where_it_began()
    {
        var (high, low) = (Controller(Options with { WarmUp = 0 }), Controller(Options with { WarmUp = 0 }));
        for (var step = 1; step <= 1000; step++)
        {
            high.Observe(50);
            low.Observe(0);
        }
        Assert.Equal(2e4, high.Coefficient(1000), 1e-6);
        Assert.Equal(2e-4, low.Coefficient(1000), 1e-12);
    }

    /// <summary>By what L0 comes to a seventh of the training ahead, so by 3,000 steps here.</summary>
    [Fact]
    public void The_price_follows_the_L0_that_is_to_come()
    {
        var price = Controller(Options with { WarmUp = 0, Samples = 20_000, Coefficient = 1 });
        const double rate = 30.0 / 20_000;
        price.Observe(12);
        var first = 1 + rate * Math.Tanh(4 * 2 / 10.0);
        Assert.Equal(first, price.Coefficient(1), 1e-12);
        // The level follows with 0.99, its slope with 0.95: 11.99, and −0.01 × 0.05 a step, by which L0 comes to 10.49: still too high.
        price.Observe(11);
        Assert.Equal(first * (1 + rate * Math.Tanh(4 * (11.99 - 1.5 - 10) / 10)), price.Coefficient(2), 1e-12);
        // It falls fast, and the price is let go while there is still too much activity.
        var before = price.Coefficient(2);
        price.Observe(-100);
        Assert.InRange(price.Coefficient(3), 0, before);
    }

    /// <summary>Where a tenth of the training is left, by what L0 comes to at 0.3 of that: 600 steps here, not 3,000.</summary>
    [Fact]
    public void Towards_the_end_it_looks_no_further_than_a_third_of_what_is_left()
    {
        var price = Controller(Options with { WarmUp = 0, Samples = 20_000, Coefficient = 1 });
        for (var step = 1; step < 18_000; step++) price.Observe(10);
        Assert.Equal(1, price.Coefficient(18_000));
        price.Observe(11);
        Assert.Equal(1 + 30.0 / 20_000 * Math.Tanh(4 * (10.01 + 0.01 * 0.05 * 600 - 10) / 10), price.Coefficient(18_000), 1e-12);
    }

    [Fact]
    public void What_it_remembers_can_be_written_back()
    {
        var (state, copy) = (new double[PenaltyController.StateLength], new double[PenaltyController.StateLength]);
        var (one, other) = (new PenaltyController(Options, state), new PenaltyController(Options, copy));
        for (var step = 1; step <= 300; step++) one.Observe(20 - step / 50.0);
        state.CopyTo(copy, 0);
        for (var step = 1; step <= 300; step++)
        {
            one.Observe(5);
            other.Observe(5);
        }
        Assert.Equal(one.Coefficient(601), other.Coefficient(601));
    }

    static readonly Dictionary<string, PenalizedOptions> Steered = new()
    {
        ["L1"] = new L1Options { Latents = Latents, Seed = 1 },
        ["gated"] = new GatedOptions { Latents = Latents, Seed = 1 },
        ["JumpReLU, step"] = new JumpReluOptions { Latents = Latents, Seed = 1, Bandwidth = 0.3, InitialThreshold = 0.1 },
        ["JumpReLU, tanh"] =
            new JumpReluOptions { Latents = Latents, Seed = 1, Penalty = JumpReluPenalty.Tanh, Bandwidth = 0.3, InitialThreshold = 0.1 },
        ["p-annealing"] = new PAnnealingOptions { Latents = Latents, Seed = 1 },
    };

    public static TheoryData<string> Names => [.. Steered.Keys];

    const int Latents = 48, Dimensions = 16, Rows = 20_000;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_training_ends_within_five_percent_of_its_target(string name)
    {
        foreach (var (target, coefficient) in new[] { (3.0, 0.05), (3, 0.5), (6, 0.05), (6, 0.5) })
        {
            var trained = (Steered[name] with
            {
                TargetL0 = target,
                Coefficient = coefficient,
                Samples = 3000 * 128,
                BatchSize = 128,
                HistoryEvery = 5,
                Optimizer = new AdamWOptions { LearningRate = 2e-3 },
            }).Train(View);
            var last = trained.History.Metrics.TakeLast(40).ToArray();
            var l0 = last.Average(at => at.L0);
            output.WriteLine($"L0 {l0:F2} for {target} from λ = {coefficient}; explained variance {last.Average(at => at.ExplainedVariance):F3}");
            Assert.InRange(l0, 0.95 * target, 1.05 * target);
        }
    }

    // Four of 32 directions on a row.
    static readonly Microsoft.ML.IDataView View = Recorded.View(Sparse());

    static float[][] Sparse()
    {
        var random = new Random(1);
        var directions = Recorded.Normal(2, 32, Dimensions, 1 / Math.Sqrt(Dimensions));
        return [.. Enumerable.Range(0, Rows).Select(_ =>
        {
            var x = new float[Dimensions];
            foreach (var direction in directions)
                if (random.NextDouble() < 0.125)
                {
                    var size = 0.5f + random.NextSingle();
                    for (var i = 0; i < Dimensions; i++) x[i] += size * direction[i];
                }
            return x;
        })];
    }

    static PenaltyController Controller(PenalizedOptions options) => new(options, new double[PenaltyController.StateLength]);
}
