using CsCheck;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void The_default_changes_nothing() => Assert.All(Enumerable.Range(1, 20), step => Assert.Equal(1, new LearningRateSchedule().Factor(step, 20)));

    [Fact]
    public void A_warm_up_rises_in_equal_steps_to_the_full_rate_whatever_follows()
    {
        foreach (var decay in Enum.GetValues<LearningRateDecay>())
        {
            var schedule = new LearningRateSchedule { Decay = decay, WarmUp = 4 };
            Assert.Equal([0.25, 0.5, 0.75, 1, 1], Enumerable.Range(1, 5).Select(step => schedule.Factor(step, 10)));
        }
    }

    [Fact]
    public void A_linear_decay_falls_in_equal_steps()
    {
        var schedule = new LearningRateSchedule { Decay = LearningRateDecay.Linear, Final = 0.5 };
        AssertClose([1, 0.9, 0.8, 0.7, 0.6], Enumerable.Range(1, 5).Select(step => schedule.Factor(step, 5)));
    }

    [Fact]
    public void A_decay_may_begin_late()
    {
        var schedule = new LearningRateSchedule { Decay = LearningRateDecay.Linear, WarmUp = 2, DecayFrom = 0.6 };
        AssertClose([0.5, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25], Enumerable.Range(1, 10).Select(step => schedule.Factor(step, 10)));
        Assert.Equal(["Schedule.DecayFrom is 1; it must be in [0, 1)."], (schedule with { DecayFrom = 1 }).Problems());
    }

    // cos 0, 60°, 120°: 1, 1/2, −1/2.
    [Fact]
    public void A_cosine_decay_falls_along_half_a_cosine()
    {
        var schedule = new LearningRateSchedule { Decay = LearningRateDecay.Cosine };
        AssertClose([1, 0.75, 0.25], Enumerable.Range(1, 3).Select(step => schedule.Factor(step, 3)));
    }

    [Fact]
    public void A_decay_ends_at_its_share_just_after_the_last_step_and_never_rises() =>
        Gen.Select(Gen.OneOf(LearningRateDecay.Linear, LearningRateDecay.Cosine), Gen.Long[0, 20], Gen.Double[0, 1], Gen.Long[1, 200])
            .Sample((decay, warmUp, final, after) =>
            {
                var (schedule, steps) = (new LearningRateSchedule { Decay = decay, WarmUp = warmUp, Final = final }, warmUp + after);
                Assert.Equal(1, schedule.Factor(warmUp + 1, steps), 1e-12);
                Assert.Equal(final, schedule.Factor(steps + 1, steps), 1e-12);
                for (var step = warmUp + 1; step <= steps; step++)
                    Assert.True(schedule.Factor(step, steps) >= schedule.Factor(step + 1, steps) - 1e-12);
                // Halfway is half of the way, for a line as for a cosine.
                if (after % 2 == 0) Assert.Equal((1 + final) / 2, schedule.Factor(warmUp + 1 + after / 2, steps), 1e-12);
            });

    [Fact]
    public void A_training_that_ends_before_its_warm_up_is_all_warm_up() =>
        Assert.Equal([0.1, 0.2], Enumerable.Range(1, 2).Select(step => new LearningRateSchedule { WarmUp = 10, Decay = LearningRateDecay.Cosine }.Factor(step, 2)));

    [Fact]
    public void Every_problem_is_a_sentence() => Assert.Equal(
        [
            "Schedule.Decay is 7; it must be one of Constant, Linear, Cosine.", "Schedule.WarmUp is -1; it must be at least 0.",
            "Schedule.Final is NaN; it must be in [0, 1].",
        ],
        new LearningRateSchedule { Decay = (LearningRateDecay)7, WarmUp = -1, Final = double.NaN }.Problems());

    static void AssertClose(double[] expected, IEnumerable<double> found)
    {
        foreach (var (e, f) in expected.Zip(found, (e, f) => (e, f))) Assert.Equal(e, f, 1e-12);
    }
}
