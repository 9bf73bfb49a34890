using CsCheck;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelSymmetryTests
{
    static readonly Gen<(ToyModelCase Case, int Seed)> Cases =
        Gen.Select(Gen.Int[2, 30], Gen.Int[2, 12], Gen.Int[1, 3], Gen.Int[4, 64], Gen.Int[0, int.MaxValue - 1])
            .Select((n, d, k, rows, seed) => (new ToyModelCase(n, d, k, rows, shared: true, seed), seed))
            .Where(c => c.Item1.NearestKink > 1e-5);

    // Toy Models of Superposition: W and OW are the same model, for O orthogonal.
    [Fact]
    public void Rotating_the_hidden_space_changes_no_output_and_rotates_the_gradient() => Cases.Sample((c, seed) =>
    {
        using var scope = NewDisposeScope();
        using var parameters = c.Parameters();
        var rotation = Rotation(c.Dimensions, seed);
        using var rotated = new ToyModelParameters(
            parameters.W.detach().matmul(rotation).requires_grad_(), parameters.B.detach().clone().requires_grad_());
        var (before, after) = (Gradients(parameters, c), Gradients(rotated, c));
        AssertClose(before.Loss, after.Loss);
        AssertClose(before.W.matmul(rotation), after.W);
        AssertClose(before.B, after.B);
    }, threads: 1);

    [Fact]
    public void Permuting_the_features_permutes_the_gradients() => Cases.Sample((c, seed) =>
    {
        using var scope = NewDisposeScope();
        using var parameters = c.Parameters();
        var order = tensor([.. Permutation(c.Features, seed)]);
        using var permuted = new ToyModelParameters(
            parameters.W.detach().index_select(1, order).requires_grad_(), parameters.B.detach().index_select(1, order).requires_grad_());
        var before = Gradients(parameters, c);
        var after = Gradients(permuted, c.X.index_select(2, order), tensor(c.Importance).index_select(0, order));
        AssertClose(before.Loss, after.Loss);
        AssertClose(before.W.index_select(1, order), after.W);
        AssertClose(before.B.index_select(1, order), after.B);
    }, threads: 1);

    [Fact]
    public void Permuting_the_rows_changes_nothing() => Cases.Sample((c, seed) =>
    {
        using var scope = NewDisposeScope();
        using var parameters = c.Parameters();
        using var again = c.Parameters();
        var before = Gradients(parameters, c);
        var after = Gradients(again, c.X.index_select(1, tensor([.. Permutation(c.Rows, seed)])), tensor(c.Importance));
        AssertClose(before.Loss, after.Loss);
        AssertClose(before.W, after.W);
        AssertClose(before.B, after.B);
    }, threads: 1);

    [Fact]
    public void Twice_the_importance_is_twice_the_loss_and_gradient_and_none_is_none() => Cases.Sample((c, _) =>
    {
        using var scope = NewDisposeScope();
        Tensor Times(float factor) => tensor([.. c.Importance.Select(v => v * factor)]);
        using var once = c.Parameters();
        using var twice = c.Parameters();
        using var never = c.Parameters();
        var (one, two, none) = (Gradients(once, c), Gradients(twice, c.X, Times(2)), Gradients(never, c.X, Times(0)));
        AssertClose(Sums.Of(one.Loss, one.Loss), two.Loss);
        AssertClose(Sums.Of(one.W, one.W), two.W);
        Assert.Equal(0, none.Loss.sum().item<float>());
        Assert.Equal(0, none.W.abs().sum().item<float>());
    }, threads: 1);

    [Fact]
    public void An_instances_gradient_does_not_depend_on_the_others() => Cases.Sample((c, seed) =>
    {
        using var scope = NewDisposeScope();
        using var parameters = c.Parameters();
        using var changed = c.Parameters();
        var other = seed % c.Instances;
        using (no_grad()) changed.W[other].copy_(Sums.Of(changed.W[other], changed.W[other]));
        var (before, after) = (Gradients(parameters, c), Gradients(changed, c));
        for (var k = 0; k < c.Instances; k++)
        {
            if (k == other) continue;
            Assert.Equal(before.W[k].data<float>().ToArray(), after.W[k].data<float>().ToArray());
            Assert.Equal(before.Loss[k].item<float>(), after.Loss[k].item<float>());
        }
    }, threads: 1);

    static (Tensor Loss, Tensor W, Tensor B) Gradients(ToyModelParameters parameters, ToyModelCase c) =>
        Gradients(parameters, c.X, tensor(c.Importance));

    static (Tensor Loss, Tensor W, Tensor B) Gradients(ToyModelParameters parameters, Tensor x, Tensor importance)
    {
        var loss = parameters.Loss(x, importance);
        loss.sum().backward();
        return (loss.detach(), parameters.W.grad!, parameters.B.grad!);
    }

    // Relative to what the numbers are as a whole, with a floor for gradients that cancel.
    static void AssertClose(Tensor expected, Tensor found)
    {
        var (e, f) = (expected.data<float>().ToArray(), found.data<float>().ToArray());
        var scale = Math.Max(0.01, Math.Sqrt(e.Sum(v => (double)v * v)));
        Assert.InRange(Math.Sqrt(e.Zip(f).Sum(v => Math.Pow(v.First - v.Second, 2))) / scale, 0, 2e-5);
    }

    static long[] Permutation(int count, int seed)
    {
        long[] order = [.. Enumerable.Range(0, count).Select(i => (long)i)];
        new Random(seed).Shuffle(order);
        return order;
    }

    // Orthogonal, from a random matrix by Gram and Schmidt.
    static Tensor Rotation(int d, int seed)
    {
        var random = new Random(seed);
        var rows = new double[d][];
        for (var i = 0; i < d; i++)
        {
            rows[i] = [.. Enumerable.Range(0, d).Select(_ => random.NextDouble() - 0.5)];
            for (var pass = 0; pass < 2; pass++)   // twice is enough
                for (var j = 0; j < i; j++)
                {
                    var along = rows[i].Zip(rows[j], (a, b) => a * b).Sum();
                    for (var c = 0; c < d; c++) rows[i][c] -= along * rows[j][c];
                }
            var norm = Math.Sqrt(rows[i].Sum(v => v * v));
            for (var c = 0; c < d; c++) rows[i][c] /= norm;
        }
        return tensor([.. rows.SelectMany(r => r).Select(v => (float)v)], d, d);
    }
}
