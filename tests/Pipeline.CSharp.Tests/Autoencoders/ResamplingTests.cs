using Superposition.Autoencoders;
using Superposition.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.Autoencoders;

public sealed class ResamplingTests
{
    static readonly long[] Dead = [1, 4, 5];

    [Fact]
    public void Only_dead_latents_are_replaced()
    {
        var (before, after) = Resampled();
        int d = before.Dimensions, m = before.Latents;
        Assert.Equal(before.DecoderBias, after.DecoderBias);
        for (var j = 0; j < m; j++)
        {
            if (Dead.Contains(j)) continue;
            Assert.Equal(before.Decoder.Rows()[j], after.Decoder.Rows()[j]);
            Assert.Equal(before.EncoderBias[j], after.EncoderBias[j]);
            for (var i = 0; i < d; i++) Assert.Equal(before.Encoder[i, j], after.Encoder[i, j]);
        }
    }

    /// <summary>Bricken et al. 2023, "Neuron resampling"; norms as in dictionary_learning's trainers/standard.py.</summary>
    [Fact]
    public void A_dead_latent_points_from_b_dec_to_a_sample_with_the_live_ones_mean_norm_and_a_fifth_of_it_as_encoder()
    {
        var (before, after) = Resampled();
        var live = Enumerable.Range(0, before.Latents).Where(j => !Dead.Contains(j)).ToArray();
        var decoderNorm = live.Average(j => before.Decoder.Rows()[j].Norm());
        var encoderNorm = live.Average(j => Column(before.Encoder, j).Norm());
        var directions = Batch.Select(row => row.Zip(before.DecoderBias, (x, b) => x - b).ToArray()).Select(Direction).ToArray();
        foreach (var j in Dead)
        {
            var decoder = after.Decoder.Rows()[j];
            var encoder = Column(after.Encoder, (int)j);
            Assert.Equal(decoderNorm, decoder.Norm(), 1e-5);
            Assert.Equal(0.2 * encoderNorm, encoder.Norm(), 1e-5);
            Assert.Equal(0, after.EncoderBias[j]);
            Assert.Contains(directions, direction => Cosine(direction, decoder) > 1 - 1e-6);
            Assert.InRange(Cosine(encoder, decoder), 1 - 1e-6, 1 + 1e-6);
        }
    }

    [Fact]
    public void The_optimiser_forgets_dead_latents_alone()
    {
        // Autograd takes gradients by hand.
        using var engine = Engine.Steps(Options with { Engine = SparseAutoencoderEngine.Autograd }, Draw.Reference);
        using var scope = NewDisposeScope();
        Step(engine, gradient: 1);
        Apply(engine, Dead, seed: 3);
        var resampled = Values(engine.Parameters);
        Step(engine, gradient: 0);   // whatever moves now is moved by what the optimiser remembers
        var moved = Values(engine.Parameters)
            .ToDictionary(after => after.Key, after => after.Value.Zip(resampled[after.Key], (a, b) => a != b).ToArray());
        int d = Draw.Dimensions, m = Draw.Latents;
        for (var j = 0; j < m; j++)
        {
            var remembers = !Dead.Contains(j);
            Assert.All(Enumerable.Range(0, d), i => Assert.Equal(remembers, moved["W_enc"][j * d + i]));
            Assert.Equal(remembers, moved["b_enc"][j]);
            Assert.All(Enumerable.Range(0, d), i => Assert.Equal(remembers, moved["W_dec"][j * d + i]));
        }
        Assert.All(moved["b_dec"], Assert.True);
    }

    [Fact]
    public void Samples_are_drawn_in_proportion_to_their_squared_error()
    {
        const int latents = 2000;
        // Errors 4, 0, 1 and 5 in different directions; every latent but one is dead.
        float[][] x = [[2, 0, 0, 0], [0, 9, 0, 0], [0, 0, 1, 0], [0, 0, 0, MathF.Sqrt(5)]];
        var options = Options with { Latents = latents, InitialDecoderNorm = 1 };
        using var engine = new AutogradSteps(options, options.Architecture, new(options, options.Architecture, new float[4], new float[4]));
        using var scope = NewDisposeScope();
        using var batch = tensor([.. x.SelectMany(row => row)]).reshape(4, 4);
        Resampling.Apply(engine, batch, [4, 0, 1, 5], [.. Enumerable.Range(1, latents - 1).Select(j => (long)j)], seed: 5);
        var decoder = engine.Parameters.Decoder.data<float>().ToArray().Chunk(4).ToArray();
        foreach (var (direction, share) in new[] { (0, 0.4), (1, 0.0), (2, 0.1), (3, 0.5) })
        {
            var drawn = decoder[1..].Count(row => Math.Abs(row[direction]) > 0.99);
            Assert.Equal(share * (latents - 1), drawn, 4 * Math.Sqrt(latents * share * (1 - share)) + 0.5);
        }
    }

    [Fact]
    public void Draws_follow_from_the_seed()
    {
        Assert.Equal(Resampled(seed: 3).After.Decoder, Resampled(seed: 3).After.Decoder);
        Assert.NotEqual(Resampled(seed: 3).After.Decoder, Resampled(seed: 4).After.Decoder);
    }

    [Fact]
    public void With_none_or_all_latents_dead_nothing_is_replaced()
    {
        foreach (var dead in new[] { [], Enumerable.Range(0, Draw.Latents).Select(j => (long)j).ToArray() })
        {
            var (before, after) = Resampled(dead: dead);
            Assert.Equal(before.Decoder, after.Decoder);
            Assert.Equal(before.Encoder, after.Encoder);
        }
    }

    [Fact]
    public void A_sample_that_lies_on_b_dec_gives_no_direction_and_does_no_harm()
    {
        using var engine = Engine.Steps(Options, Draw.Reference);
        using var scope = NewDisposeScope();
        Resampling.Apply(engine, engine.Parameters.DecoderBias.detach().unsqueeze(0), [1], Dead, seed: 1);
        Assert.True(Values(engine.Parameters).Values.All(values => values.All(float.IsFinite)));
    }

    /// <summary>The samples of the step itself count: dictionary_learning looks at who is dead after the batch, too.</summary>
    [Fact]
    public void A_latent_that_fires_in_the_very_batch_is_not_replaced()
    {
        // In one dimension latents point up or down from b_dec = 1, the mean of the first batch. The next three batches fire those
        // that point up, so the others are dead before the fifth, where they fire.
        float[][] rows = [.. new[] { 1f, 2, 2, 2, 0, 1, 1, 1 }.SelectMany(x => Enumerable.Repeat(new[] { x }, 10))];
        (rows[0], rows[1]) = ([0], [2]);   // rows of a first batch must differ
        var options = new L1Options
        {
            Latents = 16, Coefficient = 1, Seed = 2, Samples = 80, BatchSize = 10, DeadAfter = 30, ResampleEvery = 5, HistoryEvery = 1,
        }.Still();
        var trained = options.Train(Recorded.View(rows));
        Assert.InRange(trained.History.Metrics[4].DeadFraction, 0.1, 0.9);
        Assert.Equal((options with { ResampleEvery = 0 }).Train(Recorded.View(rows)).Autoencoder.Encoder, trained.Autoencoder.Encoder);
    }

    [Fact]
    public void A_training_with_resampling_ends_with_fewer_dead_latents()
    {
        var view = Recorded.View(Recorded.Aside(seed: 1, rows: 20_000, dimensions: 16, shift: 20));
        double Dead(int every) => new L1Options
        {
            Latents = 32, Coefficient = 0.3, Seed = 1, Samples = 20_000, BatchSize = 100, DeadAfter = 2000, ResampleEvery = every,
        }.Train(view).History.Metrics[^1].DeadFraction;
        var (without, with) = (Dead(0), Dead(50));
        TestContext.Current.TestOutputHelper!.WriteLine($"dead without resampling {without:P0}, with {with:P0}");
        Assert.InRange(without, 0.2, 1);
        Assert.InRange(with, 0, without / 2);
    }

    // ---- a fixed autoencoder and batch

    static readonly AutoencoderDraw Draw = Drawn();   // before what is made of it
    static readonly float[][] Batch = [.. Draw.X.Select(Engine.Singles)];

    static AutoencoderDraw Drawn()
    {
        for (var seed = 0; ; seed++)
            if (AutoencoderDraw.L1(new(seed)) is { Latents: >= 8, Dimensions: >= 4 } draw && draw.X.Length > 5) return draw;
    }

    static readonly L1Options Options = new() { Latents = Draw.Latents, Seed = 0 };

    static (SparseAutoencoder Before, SparseAutoencoder After) Resampled(long seed = 3, long[]? dead = null)
    {
        using var engine = Engine.Steps(Options, Draw.Reference);
        var before = Plain(engine.Parameters);
        Apply(engine, dead ?? Dead, seed);
        return (before, Plain(engine.Parameters));
    }

    static void Apply(StepEngine engine, long[] dead, long seed)
    {
        using var scope = NewDisposeScope();
        var reconstructions = Draw.Reference.L1(Draw.X, 0, weighted: true).Reconstructions;
        float[] errors = [.. Draw.X.Zip(reconstructions, (x, to) => (float)x.Zip(to, (a, b) => (a - b) * (a - b)).Sum())];
        Resampling.Apply(engine, Engine.Batch(Draw.X), errors, dead, seed);
    }

    static void Step(StepEngine engine, float gradient)
    {
        foreach (var parameter in engine.Parameters.All)
        {
            using var wanted = full_like(parameter, gradient);
            if (parameter.grad is { } held) held.copy_(wanted);
            else parameter.grad = wanted.detach();
        }
        engine.Update();
    }

    static Dictionary<string, float[]> Values(SparseAutoencoderParameters parameters) =>
        parameters.Names.ToDictionary(name => name, name => parameters[name].data<float>().ToArray());

    // As it stands, norms and all.
    static SparseAutoencoder Plain(SparseAutoencoderParameters parameters)
    {
        var values = Values(parameters);
        var (encoder, decoder) = (new float[Draw.Dimensions, Draw.Latents], new float[Draw.Latents, Draw.Dimensions]);
        for (var at = 0; at < encoder.Length; at++) encoder[at % Draw.Dimensions, at / Draw.Dimensions] = values["W_enc"][at];
        Buffer.BlockCopy(values["W_dec"], 0, decoder, 0, values["W_dec"].Length * sizeof(float));
        return new(encoder, values["b_enc"], decoder, values["b_dec"], new ReluActivation());
    }

    static float[] Column(float[,] matrix, int j) => [.. matrix.Rows().Select(row => row[j])];

    static float[] Direction(float[] v) => [.. v.Select(x => x / (float)v.Norm())];

    static double Cosine(float[] x, float[] y) => x.Zip(y, (a, b) => (double)a * b).Sum() / x.Norm() / y.Norm();
}
