using CsCheck;
using Superposition.Randomness;
using Xunit;

namespace Superposition.Tests.Randomness;

public sealed class CounterRandomTests
{
    // SplitMix64 with seed 1234567: the outputs given with the algorithm on Rosetta Code, "Pseudo-random numbers/Splitmix64".
    [Fact]
    public void The_sequence_is_SplitMix64s()
    {
        var random = new CounterRandom(1234567);
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.Equal(expected, Enumerable.Range(0, 5).Select(_ => random.Next()).ToArray());
    }

    [Fact]
    public void A_draw_by_counter_is_the_draw_in_sequence() => Gen.Select(Gen.ULong, Gen.Int[0, 50]).Sample((key, t) =>
    {
        var random = new CounterRandom(key);
        for (var i = 0; i < t; i++) random.Next();
        Assert.Equal(random.Next(), CounterRandom.At(key, t));
    });

    [Fact]
    public void Uniform_numbers_lie_above_0_and_up_to_1_in_equal_steps() => Gen.ULong.Sample(bits =>
    {
        Assert.InRange(CounterRandom.Uniform53(bits), double.Epsilon, 1);
        Assert.InRange(CounterRandom.Uniform24(bits), float.Epsilon, 1);
        Assert.Equal(CounterRandom.Uniform24(bits) * (1 << 24), Math.Round(CounterRandom.Uniform24(bits) * (double)(1 << 24)));
        Assert.Equal(1, CounterRandom.Uniform53(ulong.MaxValue));
        Assert.Equal(1, CounterRandom.Uniform24(ulong.MaxValue));
    });

    [Fact]
    public void Normal_draws_have_mean_0_variance_1_and_fourth_moment_3()
    {
        const int Draws = 200_000;
        var random = new CounterRandom(CounterRandom.Key(1, 1));
        var (first, second, fourth) = (0.0, 0.0, 0.0);
        for (var i = 0; i < Draws; i++)
        {
            var z = random.NextNormal();
            (first, second, fourth) = (first + z, second + z * z, fourth + z * z * z * z);
        }
        // Standard errors of the moments of a normal: √(1/N), √(2/N), √(96/N).
        Assert.Equal(0, first / Draws, 4 * Math.Sqrt(1.0 / Draws));
        Assert.Equal(1, second / Draws, 4 * Math.Sqrt(2.0 / Draws));
        Assert.Equal(3, fourth / Draws, 4 * Math.Sqrt(96.0 / Draws));
    }
}
