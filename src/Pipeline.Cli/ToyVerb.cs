using System.CommandLine;
using Superposition.Features;
using Superposition.ToyModels;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary><c>superposition toy</c>: trains toy models on a world of sparse features.</summary>
static class ToyVerb
{
    public static Command Create(Session session)
    {
        var verb = new Verb("toy", "Train toy models: n sparse features squeezed through d dimensions.",
            "superposition toy --features 5 --dimensions 2 --density 0.05 --instances 10 --run runs/pentagon",
            "superposition toy --features 20 --dimensions 5 --density 0.01 --importance 0.9^i --steps 5000 --run runs/twenty",
            "superposition toy --features 100 --dimensions 40 --density 0.01 --architecture absolute --run runs/absolute",
            "superposition toy recipe.json --seed 2 --run runs/again");
        var recipe = RecipeOf(verb);
        var target = new RunTargetOptions(verb);
        var checkpoints = new CheckpointCommandOptions(verb);
        verb.SetAction(result =>
        {
            var (folder, overwrite) = target.Of(result);
            Train(recipe.Of(result), folder, overwrite, checkpoints.Of(result, session), session);
        });
        return verb;
    }

    static RecipeOptions<ToyModelRecipe> RecipeOf(Command verb)
    {
        var recipe = new RecipeOptions<ToyModelRecipe>(verb, _ => new()
        {
            World = new() { Features = 0, Density = 0, Seed = 1 },
            Model = new() { Dimensions = 0, Seed = 1 },
        });
        recipe.AddFile();
        recipe.AddRequired(Values.Whole<int>("--features", "n", "Features of the world."),
            (r, n) => r with { World = r.World with { Features = n } });
        recipe.AddRequired(Values.Whole<int>("--dimensions", "d", "Dimensions they are squeezed through."),
            (r, d) => r with { Model = r.Model with { Dimensions = d } });
        recipe.AddRequired(Values.EachFeature("--density", "p", "Probability that a feature is active: one for all, 0.9^i, zipf:0.1,1, or a list."),
            (r, p) => r with { World = r.World with { Density = p } });
        recipe.AddOptional(
            Values.Choice("--architecture", "A", $"The paper's models: {string.Join(", ", PaperModels.Names)}; absolute asks for |x| of values in [-1, 1]. "
                + "A recipe file says more.", PaperModels.Names),
            _ => PaperModels.Default, PaperModels.Set);
        recipe.AddOptional(Values.EachFeature("--importance", "I", "Weight of a feature's error: 1, 0.9^i, zipf:1,0.5, or a list 1,0.5,0.25."),
            r => r.Model.Importance, (r, importance) => r with { Model = r.Model with { Importance = importance } });
        recipe.AddOptional(Values.Whole<int>("--instances", "K", "Seeds trained at once; the best is served."),
            r => r.Model.Instances, (r, k) => r with { Model = r.Model with { Instances = k } });
        recipe.AddOptional(Values.Whole<int>("--steps", "T", "Optimiser steps."),
            r => r.Model.Steps, (r, steps) => r with { Model = r.Model with { Steps = steps } });
        recipe.AddOptional(Values.Whole<int>("--batch", "B", "Rows a step and instance."),
            r => r.Model.BatchSize, (r, batch) => r with { Model = r.Model with { BatchSize = batch } });
        recipe.AddOptional(Values.Number("--learning-rate", "lr", "Of the optimiser."), r => r.Model.Optimizer.LearningRate,
            (r, rate) => r with { Model = r.Model with { Optimizer = r.Model.Optimizer with { LearningRate = rate } } });
        recipe.AddOptional(Values.Number("--weight-decay", "λ", "Of AdamW, decoupled; the paper's notebook has 0.01."),
            r => (r.Model.Optimizer as AdamWOptions)?.WeightDecay ?? 0,
            (r, decay) => r with { Model = r.Model with { Optimizer = Decaying(r.Model.Optimizer, decay) } });
        recipe.AddOptional(Values.Whole<long>("--seed", "S", "Of the world and of the model; everything random follows from it."),
            r => r.Model.Seed, (r, seed) => new() { World = r.World with { Seed = seed }, Model = r.Model with { Seed = seed } });
        recipe.AddOptional(Values.Whole<long>("--rows", "R", "Rows of the world, after which they come round again."),
            r => r.World.Rows, (r, rows) => r with { World = r.World with { Rows = rows } });
        return recipe;
    }

    static OptimizerOptions Decaying(OptimizerOptions optimizer, double decay) => optimizer is AdamWOptions adamW
        ? adamW with { WeightDecay = decay }
        : throw new InputException($"--weight-decay is AdamW's; the recipe's optimizer is {optimizer.GetType().Name.Replace("Options", "")}.");

    static void Train(
        ToyModelRecipe recipe, string folder, bool overwrite, (bool Resume, CheckpointOptions Options) checkpoints, Session session)
    {
        var run = TrainingDisplay.During(session, progress => InterruptedTrainingException.During(folder, () => ToyModelRun.Train(
            recipe with { Model = recipe.Model with { Progress = progress, Cancellation = session.Cancellation } },
            folder, overwrite, resume: checkpoints.Resume, checkpoints: checkpoints.Options)));
        session.Output.WriteLine(FormattableString.Invariant(
            $"{folder}: n={run.Recipe.World.Features} d={run.Recipe.Model.Dimensions}, best of {run.Instances.Count}: loss {run.Best.Loss:G6}"));
    }
}
