using CsCheck;
using Superposition.Features;
using Superposition.ToyModels;

namespace Superposition.Tests.ToyModels;

/// <summary>Toy models of every kind: architectures × targets × objectives, small enough for a reference in plain loops.</summary>
static class AnyToyModel
{
    static readonly Gen<ToyArchitecture> Architectures = Gen.Select(
        Gen.Bool, Gen.Enum<Activation>(), Gen.OneOf(Activation.Identity, Activation.Relu, Activation.Gelu), Gen.Bool, Gen.Int[1, 3])
        .Select((tied, hidden, output, bias, layers) => new ToyArchitecture
        {
            Tied = tied,
            Hidden = hidden,
            Output = output,
            HiddenBias = bias,
            HiddenLayers = layers,
        });

    static readonly Gen<Target> Targets =
        Gen.Select(Gen.Enum<TargetFunction>(), Gen.Bool).Select((function, all) => new Target { Function = function, AllPairs = all });

    // Those that the fused engine has.
    static readonly Gen<ToyArchitecture> PlainArchitectures =
        Gen.Select(Gen.Bool, Gen.OneOf(Activation.Identity, Activation.Relu), Gen.OneOf(Activation.Identity, Activation.Relu))
            .Select((tied, hidden, output) => new ToyArchitecture { Tied = tied, Hidden = hidden, Output = output });

    static readonly Gen<Target> PlainTargets =
        Gen.OneOf(TargetFunction.Identity, TargetFunction.Absolute).Select(function => new Target { Function = function });

    static Gen<(ToyArchitecture, Target, Objective, double)> Kinds(
        Gen<ToyArchitecture> architectures, Gen<Target> targets, Gen<Objective> objectives, Gen<double> dropouts) =>
        Gen.Select(architectures, targets, objectives, dropouts);

    /// <summary>A world and a model that can be trained on it.</summary>
    public static readonly Gen<ToyModelRecipe> Recipes = Gen.Select(
        Gen.Select(Gen.Int[2, 6], Gen.Int[2, 5], Gen.Int[1, 6], Gen.Double[0.2, 1], Gen.Int[0, 1_000_000]),
        Gen.Frequency((2, Kinds(Architectures, Targets, Gen.Enum<Objective>(), Gen.OneOf(0.0, 0.3))),
            (1, Kinds(PlainArchitectures, PlainTargets, Gen.Const(Objective.SquaredError), Gen.Const(0.0)))),
        Gen.Select(Gen.OneOf(0.0, 0.1), Gen.Double[0.7, 1.2]))
        .Select((shape, kind, weights) =>
        {
            var ((n, d, batch, p, seed), (architecture, target, objective, dropout), (penalty, ratio)) = (shape, kind, weights);
            var crossEntropy = objective == Objective.CrossEntropy;
            return new ToyModelRecipe
            {
                World = new()
                {
                    Features = n,
                    Density = p,
                    Rows = 1000,
                    Seed = seed,
                    Values = crossEntropy ? new UniformValues() : new UniformValues(-1, 1),   // shares of targets are of what is positive
                },
                Model = new()
                {
                    Dimensions = d,
                    Architecture = architecture with
                    {
                        Tied = architecture.Tied && target.Outputs(n) == n,
                        Output = crossEntropy ? Activation.Identity : architecture.Output,
                    },
                    Target = target,
                    Objective = objective,
                    HiddenPenalty = penalty,
                    Dropout = dropout,
                    BatchSize = batch,
                    Seed = seed,
                    Instances = 2,
                    Steps = 1,
                    Importance = PerFeature.Powers(ratio),
                },
            };
        });

    /// <summary>The paper's models and others, one of each kind a saved graph can hold, by name.</summary>
    public static readonly IReadOnlyDictionary<string, ToyArchitecture> Architecture = new Dictionary<string, ToyArchitecture>
    {
        ["linear"] = ToyArchitecture.Linear,
        ["relu output"] = ToyArchitecture.ReluOutput,
        ["relu hidden"] = ToyArchitecture.ReluHidden,
        ["computing"] = ToyArchitecture.Computing,
        ["gelu"] = new() { Hidden = Activation.Gelu, Output = Activation.Gelu },
        ["solu"] = new() { Tied = false, Hidden = Activation.Solu, HiddenBias = true },
        ["solu with layer norm"] = new() { Tied = false, Hidden = Activation.SoluLayerNorm },
        ["deep and biased"] = new() { Tied = false, Hidden = Activation.Relu, HiddenBias = true, HiddenLayers = 3 },
        ["deep and tied"] = new() { Hidden = Activation.Gelu, HiddenLayers = 2, Output = Activation.Identity },
    };

    /// <summary>An instance with every parameter random, biases too.</summary>
    public static ToyModel Random(ToyModelOptions options, int features, int seed)
    {
        var random = new Random(seed);
        float[] Vector(int length) => [.. Enumerable.Range(0, length).Select(_ => 1.6f * random.NextSingle() - 0.8f)];
        float[,] Matrix(int rows, int columns) => Superposition.DataViews.Rows.Matrix(Vector(rows * columns), rows);
        var (architecture, d, outputs) = (options.Architecture, options.Dimensions, options.Target.Outputs(features));
        var model = new ToyModel(Matrix(features, d), Vector(outputs), double.NaN)
        {
            Architecture = architecture,
            Inner = [.. Enumerable.Range(1, architecture.HiddenLayers - 1).Select(_ => Matrix(d, d))],
            HiddenBiases = architecture.HiddenBias ? [.. Enumerable.Range(0, architecture.HiddenLayers).Select(_ => Vector(d))] : [],
        };
        return architecture.Tied ? model : model with { Decoder = Matrix(outputs, d) };
    }

    /// <summary>[count][n] Rows of a stream.</summary>
    public static float[][] Rows(SparseFeatureOptions world, long stream, int first, int count)
    {
        var (flat, rows) = (new float[count * world.Features], RowStream.Of(world, stream));
        for (var r = 0; r < count; r++) rows.Fill((first + r) % world.Rows, 1, flat.AsSpan(r * world.Features, world.Features));
        return [.. flat.Chunk(world.Features)];
    }

    /// <summary>The same numbers in double precision.</summary>
    public static double[][] Double(float[][] rows) => [.. rows.Select(row => row.Select(v => (double)v).ToArray())];
}
