using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelGridTests
{
    static readonly ToyModelRecipe Fused = new()
    {
        World = new() { Features = 6, Density = 0.4, Rows = 1000, Seed = 3 },
        Model = new() { Dimensions = 2, Instances = 4, Steps = 30, BatchSize = 16, HistoryEvery = 10, Seed = 4, Optimizer = new AdamWOptions { LearningRate = 0.01 } },
    };

    static readonly ToyModelRecipe Autograd = Fused with
    {
        Model = Fused.Model with { Architecture = AnyToyModel.Architecture["solu"], Dropout = 0.2, HiddenPenalty = 0.01 },
    };

    // At the edge: at a rate of 1 all eight instances settle, at 2 all run away.
    static readonly SgdOptions Wild = new() { LearningRate = 1.5 };

    static readonly ToyModelRecipe[] Grid =
    [
        Fused, Autograd, Fused with { Model = Fused.Model with { Architecture = ToyArchitecture.ReluHidden, Steps = 7 } },
        Autograd with { World = Autograd.World with { Features = 4 }, Model = Autograd.Model with { Objective = Objective.CrossEntropy, Architecture = ToyArchitecture.Linear } },
    ];

    [Fact]
    public void The_grid_has_cells_of_both_engines() =>
        Assert.Equal([true, false, true, false], Grid.Select(cell => FusedEngine.Has(cell.Model)));

    [Fact]
    public void An_instance_alone_has_the_bytes_it_has_in_the_grid()
    {
        var together = ToyModelGrid.Train(Grid);
        for (var c = 0; c < Grid.Length; c++)
        {
            Assert.Equal(Grid[c], together[c].Recipe);
            Assert.Equal([0, 1, 2, 3], together[c].Kept);
            for (var j = 0; j < 4; j++)
            {
                var alone = ToyModelGrid.Train([Grid[c] with { Model = Grid[c].Model with { Instances = 1, FirstInstance = j } }])[0];
                AssertSame(alone.Instances[0], together[c].Instances[j]);
                for (var t = 0; t < alone.History.Steps.Length; t++) Assert.Equal(alone.History.Loss[t, 0], together[c].History.Loss[t, j]);
            }
        }
    }

    [Fact]
    public void A_cell_has_the_bytes_that_the_estimator_trains()
    {
        var ml = new Microsoft.ML.MLContext();
        var cells = ToyModelGrid.Train(Grid);
        foreach (var (recipe, cell) in Grid.Zip(cells))
        {
            var fitted = ml.Transforms.ToyModel("Activations", "Features", recipe.Model).Fit(ml.Data.SparseFeatures(recipe.World));
            foreach (var (expected, found) in fitted.Instances.Zip(cell.Instances)) AssertSame(expected, found);
            Assert.Same(cell.Instances.MinBy(m => m.Loss), cell.Best);
        }
    }

    [Fact]
    public void One_thread_and_two_give_the_same_bytes()
    {
        var (one, two) = (ToyModelGrid.Train(Grid, new() { Threads = 1 }), ToyModelGrid.Train(Grid, new() { Threads = 2 }));
        foreach (var (a, b) in one.Zip(two))
            foreach (var (x, y) in a.Instances.Zip(b.Instances)) AssertSame(x, y);
    }

    [Theory]
    [InlineData(null, 0, 4)]
    [InlineData(2, 0, 2)]
    [InlineData(null, 1, 3)]
    [InlineData(2, 1, 2)]
    [InlineData(1, 3, 1)]
    [InlineData(9, 1, 3)]
    public void The_best_are_kept_and_the_worst_left_out(int? best, int worst, int expected)
    {
        var all = ToyModelGrid.Train([Fused, Autograd]);
        var kept = ToyModelGrid.Train([Fused, Autograd], new() { KeepBest = best, DropWorst = worst });
        foreach (var (whole, cell) in all.Zip(kept))
        {
            int[] ranked = [.. Enumerable.Range(0, 4).OrderBy(j => whole.Instances[j].Loss).Take(expected).Order()];
            Assert.Equal(ranked, cell.Kept);
            Assert.Equal(ranked.Select(j => whole.Instances[j].Loss), cell.Instances.Select(m => m.Loss));
            Assert.Equal(whole.Best.Loss, cell.Best.Loss);
            Assert.Equal(4, cell.History.Loss.GetLength(1));
        }
    }

    [Fact]
    public void All_problems_of_a_grid_are_named_by_their_cells_before_anything_is_trained()
    {
        Assert.Equal(["The grid has no cells; it must have at least 1."], Assert.Throws<OptionsException>(() => ToyModelGrid.Train([])).Problems);
        var heard = new Listener();
        ToyModelRecipe[] cells =
        [
            Fused,
            Fused with { Model = Fused.Model with { Dimensions = 0 }, World = Fused.World with { Density = 2 } },
            Fused with { Model = Fused.Model with { Instances = 1 } },
            Fused with { World = Fused.World with { Rows = 0 } },
        ];
        var error = Assert.Throws<OptionsException>(() =>
            ToyModelGrid.Train(cells, new() { KeepBest = 0, DropWorst = 1, Threads = 0, Progress = heard }));
        Assert.Equal(
            [
                "KeepBest is 0; it must be at least 1.",
                "Threads is 0; it must be at least 1.",
                "Cell 1: Density of feature 0 is 2; it must be a finite number in [0, 1].",
                "Cell 1: Dimensions is 0; it must be at least 1.",
                "Cell 2 has 1 instances, DropWorst is 1; one must be left.",
                "Cell 3: Rows is 0; there is nothing to train on.",
            ],
            error.Problems);
        Assert.Contains("DropWorst is -1", Assert.Throws<OptionsException>(() => ToyModelGrid.Train([Fused], new() { DropWorst = -1 })).Message, StringComparison.Ordinal);
        Assert.Equal(0, heard.Count);
    }

    [Theory]
    [InlineData(ToyModelEngine.Automatic)]
    [InlineData(ToyModelEngine.Autograd)]
    public void An_instance_that_diverges_is_named_and_the_others_are_unharmed(ToyModelEngine engine)
    {
        var runaway = Fused.Model with { Instances = 8, Steps = 60, Engine = engine, Optimizer = Wild };
        var (wild, tame) = (Fused with { Model = runaway }, Fused with { Model = Fused.Model with { Engine = engine } });
        var cells = ToyModelGrid.Train([wild, tame]);
        Assert.InRange(cells[0].Diverged.Count, 1, 7);
        Assert.Equal(Enumerable.Range(0, 8), cells[0].Kept.Concat(cells[0].Diverged).Order());
        Assert.Empty(cells[1].Diverged);
        foreach (var (model, j) in cells[0].Instances.Zip(cells[0].Kept))
        {
            var alone = ToyModelGrid.Train([wild with { Model = wild.Model with { Instances = 1, FirstInstance = j } }])[0];
            AssertSame(alone.Best, model);
            Assert.Equal(alone.History.Loss[2, 0], cells[0].History.Loss[2, j]);
        }
        Assert.All(cells[0].Diverged, j => Assert.True(float.IsNaN(cells[0].History.Loss[cells[0].History.Steps.Length - 1, j])));   // not a number that could pass for one
        var last = Fused with { Model = wild.Model with { Instances = 1, FirstInstance = cells[0].Diverged[0] } };
        var none = ToyModelGrid.Train([last])[0];
        Assert.Empty(none.Instances);
        Assert.Equal([0], none.Diverged);
        Assert.StartsWith("All instances of the cell diverged", Assert.Throws<InvalidOperationException>(() => none.Best).Message, StringComparison.Ordinal);
    }

    public static TheoryData<int> Kinds => [0, 1];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_grid_stops_when_its_token_is_cancelled(int kind)
    {
        using var source = new CancellationTokenSource();
        var endless = Grid[kind] with { Model = Grid[kind].Model with { Steps = 100_000_000, HistoryEvery = 100_000_000 } };
        var heard = new Listener { Then = source.Cancel };
        var error = Assert.Throws<OperationCanceledException>(() =>
            ToyModelGrid.Train([endless, endless], new() { Progress = heard, Cancellation = source.Token }));
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public void The_last_that_is_heard_is_the_end()
    {
        var heard = new Listener();
        ToyModelGrid.Train([Fused, Fused], new() { Stage = "phases", Progress = heard });
        Assert.Equal(("phases", 30L, 30L), (heard.Last!.Stage, heard.Last.Step, heard.Last.Steps));
    }

    static void AssertSame(ToyModel expected, ToyModel found)
    {
        Assert.Equal(expected.W.Cast<float>(), found.W.Cast<float>());
        Assert.Equal(expected.Decoder.Cast<float>(), found.Decoder.Cast<float>());
        Assert.Equal(expected.HiddenBiases.SelectMany(c => c), found.HiddenBiases.SelectMany(c => c));
        Assert.Equal(expected.B, found.B);
        Assert.Equal(expected.Loss, found.Loss);
    }

    sealed class Listener : IProgress<TrainingProgress>
    {
        public int Count { get; private set; }
        public TrainingProgress? Last { get; private set; }
        public Action? Then { get; init; }

        public void Report(TrainingProgress value)
        {
            (Count, Last) = (Count + 1, value);
            Then?.Invoke();
        }
    }
}
