using System.CommandLine;
using Microsoft.ML;
using Superposition.Activations;
using Superposition.Analysis.Experiments;
using Superposition.Autoencoders;

namespace Superposition.Cli;

/// <summary><c>superposition benchmark</c>: architectures against a world with known features, a row each.</summary>
static class BenchmarkVerb
{
    /// <summary>A world and what is asked of it unless the command line says otherwise.</summary>
    sealed record Setting(string Name, SyntheticActivationOptions World, int Latents, double L0, long Samples, double LearningRate, long EvaluationRows,
        EncoderPrecision Precision = EncoderPrecision.Single);

    static readonly Setting[] Settings =
    [
        new("small", SyntheticActivationOptions.Small, Latents: 256, L0: 5, Samples: 8_000_000, LearningRate: 1e-3, EvaluationRows: 200_000),
        new("synthsaebench-16k", SyntheticActivationOptions.SynthSaeBench16k, Latents: 4096, L0: 25, Samples: 200_000_000, LearningRate: 3e-4, EvaluationRows: 200_000),
    ];

    /// <summary>What is asked of every architecture of a call.</summary>
    sealed record Request(Setting Setting, string Runs, bool Overwrite, bool Resume, int Seed, long? Every);

    public static Command Create(Session session)
    {
        var verb = new Verb("benchmark", "Train architectures on activations whose features are known, and print how well they find them, a row each.",
            "superposition benchmark small --runs runs",
            "superposition benchmark small --sae matryoshka --l0 5 --samples 2e6 --runs runs",
            "superposition benchmark synthsaebench-16k --sae batchtopk --every 5e6 --runs runs --resume");
        var world = new Argument<string>("world") { Description = string.Join(" or ", Settings.Select(setting => setting.Name)) + "." };
        world.AcceptOnlyFromAmong([.. Settings.Select(setting => setting.Name)]);
        var sae = Values.Choice("--sae", "NAME", "One architecture; all unless it is said.", [.. Contender.All.Select(contender => contender.Name)]);
        var l0 = Values.Number("--l0", "N", "Mean latents active a sample; 5 on small, 25 on synthsaebench-16k.");
        var latents = Values.Whole<int>("--latents", "m", "Latents of the dictionary; 256 on small, 4096 on synthsaebench-16k.");
        var samples = Values.Whole<long>("--samples", "N", "Rows trained on in all; 8e6 on small, 200e6 on synthsaebench-16k.");
        var rate = Values.Number("--learning-rate", "lr", "Of Adam; 1e-3 on small, 3e-4 on synthsaebench-16k.");
        var precision = Values.Choice("--precision", "P", "Of the encoder's product in training: single, or bfloat16 where the processor gains by it; matching pursuit has single only.", ["single", "bfloat16"]);
        var every = Values.Whole<long>("--every", "N", "Print a row each time so many rows were trained on, too.");
        var seed = Values.Whole<int>("--seed", "S", "Of the autoencoder's start.");
        var runs = Values.Text("--runs", "DIR", "Each run is written to a folder of its own in here.");
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace runs that lie there." };
        var resume = new Option<bool>("--resume") { Description = "Keep runs that lie there, and go on with a training that was stopped." };
        runs.Required = true;
        seed.DefaultValueFactory = _ => 1;
        verb.Arguments.Add(world);
        foreach (var option in new Option[] { sae, l0, latents, samples, rate, precision, every, seed, runs, overwrite, resume }) verb.Options.Add(option);
        verb.SetAction(result =>
        {
            var setting = Settings.First(one => one.Name == result.GetRequiredValue(world));
            if (Given(l0)) setting = setting with { L0 = result.GetValue(l0) };
            if (Given(latents)) setting = setting with { Latents = result.GetValue(latents) };
            if (Given(samples)) setting = setting with { Samples = result.GetValue(samples) };
            if (Given(rate)) setting = setting with { LearningRate = result.GetValue(rate) };
            if (result.GetValue(precision) is { } asked) setting = setting with { Precision = Enum.Parse<EncoderPrecision>(asked, ignoreCase: true) };
            var chosen = result.GetValue(sae) is { } name ? [Contender.Find(name)] : Contender.All;
            Run(chosen, new(setting, result.GetRequiredValue(runs), result.GetValue(overwrite), result.GetValue(resume),
                result.GetValue(seed), Given(every) ? result.GetValue(every) : null), session);

            bool Given(Option option) => result.GetResult(option) is { Implicit: false };
        });
        return verb;
    }

    static void Run(IReadOnlyList<Contender> contenders, Request request, Session session)
    {
        var setting = request.Setting;
        var world = new MLContext().Data.SyntheticActivations(setting.World);
        var truth = world.Dictionary;
        foreach (var contender in contenders)
        {
            var options = contender.Options(setting.Latents, setting.L0, setting.Samples, request.Seed, setting.LearningRate) with { EncoderPrecision = setting.Precision };
            var pace = new Pace(options.BatchSize);
            var run = TrainingDisplay.During(session, progress => Trained(contender, options, request, pace, session, progress, Print));
            Print(setting.Samples, run.Autoencoder);

            void Print(long samples, SparseAutoencoder autoencoder)
            {
                var score = Scoring.measure(world, truth, options, setting.EvaluationRows, session.Cancellation, autoencoder);
                session.Output.WriteLine(Scoring.line(setting.Name, contender.Name, setting.L0, samples, pace.SamplesPerSecond, score));
                session.Output.Flush();
            }
        }
    }

    static SparseAutoencoderRun Trained(
        Contender contender, SparseAutoencoderOptions options, Request request, Pace pace, Session session,
        IProgress<Training.TrainingProgress> progress, Action<long, SparseAutoencoder> print)
    {
        var folder = Path.Combine(request.Runs, FormattableString.Invariant($"{request.Setting.Name}-{contender.Name}-l0-{request.Setting.L0:G6}-seed-{request.Seed}"));
        var recipe = new SparseAutoencoderRecipe
        {
            Activations = new() { Synthetic = request.Setting.World },
            Autoencoder = options with { Progress = pace.Before(progress), Cancellation = session.Cancellation },
        };
        if (request.Resume && Directory.Exists(folder)) return SparseAutoencoderRun.Read(folder);
        var watch = request.Every is { } every && every < request.Setting.Samples
            ? new TrainingWatch(every, (samples, autoencoders) => pace.Without(() => print(samples, autoencoders[0])))
            : null;
        return InterruptedTrainingException.During(
            folder, () => SparseAutoencoderRun.Train(recipe, folder, request.Overwrite, resume: request.Resume, watch: watch));
    }
}
