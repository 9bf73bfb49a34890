using Superposition.Autoencoders;
using Superposition.Tests.References;
using static Superposition.Tests.References.SparseAutoencoderReference;

namespace Superposition.Tests.Autoencoders;

/// <summary>An architecture in one of its forms: the options that ask for it, and the loss of the reference that they mean.</summary>
/// <param name="Parameters">What it learns, by name.</param>
/// <param name="Options">Of a draw; its K and size are used, and a number in [0, 1) that follows from its seed.</param>
/// <param name="Loss">The same loss in the reference.</param>
/// <param name="HasTarget">Whether it reconstructs something else than its input.</param>
/// <param name="UnitRows">Whether training keeps decoder rows at norm 1.</param>
sealed record ArchitectureCase(
    IReadOnlyList<string> Parameters, Func<AutoencoderDraw, SparseAutoencoderOptions> Options,
    Func<AutoencoderDraw, Mistakes, Result> Loss, bool HasTarget = false, bool UnitRows = false)
{
    static readonly string[] Common = ["W_enc", "b_enc", "W_dec", "b_dec"];
    static readonly double[] Powers = [0.3, 0.5, 0.8, 1];

    /// <summary>All there are, by name.</summary>
    public static IReadOnlyDictionary<string, ArchitectureCase> All { get; } = new Dictionary<string, ArchitectureCase>
    {
        ["L1"] = L1(Common, DecoderNorm.Free),
        ["L1, unit rows"] = L1(Common, DecoderNorm.Unit),
        ["L1, tied"] = L1(["b_enc", "W_dec", "b_dec"], DecoderNorm.Free, tied: true),
        ["L1, tied, b_dec alone"] = L1(["W_dec", "b_dec"], DecoderNorm.Unit, tied: true, Biases.Decoder),
        ["L1, without biases"] = L1(["W_enc", "W_dec"], DecoderNorm.Free, tied: false, Biases.None),
        ["p-annealing"] = PAnnealing(DecoderNorm.Unit, root: false),
        ["p-annealing, free rows"] = PAnnealing(DecoderNorm.Free, root: false),
        ["p-annealing, root"] = PAnnealing(DecoderNorm.Unit, root: true),
        ["p-annealing, root, free rows"] = PAnnealing(DecoderNorm.Free, root: true),
        ["gated"] = Gated(DecoderNorm.Free, detaches: true),
        ["gated, unit rows"] = Gated(DecoderNorm.Unit, detaches: true),
        ["gated, decoder trained by the last term"] = Gated(DecoderNorm.Free, detaches: false),
        ["TopK"] = TopK(DecoderNorm.Unit),
        ["TopK, free rows"] = TopK(DecoderNorm.Free),
        ["AbsTopK"] = AbsTopK(DecoderNorm.Unit),
        ["AbsTopK, free rows"] = AbsTopK(DecoderNorm.Free),
        ["BatchTopK"] = BatchTopK(DecoderNorm.Free),
        ["BatchTopK, unit rows"] = BatchTopK(DecoderNorm.Unit),
        ["Matryoshka"] = Matryoshka(DecoderNorm.Free, byLevel: true),
        ["Matryoshka, unit rows"] = Matryoshka(DecoderNorm.Unit, byLevel: true),
        ["Matryoshka, one residual for the dead"] = Matryoshka(DecoderNorm.Free, byLevel: false),
        ["JumpReLU, step"] = JumpRelu(JumpReluPenalty.Step, DecoderNorm.Free),
        ["JumpReLU, step, unit rows"] = JumpRelu(JumpReluPenalty.Step, DecoderNorm.Unit),
        ["JumpReLU, tanh"] = JumpRelu(JumpReluPenalty.Tanh, DecoderNorm.Free),
        ["JumpReLU, tanh, unit rows"] = JumpRelu(JumpReluPenalty.Tanh, DecoderNorm.Unit),
        ["JumpReLU, quadratic"] = JumpRelu(JumpReluPenalty.Quadratic, DecoderNorm.Free),
        ["matching pursuit"] = MatchingPursuit(stopsOnRepeat: true),
        ["matching pursuit, repeats"] = MatchingPursuit(stopsOnRepeat: false),
        ["transcoder"] = Transcoder(Common, skip: false),
        ["transcoder, skip"] = Transcoder([.. Common, "W_skip"], skip: true),
    };

    /// <summary>A draw this architecture is smooth about.</summary>
    public AutoencoderDraw Draw(int seed, AutoencoderDraw.Sizes? sizes = null) =>
        AutoencoderDraw.Of(
            new(seed), sizes ?? AutoencoderDraw.Sizes.Default, Parameters, draw => Loss(draw, Mistakes.None), HasTarget, UnitRows);

    // Numbers that options take, different from draw to draw.
    static double Number(AutoencoderDraw draw) => 0.1 + 0.1 * ((draw.Latents + 3 * draw.Dimensions + draw.K) % 7);

    static double Alpha(AutoencoderDraw draw) => draw.K % 3 == 0 ? 1 : 1.0 / 32;

    static double FractionalK(AutoencoderDraw draw) => Math.Min(draw.K + 0.4, draw.Latents);

    static ArchitectureCase L1(IReadOnlyList<string> parameters, DecoderNorm norm, bool tied = false, Biases biases = Biases.Both) => new(
        parameters,
        draw => new L1Options
        {
            Latents = draw.Latents, Seed = 0, Coefficient = Number(draw), WarmUp = 0, DecoderNorm = norm, Tied = tied, Biases = biases,
        },
        (draw, _) => draw.Reference.L1(draw.X, Number(draw), norm == DecoderNorm.Free),
        UnitRows: norm == DecoderNorm.Unit);

    // Trainings of one step, all of whose annealing is done before it.
    static ArchitectureCase PAnnealing(DecoderNorm norm, bool root) => new(
        Common,
        draw => new PAnnealingOptions
        {
            Latents = draw.Latents, Seed = 0, Coefficient = Number(draw), WarmUp = 0, DecoderNorm = norm, TakesRoot = root,
            FinalPower = Powers[draw.K % Powers.Length], AnnealFrom = 0, Updates = 1, Samples = 1, BatchSize = 1,
        },
        (draw, _) => draw.Reference.PAnnealing(draw.X, Number(draw), Powers[draw.K % Powers.Length], root, norm == DecoderNorm.Free),
        UnitRows: norm == DecoderNorm.Unit);

    static ArchitectureCase Gated(DecoderNorm norm, bool detaches) => new(
        [.. Common, "b_mag", "r_mag"],
        draw => new GatedOptions
        {
            Latents = draw.Latents, Seed = 0, Coefficient = Number(draw), WarmUp = 0, DecoderNorm = norm, DetachesAuxiliary = detaches,
        },
        (draw, mistakes) => draw.Reference.Gated(
            draw.X, Number(draw), norm == DecoderNorm.Free, detaches ? mistakes : mistakes | Mistakes.AuxiliaryNotDetached),
        UnitRows: norm == DecoderNorm.Unit);

    static ArchitectureCase TopK(DecoderNorm norm) => new(
        Common,
        draw => new TopKOptions { Latents = draw.Latents, Seed = 0, K = draw.K, AuxiliaryCoefficient = Alpha(draw), DecoderNorm = norm },
        (draw, mistakes) => draw.Reference.TopK(draw.X, draw.K, norm == DecoderNorm.Free, new(Alpha(draw), draw.Dead, mistakes)),
        UnitRows: norm == DecoderNorm.Unit);

    static ArchitectureCase AbsTopK(DecoderNorm norm) => new(
        Common,
        draw => new AbsTopKOptions { Latents = draw.Latents, Seed = 0, K = draw.K, AuxiliaryCoefficient = Alpha(draw), DecoderNorm = norm },
        (draw, mistakes) => draw.Reference.AbsTopK(draw.X, draw.K, norm == DecoderNorm.Free, new(Alpha(draw), draw.Dead, mistakes)),
        UnitRows: norm == DecoderNorm.Unit);

    static ArchitectureCase BatchTopK(DecoderNorm norm) => new(
        Common,
        draw => new BatchTopKOptions
        {
            Latents = draw.Latents, Seed = 0, K = FractionalK(draw), AuxiliaryCoefficient = Alpha(draw), DecoderNorm = norm,
        },
        (draw, mistakes) => draw.Reference.BatchTopK(
            draw.X, FractionalK(draw), norm == DecoderNorm.Free, new(Alpha(draw), draw.Dead, mistakes)),
        UnitRows: norm == DecoderNorm.Unit);

    static ArchitectureCase Matryoshka(DecoderNorm norm, bool byLevel) => new(
        Common,
        draw => new MatryoshkaOptions
        {
            Latents = draw.Latents, Seed = 0, K = FractionalK(draw), Widths = Widths(draw), AuxiliaryCoefficient = Alpha(draw),
            DecoderNorm = norm, AuxiliaryByLevel = byLevel,
        },
        (draw, mistakes) => draw.Reference.Matryoshka(
            draw.X, FractionalK(draw), Widths(draw), norm == DecoderNorm.Free, new(Alpha(draw), draw.Dead, mistakes), byLevel),
        UnitRows: norm == DecoderNorm.Unit);

    // Of one level to four, which end anywhere.
    static int[] Widths(AutoencoderDraw draw) =>
        [.. new[] { draw.Latents / 5, draw.Latents / 2, draw.Latents - 1, draw.Latents }.Where(width => width > 0).Distinct()];

    static ArchitectureCase JumpRelu(JumpReluPenalty penalty, DecoderNorm norm)
    {
        double Target(AutoencoderDraw draw) => draw.K;
        double Dead(AutoencoderDraw draw) => draw.K % 2 == 0 ? 0 : 0.3;
        double Bandwidth(AutoencoderDraw draw) => draw.Dimensions % 2 == 0 ? 0.4 : 1.5;
        var price = penalty switch { JumpReluPenalty.Step => Price.Step, JumpReluPenalty.Tanh => Price.Tanh, _ => Price.Quadratic };
        return new(
            [.. Common, "threshold"],
            draw => new JumpReluOptions
            {
                Latents = draw.Latents, Seed = 0, Coefficient = Number(draw), WarmUp = 0, DecoderNorm = norm, Penalty = penalty,
                TargetL0 = Target(draw), Bandwidth = Bandwidth(draw), TanhScale = 3, DeadCoefficient = Dead(draw),
            },
            (draw, mistakes) => draw.Reference.JumpRelu(
                draw.X, Bandwidth(draw), price, Number(draw), Target(draw), scale: 3, norm == DecoderNorm.Free, Dead(draw), draw.Dead,
                mistakes),
            UnitRows: norm == DecoderNorm.Unit);
    }

    static ArchitectureCase MatchingPursuit(bool stopsOnRepeat)
    {
        int Iterations(AutoencoderDraw draw) => 1 + draw.K % 4;
        return new(
            ["W_dec", "b_dec"],
            draw => new MatchingPursuitOptions
            {
                Latents = draw.Latents, Seed = 0, Iterations = Iterations(draw), StopsOnRepeat = stopsOnRepeat,
            },
            (draw, _) => draw.Reference.MatchingPursuit(draw.X, Iterations(draw), stopsOnRepeat));
    }

    static ArchitectureCase Transcoder(IReadOnlyList<string> parameters, bool skip) => new(
        parameters,
        draw => new TranscoderOptions
        {
            Latents = draw.Latents, Seed = 0, K = draw.K, TargetColumn = "Target", Skip = skip, AuxiliaryCoefficient = Alpha(draw),
        },
        (draw, mistakes) => draw.Reference.Transcoder(draw.X, draw.Target, draw.K, new(Alpha(draw), draw.Dead, mistakes)),
        HasTarget: true);
}
