using CsCheck;
using Superposition.Autoencoders;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class LatentActivityTests
{
    [Fact]
    public void A_latent_that_never_fires_is_dead_once_DeadAfter_samples_have_passed()
    {
        var activity = new LatentActivity(2, deadAfter: 100);
        for (var samples = 0; samples < 300; samples += 10)
        {
            Assert.Equal(samples >= 100 ? [1L] : [], activity.Dead());
            Observe(activity, [.. Enumerable.Repeat(new[] { 1f, 0 }, 10)]);
        }
    }

    /// <summary>A latent is dead when the last DeadAfter samples, in whole batches, did not fire it.</summary>
    [Fact]
    public void Dead_are_those_that_no_batch_fired_for_so_many_samples() => Gen.Select(
        Gen.Int[1, 8].SelectMany(m => Gen.OneOf(0f, 0f, 0f, 1f, -0.5f).Array[m].Array[1, 4].Array[1, 12]), Gen.Int[1, 12])
        .Sample((batches, deadAfter) =>
        {
            var m = batches[0][0].Length;
            var activity = new LatentActivity(m, deadAfter);
            for (var seen = 1; seen <= batches.Length; seen++)
            {
                Observe(activity, batches[seen - 1]);
                Assert.Equal(Enumerable.Range(0, m).Where(Silent).Select(j => (long)j), activity.Dead());

                bool Silent(int j) => batches[..seen].Reverse()
                    .TakeWhile(batch => batch.All(row => row[j] == 0)).Sum(batch => batch.Length) >= deadAfter;
            }
            activity.Reset();
            Assert.Empty(activity.Dead());
        }, iter: 300);

    /// <summary>
    /// The first batch lies aside, so b_dec begins beside the data, and the few latents that point from it to them win every
    /// sample: most of the others are dead before they have learnt anything.
    /// </summary>
    [Fact]
    public void AuxK_revives_latents_that_plain_TopK_leaves_dead()
    {
        var (allWithout, allWith) = (0.0, 0.0);
        for (var seed = 1; seed <= 4; seed++)
        {
            var view = Recorded.View(Recorded.Aside(seed, rows: 20_000, dimensions: 16));
            double Dead(double coefficient) => new TopKOptions
            {
                Latents = 32, K = 3, Seed = seed, AuxiliaryCoefficient = coefficient, DeadAfter = 1000, Samples = 20_000, BatchSize = 100,
                Optimizer = new AdamWOptions { LearningRate = 3e-3 },
            }.Train(view).History.Metrics[^1].DeadFraction;
            var (without, with) = (Dead(0), Dead(1.0 / 32));
            Assert.InRange(without, 0.2, 1);
            Assert.InRange(with, 0, without - 1.0 / 32);   // at least one latent fewer
            (allWithout, allWith) = (allWithout + without, allWith + with);
        }
        Assert.InRange(allWith, 0, 0.75 * allWithout);
    }

    [Fact]
    public void AuxK_changes_nothing_before_a_latent_is_dead_and_something_after()
    {
        var view = Recorded.View(Recorded.Aside(seed: 1, rows: 2000, dimensions: 16));
        float[] Trained(double coefficient, long deadAfter)
        {
            var options = new TopKOptions
            {
                Latents = 32, K = 3, Seed = 1, AuxiliaryCoefficient = coefficient, DeadAfter = deadAfter, Samples = 2000, BatchSize = 100,
            };
            return [.. options.Train(view).Autoencoder.Decoder.Rows().SelectMany(row => row)];
        }
        Assert.Equal(Trained(0, 1901), Trained(1, 1901));   // dead at the earliest after the last step
        Assert.Equal(Trained(0, 100), Trained(0, 1901));
        Assert.NotEqual(Trained(0, 1000), Trained(1, 1000));
    }

    /// <summary>Of the batches that count, and of no other.</summary>
    [Fact]
    public void Firing_is_the_share_of_counted_samples_a_latent_is_not_0_on() => Gen.Select(
        Gen.Int[1, 8].SelectMany(m => Gen.OneOf(0f, 1f, -0.5f).Array[m].Array[1, 4].Array[1, 12]), Gen.Bool.Array[12])
        .Sample((batches, counts) =>
        {
            var activity = new LatentActivity(batches[0][0].Length, deadAfter: 10);
            for (var b = 0; b < batches.Length; b++) Observe(activity, batches[b], counts[b]);
            float[][] counted = [.. batches.Where((_, b) => counts[b]).SelectMany(rows => rows)];
            var shares = Enumerable.Range(0, batches[0][0].Length).Select(j => (float)counted.Average(row => row[j] == 0 ? 0.0 : 1));
            Assert.Equal(counted.Length == 0 ? null : shares, activity.Firing());
        }, iter: 300);

    static void Observe(LatentActivity activity, float[][] batch, bool counts = false) => activity.Observe(
        [.. Enumerable.Range(0, batch[0].Length).Select(j => batch.Count(row => row[j] != 0))], batch.Length, counts);
}
