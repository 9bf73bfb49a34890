using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Superposition.Autoencoders;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>Options in a recipe and back.</summary>
public sealed class SparseAutoencoderOptionsJsonTests
{
    static readonly OptimizerOptions Optimizer = new AdamWOptions { LearningRate = 0.1, Beta1 = 0.8, WeightDecay = 0.2 };

    // Each property another value than its default.
    static readonly SparseAutoencoderOptions[] All =
    [
        new TopKOptions { Latents = 4, Seed = 1, K = 2, AuxiliaryCoefficient = 0.5 },
        new AbsTopKOptions { Latents = 4, Seed = 1, K = 2, AuxiliaryCoefficient = 0.5 },
        new BatchTopKOptions { Latents = 4, Seed = 1, K = 2.5, AuxiliaryCoefficient = 0.5 },
        new MatryoshkaOptions { Latents = 4, Seed = 1, K = 2.5, Widths = [1, 3, 4], AuxiliaryByLevel = false, AuxiliaryCoefficient = 0.5 },
        new MatchingPursuitOptions { Latents = 4, Seed = 1, Iterations = 3, StopsOnRepeat = false },
        Priced(new L1Options { Latents = 4, Seed = 1, Tied = true, Biases = Biases.Decoder }),
        Priced(new PAnnealingOptions { Latents = 4, Seed = 1, FinalPower = 0.5, AnnealFrom = 0.5, Updates = 3, TakesRoot = true }),
        Priced(new GatedOptions { Latents = 4, Seed = 1, DetachesAuxiliary = false }),
        Priced(new JumpReluOptions
        {
            Latents = 4, Seed = 1, Penalty = JumpReluPenalty.Quadratic, InitialThreshold = 0.2, Bandwidth = 0.3, TanhScale = 2,
            DeadCoefficient = 0.1,
        }),
        new TranscoderOptions { Latents = 4, Seed = 1, K = 2, TargetColumn = "Out", Skip = true, AuxiliaryCoefficient = 0.5 },
    ];

    static PenalizedOptions Priced(PenalizedOptions options) =>
        options with { Coefficient = 0.7, WarmUp = 0.2, TargetL0 = 2.5, ResampleEvery = 7 };

    public static TheoryData<SparseAutoencoderOptions> Architectures => [.. All.Select(options => options with
    {
        Samples = 5000, BatchSize = 50, Optimizer = Optimizer, GradientClip = 1, InitialDecoderNorm = 0.3, StartAtDataMean = false,
        NormalizeActivations = true, DeadAfter = 77, HistoryEvery = 9, Engine = SparseAutoencoderEngine.Autograd,
        EncoderPrecision = EncoderPrecision.BFloat16,
        ReconstructionColumn = "R",
        DecoderNorm = options.DecoderNorm == DecoderNorm.Free ? DecoderNorm.Unit : DecoderNorm.Free,
    })];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Every_option_survives_a_recipe(SparseAutoencoderOptions options)
    {
        var text = JsonSerializer.Serialize(options, OptionsJson.Settings);
        var back = JsonSerializer.Deserialize<SparseAutoencoderOptions>(text, OptionsJson.Settings)!;
        Assert.Equal(options, back);
        Assert.Equal(options.GetHashCode(), back.GetHashCode());
        Assert.Equal(text, JsonSerializer.Serialize(back, OptionsJson.Settings));
        var wrapped = new SparseAutoencoderRecipe { Activations = new() { Npy = "a.npy" }, Autoencoder = options };
        Assert.Equal(wrapped, JsonSerializer.Deserialize<SparseAutoencoderRecipe>(
            JsonSerializer.Serialize(wrapped, OptionsJson.Settings), OptionsJson.Settings));
    }

    /// <summary>Otherwise a property that is lost would come back as it was.</summary>
    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_options_that_are_tried_have_no_default_among_them(SparseAutoencoderOptions options)
    {
        var type = options.GetType();
        var names = type.GetProperties().Where(p => p.CanWrite && p.GetCustomAttribute<JsonIgnoreAttribute>() is null).ToArray();
        var defaults = Activator.CreateInstance(type)!;
        Assert.All(names, property => Assert.False(Equals(property.GetValue(options), property.GetValue(defaults)), property.Name));
    }

    [Fact]
    public void Every_architecture_is_tried() => Assert.Equal(
        typeof(SparseAutoencoderOptions).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(SparseAutoencoderOptions)))
            .Select(type => type.Name).Order(),
        All.Select(options => options.GetType().Name).Order());

    [Fact]
    public void Matryoshka_options_are_equal_where_all_their_widths_are()
    {
        var options = new MatryoshkaOptions { Latents = 4, Seed = 1, K = 2, Widths = [1, 3, 4] };
        Assert.Equal(options, options with { Widths = new List<int> { 1, 3, 4 } });
        Assert.Equal(options.GetHashCode(), (options with { Widths = new List<int> { 1, 3, 4 } }).GetHashCode());
        Assert.NotEqual(options, options with { Widths = [1, 2, 4] });
        Assert.NotEqual(options, options with { Widths = [1, 3] });
        Assert.NotEqual(options, options with { K = 2.5 });
        Assert.NotEqual(options, options with { AuxiliaryByLevel = false });
        Assert.NotEqual(options, options with { Seed = 2 });
    }

    [Theory]
    [InlineData("""{"architecture": "jumpRelu", "latents": 4, "seed": 1, "penalty": "cubic"}""")]
    [InlineData("""{"architecture": "jumpRelu", "latents": 4, "seed": 1, "threshold": 1}""")]
    [InlineData("""{"architecture": "matryoshka", "latents": 4, "seed": 1, "k": 2}""")]
    [InlineData("""{"architecture": "matryoshka", "latents": 4, "seed": 1, "k": 2, "widths": null}""")]
    [InlineData("""{"architecture": "transcoder", "latents": 4, "seed": 1, "k": 2}""")]
    [InlineData("""{"architecture": "crosscoder", "latents": 4, "seed": 1}""")]
    public void A_recipe_that_says_something_else_is_refused(string text) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SparseAutoencoderOptions>(text, OptionsJson.Settings));
}
