using System.CommandLine;
using Superposition.Activations;
using Superposition.Autoencoders;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary><c>superposition sae</c>: trains a sparse autoencoder on activations, or says what one in a file is and does.</summary>
static class SaeVerb
{
    const long DefaultSamples = 1_000_000;

    public static Command Create(Session session)
    {
        var verb = new Verb("sae", "Train a sparse autoencoder on activations: of a toy model, a language model, or recorded in files [rows, d].",
            "superposition sae --toy runs/pentagon --latents 5 --k 1 --run runs/pentagon-sae",
            "superposition sae --npy vectors.npy --words words.txt --latents 1024 --k 8 --samples 5e6 --run runs/words",
            "superposition sae --npy vectors.npy --latents 1024 --l1 0.5 --run runs/words-l1",
            "superposition sae --npy shards --latents 4096 --k 32 --run runs/layer-12",
            "superposition sae --npy vectors.npy --latents 1024 --architecture matryoshka --l0 12 --run runs/words-matryoshka --resume",
            "superposition sae --model data/stories260k --hook blocks.2.hook_resid_post --latents 1024 --k 16 --run runs/stories",
            "superposition sae recipe.json --learning-rate 1e-4 --run runs/again",
            "superposition sae --from downloaded/layer_12 --npy vectors.npy");
        var from = Values.Text("--from", "PATH", "Train nothing: say what a run, a folder of SAELens or sparsify, or a params.npz is.");
        var recipe = RecipeOf(verb, from);
        verb.Options.Add(from);
        var target = new RunTargetOptions(verb, from);
        var checkpoints = new CheckpointCommandOptions(verb);
        verb.SetAction(result =>
        {
            if (result.GetValue(from) is { } path)
            {
                AutoencoderDescription.Write(session.Output, path, recipe.Of(result).Activations);
                return;
            }
            var (folder, overwrite) = target.Of(result);
            Train(recipe.Of(result), folder, overwrite, checkpoints.Of(result, session), session);
        });
        return verb;
    }

    static RecipeOptions<SparseAutoencoderRecipe> RecipeOf(Command verb, Option from)
    {
        var k = Values.Whole<int>("--k", "k", "TopK: latents kept a sample.");
        var l1 = Values.Number("--l1", "λ", "L1: price of a unit of activation.");
        var architecture = Values.Choice("--architecture", "NAME", "Any architecture, set as superposition benchmark sets it, for an L0.",
            [.. Contender.All.Select(contender => contender.Name)]);
        var l0 = Values.Number("--l0", "N", "With --architecture: mean latents active a sample.");
        var toy = Values.Text("--toy", "RUN", "A run of superposition toy: its best model's activations.");
        var npy = Values.Text("--npy", "PATH", "An .npy or .safetensors [rows, d], or a folder of such shards.");
        var tensor = Values.Text("--tensor", "NAME", "Which one, where a .safetensors has several matrices.");
        var words = Values.Text("--words", "FILE", "A name for each row of the array, a line each.");
        var model = Values.Text("--model", "DIR", "A language model, which reads what it writes.");
        var hook = Values.Text("--hook", "NAME", "With --model: where, such as blocks.2.hook_resid_post.");
        var tokens = Values.Whole<int>("--tokens", "N", "With --model: tokens of the text it reads, again and again.");
        var latents = Values.Whole<int>("--latents", "m", "Latents of the dictionary.");
        var recipe = new RecipeOptions<SparseAutoencoderRecipe>(verb, result => new()
        {
            Activations = new(),
            Autoencoder = result?.GetValue(architecture) is { } name
                ? Contender.Find(name).Options(result.GetValue(latents), result.GetValue(l0), DefaultSamples, seed: 1)
                : result?.GetResult(l1) is null
                    ? new TopKOptions { Latents = 0, K = 0, Seed = 1 }
                    : new L1Options { Latents = 0, Coefficient = 0, Seed = 1 },
        })
        { Instead = from };
        verb.Validators.Add(result =>
        {
            if (recipe.IsReplaced(result))
            {
                foreach (var option in recipe.Given(result))
                    if (option != toy && option != npy && option != tensor && option != model && option != hook && option != tokens)
                        result.AddError($"{from.Name} trains nothing: leave {option.Name} out.");
                if (recipe.HasFile(result)) result.AddError($"{from.Name} trains nothing: leave the recipe out.");
                ExactlyOne(result, mayBeNone: true, toy, npy, model);
                return;
            }
            ExactlyOne(result, recipe.HasFile(result), toy, npy, model);
            ExactlyOne(result, recipe.HasFile(result), k, l1, architecture);
            if (result.GetResult(architecture) is null != result.GetResult(l0) is null)
                result.AddError("Expected --architecture and --l0 together, found one of them.");
        });

        recipe.AddFile();
        recipe.Add(toy, (r, path) => r with { Activations = new() { Toy = path } });
        recipe.Add(npy, (r, path) => r with { Activations = new() { Npy = path } });
        recipe.Add(tensor, (r, name) => r with { Activations = r.Activations with { Tensor = name } });
        recipe.Add(words, (r, path) => r with { Activations = r.Activations with { Words = path } });
        recipe.Add(model, (r, path) => r with { Activations = new() { Model = new() { Model = path, Hook = "", Seed = 1 } } });
        recipe.Add(hook, (r, name) => r with { Activations = r.Activations with { Model = Read(r) with { Hook = name } } });
        recipe.Add(tokens, (r, count) => r with { Activations = r.Activations with { Model = Read(r) with { Tokens = count } } });
        recipe.AddRequired(latents, (r, m) => r with { Autoencoder = r.Autoencoder with { Latents = m } });
        foreach (var option in new Option[] { architecture, l0 }) verb.Options.Add(option);
        recipe.Add(k, (r, kept) => r with { Autoencoder = Of<TopKOptions>(r, k) with { K = kept } });
        recipe.Add(l1, (r, price) => r with { Autoencoder = Of<L1Options>(r, l1) with { Coefficient = price } });
        recipe.AddOptional(Values.Whole<long>("--samples", "N", "Rows trained on in all."),
            r => r.Autoencoder.Samples, (r, samples) => r with { Autoencoder = r.Autoencoder with { Samples = samples } });
        recipe.AddOptional(Values.Whole<int>("--batch", "B", "Rows a step."),
            r => r.Autoencoder.BatchSize, (r, batch) => r with { Autoencoder = r.Autoencoder with { BatchSize = batch } });
        recipe.AddOptional(Values.Number("--learning-rate", "lr", "Of AdamW."), r => r.Autoencoder.Optimizer.LearningRate,
            (r, rate) => r with { Autoencoder = r.Autoencoder with { Optimizer = r.Autoencoder.Optimizer with { LearningRate = rate } } });
        recipe.AddOptional(Values.Whole<long>("--seed", "S", "Everything random follows from it."),
            r => r.Autoencoder.Seed, (r, seed) => r with { Autoencoder = r.Autoencoder with { Seed = seed } });
        return recipe;
    }

    static ModelActivationOptions Read(SparseAutoencoderRecipe recipe) =>
        recipe.Activations.Model ?? throw new InputException("--hook and --tokens: expected --model, or a recipe with one. Name the model, or leave them out.");

    static void ExactlyOne(System.CommandLine.Parsing.CommandResult result, bool mayBeNone, params Option[] options)
    {
        var given = options.Count(option => result.GetResult(option) is not null);
        var names = $"{string.Join(", ", options[..^1].Select(option => option.Name))} or {options[^1].Name}";
        if (given > 1) result.AddError($"Expected {names}, found {(given == 2 && options.Length == 2 ? "both" : $"{given} of them")}.");
        if (given == 0 && !mayBeNone) result.AddError($"Expected {names}, or a recipe that says it; found none.");
    }

    static T Of<T>(SparseAutoencoderRecipe recipe, Option option) where T : SparseAutoencoderOptions =>
        recipe.Autoencoder as T ?? throw new InputException(
            $"{option.Name}: expected a recipe of {typeof(T).Name}, found {recipe.Autoencoder.GetType().Name}. Leave it out, or take another recipe.");

    static void Train(
        SparseAutoencoderRecipe recipe, string folder, bool overwrite, (bool Resume, CheckpointOptions Options) checkpoints, Session session)
    {
        var run = TrainingDisplay.During(session, progress => InterruptedTrainingException.During(folder, () => SparseAutoencoderRun.Train(
            recipe with { Autoencoder = recipe.Autoencoder with { Progress = progress, Cancellation = session.Cancellation } },
            folder, overwrite, resume: checkpoints.Resume, checkpoints: checkpoints.Options)));
        var last = run.History.Metrics[^1];
        session.Output.WriteLine(FormattableString.Invariant(
            $"{folder}: d={run.Autoencoder.Dimensions} m={run.Autoencoder.Latents}, explained variance {last.ExplainedVariance:F4}, L0 {last.L0:F2}, dead {last.DeadFraction:P1}"));
    }
}
