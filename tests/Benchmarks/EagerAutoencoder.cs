using Superposition.Autoencoders;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Benchmarks;

/// <summary>A sparse autoencoder as it is written on libtorch: dense tensors, autograd, torch's own Adam.</summary>
sealed class EagerAutoencoder : IDisposable
{
    readonly DisposeScope scope = NewDisposeScope();
    readonly TorchSharp.Modules.Parameter encoder, encoderBias, decoder, decoderBias;
    readonly TorchSharp.Modules.Parameter? threshold;
    readonly optim.Optimizer optimizer;
    readonly AutoencoderStep kind;

    /// <param name="kind">What is trained.</param>
    /// <param name="encoder">[m, d]</param>
    /// <param name="decoder">[m, d]</param>
    public EagerAutoencoder(AutoencoderStep kind, Tensor encoder, Tensor decoder)
    {
        this.kind = kind;
        this.encoder = new(encoder.detach().T.contiguous().clone());   // [d, m], as SAELens has it
        this.decoder = new(decoder.detach().clone());
        (encoderBias, decoderBias) = (new(zeros(kind.Latents)), new(zeros(kind.Dimensions)));
        threshold = kind.Threshold is { } first ? new(full(kind.Latents, first)) : null;
        optimizer = optim.Adam(threshold is null ? [this.encoder, encoderBias, this.decoder, decoderBias]
            : [this.encoder, encoderBias, this.decoder, decoderBias, threshold], lr: kind.LearningRate);
    }

    /// <summary>One step; its loss.</summary>
    public float Step(Tensor x)
    {
        using var inner = NewDisposeScope();
        var pre = Product(x - decoderBias, encoder) + encoderBias;
        var (latents, price) = Latents(pre);
        var reconstruction = Product(latents, decoder) + decoderBias;
        var loss = (reconstruction - x).pow(2).sum(1).mean();
        if (price is not null) loss = loss + price;
        optimizer.zero_grad();
        loss.backward();
        if (kind.UnitDecoder)
        {
            using var noGradient = no_grad();
            decoder.grad!.sub_((decoder.grad! * decoder).sum(1, keepdim: true) * decoder);
        }
        if (kind.Clip is { } clip) nn.utils.clip_grad_norm_(optimizer.parameters(), clip);
        optimizer.step();
        if (kind.UnitDecoder)
        {
            using var noGradient = no_grad();
            decoder.div_(decoder.norm(1, keepdim: true));
        }
        return loss.item<float>();
    }

    // In bfloat16 what autocast does: the operands cast, forward and backward.
    Tensor Product(Tensor a, Tensor b) => kind.Precision == EncoderPrecision.Single
        ? a.matmul(b)
        : a.to(ScalarType.BFloat16).matmul(b.to(ScalarType.BFloat16)).to(ScalarType.Float32);

    (Tensor Latents, Tensor? Price) Latents(Tensor pre)
    {
        if (threshold is not null)
        {
            var open = pre.gt(threshold).to(float32);
            var window = ((pre - threshold).detach().abs() < kind.Bandwidth / 2).to(float32) / kind.Bandwidth;
            var free = threshold - threshold.detach();
            return (pre * open - window * threshold.detach() * free, (open - window * free).sum(1).mean() * kind.Price);
        }
        if (kind.ByBatch)
        {
            var score = (pre * decoder.norm(1)).relu().flatten();
            var (_, best) = score.topk((int)(kind.K * pre.shape[0]), 0, sorted: false);
            var flat = pre.flatten();
            return (zeros_like(flat).scatter(0, best, flat.gather(0, best).relu()).reshape(pre.shape), null);
        }
        var (values, indices) = pre.topk((int)kind.K, 1, sorted: false);
        return (zeros_like(pre).scatter(1, indices, values.relu()), null);
    }

    public void Dispose()
    {
        optimizer.Dispose();
        scope.Dispose();
        foreach (var parameter in (Tensor?[])[encoder, encoderBias, decoder, decoderBias, threshold]) parameter?.Dispose();
    }
}
