using Superposition.DataViews;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Superposition.Autoencoders;

/// <summary>
/// Steps whose only dense product is the encoder's. What is active in each row is written down as entries; sorted by latent, they make the
/// gradients of a latent's rows while those are in cache; the optimiser passes over all parameters once. Sums have an order of their
/// own, so the same bytes come out whatever the thread count.
/// </summary>
internal sealed unsafe class SparseSteps : StepEngine
{
    const int RowShare = 32, LatentShare = 32;

    readonly SparseAutoencoderOptions options;
    readonly Architecture architecture;
    readonly SparseKernel kernel;
    readonly int m, d, width;
    readonly Moments<float>[] moments;
    readonly float* encoder, encoderBias, decoder, decoderBias;
    readonly float*[] own;
    readonly int slots;
    readonly float[] norms;
    bool hasNorms;
    // Gradients: of the encoder and the decoder [m, d], of everything else.
    readonly Aligned<float> encoderGradient, decoderGradient;
    readonly float[] encoderBiasGradient, decoderBiasGradient;
    readonly float[][] ownGradients;   // [slots][m], the norm's last where there is one
    readonly float[] zeros;
    readonly bool[] reachesBias;   // [channels]
    // Of a batch.
    Tensor? pre, centred;
    Aligned<float>? channels;
    SparseRow[] shares = [];
    readonly LatentEntries entries;
    int rows;
    double squaredNorm;   // of all gradients

    public SparseSteps(SparseAutoencoderOptions options, Architecture architecture, SparseKernel kernel, SparseAutoencoderParameters parameters)
        : base(parameters)
    {
        (this.options, this.architecture, this.kernel) = (options, architecture, kernel);
        (m, d, width) = ((int)parameters.Decoder.shape[0], (int)parameters.Encoder.shape[1], (int)parameters.Decoder.shape[1]);
        moments = [.. parameters.All.Select(p => options.Optimizer.Moments<float>(p.NumberOfElements, options.Steps))];
        encoder = parameters.Encoder.Address<float>();
        encoderBias = parameters.EncoderBias.Address<float>();
        decoder = parameters.Decoder.Address<float>();
        decoderBias = parameters.DecoderBias.Address<float>();
        own = new float*[kernel.OwnGradients.Count];
        for (var s = 0; s < own.Length; s++) own[s] = parameters[kernel.OwnGradients[s]].Address<float>();
        slots = own.Length + (kernel.HasNormGradient ? 1 : 0);
        norms = new float[m];
        (encoderGradient, decoderGradient) = (new(checked(m * d)), new(checked(m * width)));
        (encoderBiasGradient, decoderBiasGradient) = (new float[m], new float[width]);
        ownGradients = [.. Enumerable.Range(0, slots).Select(_ => new float[m])];
        entries = new(m, slots);
        zeros = GC.AllocateArray<float>(Math.Max(d, width), pinned: true);
        reachesBias = [.. Enumerable.Range(0, kernel.Channels).Select(kernel.ReachesEncoderBias)];
    }

    public override IReadOnlyList<Moments<float>> Moments => moments;

    public override StepOutcome Step(Batch batch)
    {
        Prepare((int)batch.X.shape[0]);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (x, target) = (batch.X.contiguous(), batch.Target.contiguous());
        var input = Input(x);
        Encode(input);
        if (!hasNorms)
            for (var j = 0; j < m; j++) norms[j] = Norm(decoder + (long)j * width);
        hasNorms = true;
        var sparse = new SparseBatch(new(pre!), encoderBias, own, norms, batch.Dead, batch.Step);
        kernel.Begin(sparse);
        var outcome = Rows(sparse, target);
        kernel.End(sparse);
        Gradients(input.Address<float>());
        return outcome;
    }

    void Prepare(int batchRows)
    {
        if (rows == batchRows) return;
        pre?.Dispose();
        centred?.Dispose();
        channels?.Dispose();
        rows = batchRows;
        pre = empty(rows, m).DetachFromDisposeScope();
        centred = empty(rows, d).DetachFromDisposeScope();
        channels = new(checked(kernel.Channels * rows * width));
    }

    // x − b_dec, or x.
    Tensor Input(Tensor x)
    {
        if (!architecture.CentresInput) return x;
        var (from, to) = ((nint)x.Address<float>(), (nint)centred!.Address<float>());
        Parallel.For(0, (rows + RowShare - 1) / RowShare, share =>
        {
            for (var b = share * RowShare; b < Math.Min(rows, (share + 1) * RowShare); b++)
                TensorPrimitives.Subtract(
                    new ReadOnlySpan<float>((float*)from + (long)b * d, d), new ReadOnlySpan<float>(decoderBias, d), new((float*)to + (long)b * d, d));
        });
        return centred!;
    }

    // pre = input · W_encᵀ
    void Encode(Tensor input)
    {
        using var transposed = Parameters.Encoder.T;
        if (options.EncoderPrecision == EncoderPrecision.Single)
        {
            pre!.addmm_(input, transposed, 0, 1);
            return;
        }
        using var x = input.to(ScalarType.BFloat16);
        using var encoder = transposed.to(ScalarType.BFloat16);
        using var product = x.matmul(encoder);
        pre!.copy_(product);
    }

    StepOutcome Rows(SparseBatch batch, Tensor target)
    {
        var count = (rows + RowShare - 1) / RowShare;
        if (shares.Length < count) shares = [.. Enumerable.Range(0, count).Select(_ => new SparseRow(batch, width, slots, decoder, decoderBias))];
        var (losses, errors, least, ends) = (new double[rows], new float[rows], new float[rows], new int[rows]);
        var (targets, gradients) = ((nint)target.Address<float>(), (nint)channels!.Pointer);
        Parallel.For(0, count, s =>
        {
            var row = shares[s];
            row.Clear();
            row.Batch = batch;
            for (var b = s * RowShare; b < Math.Min(rows, (s + 1) * RowShare); b++)
            {
                row.Begin(b, (float*)targets + (long)b * width, (float*)gradients + (long)b * width, (long)rows * width);
                losses[b] = kernel.Row(row);
                (errors[b], least[b], ends[b]) = (row.Error, row.LeastKept, row.Count);
            }
        });
        entries.Fill(shares.AsSpan(0, count), RowShare, ends);
        return new(losses.Sum() / rows, errors, Fired(count), least.Min());
    }

    // Entries of the first channels, the levels; attempts of the dead are none.
    int[] Fired(int count)
    {
        var fired = new int[m];
        for (var s = 0; s < count; s++)
        {
            var (latents, z, channel, _) = shares[s].Entries;
            for (var e = 0; e < shares[s].Count; e++)
                if (z[e] != 0 && channel[e] < kernel.FiringChannels) fired[latents[e]]++;
        }
        return fired;
    }

    void Gradients(float* input)
    {
        var count = (m + LatentShare - 1) / LatentShare;
        var (squares, throughEncoder, inputs) = (new double[count], new float[count * d], (nint)input);
        fixed (int* rowOf = entries.Rows, gradientOf = entries.Gradients)
        fixed (float* z = entries.Z, dh = entries.DH)
        {
            var (rowsAt, gradientsAt, zAt, dhAt) = ((nint)rowOf, (nint)gradientOf, (nint)z, (nint)dh);
            Parallel.For(0, count, share =>
            {
                fixed (float* through = &throughEncoder[share * d])
                    for (var j = share * LatentShare; j < Math.Min(m, (share + 1) * LatentShare); j++)
                        squares[share] += Latent(j, (float*)inputs, (int*)rowsAt, (int*)gradientsAt, (float*)zAt, (float*)dhAt, through);
            });
        }
        BiasGradient(throughEncoder, count);
        squaredNorm = squares.Sum() + TensorPrimitives.SumOfSquares<float>(decoderBiasGradient);
    }

    // All gradients of a latent; returns their squared norm.
    double Latent(int j, float* input, int* rowsAt, int* gradientsAt, float* zAt, float* dhAt, float* throughEncoder)
    {
        var (start, hits) = (entries.Start(j), entries.Count(j));
        encoderBiasGradient[j] = 0;
        foreach (var gradient in ownGradients) gradient[j] = 0;
        if (hits == 0) return 0;
        float* intoEncoder = encoderGradient.Pointer + (long)j * d, intoDecoder = decoderGradient.Pointer + (long)j * width;
        new Span<float>(intoEncoder, d).Clear();
        new Span<float>(intoDecoder, width).Clear();
        WeightedRows.Add(intoDecoder, width, gradientsAt + start, zAt + start, hits, channels!.Pointer);
        WeightedRows.Add(intoEncoder, d, rowsAt + start, dhAt + start, hits, input);
        float bias = 0, through = 0;
        for (var e = start; e < start + hits; e++)
        {
            through += entries.DH[e];
            if (reachesBias[entries.Gradients[e] / rows]) bias += entries.DH[e];
        }
        for (var slot = 0; slot < slots; slot++)
            for (var e = start; e < start + hits; e++) ownGradients[slot][j] += entries.Extras[slot][e];
        var direction = decoder + (long)j * width;
        if (kernel.HasNormGradient) WeightedRows.Add(intoDecoder, direction, ownGradients[^1][j] / norms[j], width);
        if (options.DecoderNorm == DecoderNorm.Unit)
            WeightedRows.Add(intoDecoder, direction, -WeightedRows.Dot(intoDecoder, direction, width), width);
        encoderBiasGradient[j] = bias;
        if (architecture.CentresInput) WeightedRows.Add(throughEncoder, encoder + (long)j * d, -through, d);
        var squares = (double)WeightedRows.Dot(intoEncoder, intoEncoder, d) + WeightedRows.Dot(intoDecoder, intoDecoder, width) + (double)bias * bias;
        for (var slot = 0; slot < own.Length; slot++) squares += (double)ownGradients[slot][j] * ownGradients[slot][j];
        return squares;
    }

    // What reaches b_dec: the first channel of every row, and what comes back through the encoder.
    void BiasGradient(float[] throughEncoder, int count)
    {
        var partial = new float[(rows + RowShare - 1) / RowShare][];
        var gradients = (nint)channels!.Pointer;
        Parallel.For(0, partial.Length, s =>
        {
            partial[s] = new float[width];
            fixed (float* sum = partial[s])
                for (var b = s * RowShare; b < Math.Min(rows, (s + 1) * RowShare); b++)
                    foreach (var channel in kernel.BiasChannels) WeightedRows.Add(sum, (float*)gradients + ((long)channel * rows + b) * width, 1, width);
        });
        Array.Clear(decoderBiasGradient);
        foreach (var part in partial)
            for (var i = 0; i < width; i++) decoderBiasGradient[i] += part[i];
        if (!architecture.CentresInput) return;
        for (var share = 0; share < count; share++)
            for (var i = 0; i < d; i++) decoderBiasGradient[i] += throughEncoder[share * d + i];
    }

    public override void Update()
    {
        var factor = ClipFactor(options.GradientClip, squaredNorm);
        foreach (var of in moments) of.Begin();
        var names = Parameters.Names.ToList();
        var (ofEncoder, ofEncoderBias, ofDecoder) = (Of("W_enc"), Of("b_enc"), Of("W_dec")!);
        Moments<float>?[] ofOwn = [.. kernel.OwnGradients.Select(Of)];
        Parallel.For(0, (m + LatentShare - 1) / LatentShare, share =>
        {
            for (var j = share * LatentShare; j < Math.Min(m, (share + 1) * LatentShare); j++)
            {
                var isHit = entries.Count(j) > 0;
                Follow(ofEncoder!, encoder + (long)j * d, j * d, d, isHit ? new(encoderGradient.Pointer + (long)j * d, d) : zeros.AsSpan(0, d));
                Follow(ofDecoder, decoder + (long)j * width, j * width, width, isHit ? new(decoderGradient.Pointer + (long)j * width, width) : zeros.AsSpan(0, width));
                if (ofEncoderBias is not null) Follow(ofEncoderBias, encoderBias + j, j, 1, encoderBiasGradient.AsSpan(j, 1));
                for (var slot = 0; slot < ofOwn.Length; slot++) Follow(ofOwn[slot]!, own[slot] + j, j, 1, ownGradients[slot].AsSpan(j, 1));
                if (options.DecoderNorm == DecoderNorm.Unit) Normalise(decoder + (long)j * width);
                norms[j] = Norm(decoder + (long)j * width);
            }
        });
        if (Of("b_dec") is { } ofDecoderBias) Follow(ofDecoderBias, decoderBias, 0, width, decoderBiasGradient);
        using (no_grad()) architecture.Constrain(Parameters);

        Moments<float>? Of(string name) => names.IndexOf(name) is >= 0 and var i ? moments[i] : null;

        void Follow(Moments<float> of, float* parameter, int start, int length, Span<float> gradient)
        {
            if (factor != 1) TensorPrimitives.Multiply(gradient, factor, gradient);   // of a silent latent it is 0 and stays so
            of.Update(start, new(parameter, length), gradient);
        }
    }

    void Normalise(float* row) =>
        TensorPrimitives.Divide(new ReadOnlySpan<float>(row, width), Norm(row), new(row, width));

    float Norm(float* row) => MathF.Sqrt(WeightedRows.Dot(row, row, width));

    public override void ParametersChanged() => hasNorms = false;

    public override void Dispose()
    {
        pre?.Dispose();
        centred?.Dispose();
        channels?.Dispose();
        encoderGradient.Dispose();
        decoderGradient.Dispose();
        base.Dispose();
    }
}
