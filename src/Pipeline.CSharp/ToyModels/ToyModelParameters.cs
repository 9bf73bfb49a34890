using System.Runtime.InteropServices;
using Superposition.DataViews;
using Superposition.Randomness;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>The parameters of K instances as tensors, and the model's forward pass on them, for any architecture.</summary>
internal sealed class ToyModelParameters : IDisposable
{
    /// <summary>[K, n, d], [K, outputs, d] (W itself where tied) and [K, outputs].</summary>
    public Tensor W { get; }
    public Tensor Decoder { get; }
    public Tensor B { get; }

    readonly ToyArchitecture architecture;
    readonly Tensor[] inner, hiddenBiases;   // [K, d, d] and [K, 1, d]

    public ToyModelParameters(Tensor w, Tensor b) : this(ToyArchitecture.ReluOutput, w, w, [], [], b) { }

    ToyModelParameters(ToyArchitecture architecture, Tensor w, Tensor decoder, Tensor[] inner, Tensor[] hiddenBiases, Tensor b)
    {
        (this.architecture, W, Decoder, B, this.inner, this.hiddenBiases) = (architecture, w, decoder, b, inner, hiddenBiases);
        foreach (var parameter in All) parameter.DetachFromDisposeScope();
    }

    /// <summary>Each parameter once.</summary>
    public IEnumerable<Tensor> All => [W, .. architecture.Tied ? [] : (Tensor[])[Decoder], .. inner, .. hiddenBiases, B];

    public static ToyModelParameters Of(IReadOnlyList<ToyModel> models)
    {
        var first = models[0];
        Tensor Matrices(Func<ToyModel, float[,]> matrix) => Parameter(models.SelectMany(m => Rows.Flat(matrix(m)).ToArray()),
            models.Count, matrix(first).GetLength(0), matrix(first).GetLength(1));
        var w = Matrices(m => m.W);
        return new(
            first.Architecture, w, first.Architecture.Tied ? w : Matrices(m => m.Decoder),
            [.. Enumerable.Range(0, first.Inner.Count).Select(l => Matrices(m => m.Inner[l]))],
            [.. Enumerable.Range(0, first.HiddenBiases.Count).Select(l =>
                Parameter(models.SelectMany(m => m.HiddenBiases[l]), models.Count, 1, first.Dimensions))],
            Parameter(models.SelectMany(m => m.B), models.Count, first.Outputs));
    }

    static Tensor Parameter(IEnumerable<float> values, params long[] shape) => tensor([.. values], shape).requires_grad_();

    /// <summary>[outputs] I_i.</summary>
    public static Tensor Importance(ToyModelOptions options, int features) =>
        tensor([.. options.Importance.Expand(options.Target.Outputs(features)).Select(i => (float)i)]);

    /// <summary>The next rows of each feed into x [feeds, B, n], and their targets into t [feeds, B, outputs].</summary>
    public static void Fill(Tensor x, Tensor t, Target target, params ReadOnlySpan<RowFeed> feeds)
    {
        var rows = MemoryMarshal.Cast<byte, float>(x.bytes);
        var length = rows.Length / feeds.Length;
        for (var f = 0; f < feeds.Length; f++) feeds[f].Next(rows.Slice(f * length, length));
        if (ReferenceEquals(x, t)) return;
        var targets = MemoryMarshal.Cast<byte, float>(t.bytes);
        int n = (int)x.shape[2], outputs = (int)t.shape[2];
        for (var r = 0; r < rows.Length / n; r++) target.Evaluate(rows.Slice(r * n, n), targets.Slice(r * outputs, outputs));
    }

    /// <summary>[K, B, d] The last hidden layer's activations of x [K, B, n] or [1, B, n], times a mask of the same shape where one is given.</summary>
    public Tensor Hidden(Tensor x, Tensor? mask = null)
    {
        var inputs = x.shape[0] == W.shape[0] ? x : x.expand(W.shape[0], -1, -1);
        var h = Layer(inputs, W, 0);
        for (var l = 0; l < inner.Length; l++) h = Layer(h, inner[l], l + 1);
        return mask is null ? h : h * mask;
    }

    Tensor Layer(Tensor input, Tensor weights, int layer)
    {
        var pre = input.matmul(weights);
        return ActivationFunctions.Of(architecture.Hidden, hiddenBiases.Length > 0 ? Sums.Of(pre, hiddenBiases[layer]) : pre);
    }

    /// <summary>[K, B, outputs] y, for the last hidden layer's activations.</summary>
    public Tensor Outputs(Tensor hidden) =>
        ActivationFunctions.Of(architecture.Output, Sums.Of(hidden.matmul(Decoder.transpose(1, 2)), B.unsqueeze(1)));

    /// <summary>[K] Batch mean of the objective, for outputs and targets [K, B, outputs] or [1, B, outputs].</summary>
    public static Tensor Loss(Objective objective, Tensor outputs, Tensor targets, Tensor importance)
    {
        if (objective == Objective.SquaredError) return (Squares.Elements(targets, outputs) * importance).sum(dim: 2).mean([1]);
        var sums = targets.sum(dim: 2, keepdim: true);
        var shares = targets / torch.maximum(sums, torch.full_like(sums, Tiny));   // of zeros: zeros
        return (shares * outputs.log_softmax(-1) * importance).sum(dim: 2).mean([1]).neg();
    }

    // Held for good: a Scalar that is made for a call may be finalised while native code still reads it.
    static readonly Scalar Tiny = 1e-30f;

    /// <summary>[K] Batch mean of Σ_i I_i (x_i − y_i)².</summary>
    public Tensor Loss(Tensor x, Tensor importance) => Loss(Objective.SquaredError, Outputs(Hidden(x)), x, importance);

    /// <summary>[K] Batch mean of ‖h‖₁.</summary>
    public static Tensor Penalty(Tensor hidden) => hidden.abs().sum(dim: 2).mean([1]);

    /// <summary>The instances as plain arrays.</summary>
    public ToyModel[] ToModels() => [.. Enumerable.Range(0, (int)W.shape[0]).Select(k =>
    {
        var model = new ToyModel(Matrix(W, k), Vector(B, k), double.NaN)
        {
            Architecture = architecture,
            Inner = [.. inner.Select(m => Matrix(m, k))],
            HiddenBiases = [.. hiddenBiases.Select(c => Vector(c, k))],
        };
        return architecture.Tied ? model : model with { Decoder = Matrix(Decoder, k) };
    })];

    /// <summary>Puts an instance in the place of number k.</summary>
    public void Put(int k, ToyModel model)
    {
        foreach (var (parameter, (_, values)) in All.Zip(model.Parameters())) values.CopyTo(Slice(parameter, k));
    }

    static float[,] Matrix(Tensor matrices, int k) => Rows.Matrix(Slice(matrices, k), (int)matrices.shape[1]);

    static float[] Vector(Tensor vectors, int k) => Slice(vectors, k).ToArray();

    static Span<float> Slice(Tensor tensor, int k)
    {
        var length = (int)(tensor.NumberOfElements / tensor.shape[0]);
        return MemoryMarshal.Cast<byte, float>(tensor.bytes).Slice(k * length, length);
    }

    public void Dispose()
    {
        foreach (var parameter in All) parameter.Dispose();
    }
}
