namespace Superposition.Tests.References;

/// <summary>
/// What each sparse autoencoder is: its loss in double precision, sample by sample, as slow as it is plain; gradients come from the
/// <see cref="Value">tape</see>. h = W_enc(x − b_dec) + b_enc, x̂ = W_decᵀz + b_dec; all losses are means over the batch.
/// </summary>
/// <param name="latents">m.</param>
/// <param name="parameters">
/// W_enc [m, d], b_enc [m], W_dec [m, d′], b_dec [d′], r_mag [m], b_mag [m], threshold [m], W_skip [d′, d], row after row. Without W_enc
/// the encoder is the decoder; any other that is missing is 0.
/// </param>
public sealed class SparseAutoencoderReference(int latents, IReadOnlyDictionary<string, double[]> parameters)
{
    readonly int m = latents, d = (parameters.GetValueOrDefault("W_enc") ?? parameters["W_dec"]).Length / latents;
    readonly int width = parameters["W_dec"].Length / latents;

    /// <summary>The numbers themselves: a change here changes the autoencoder.</summary>
    public IReadOnlyDictionary<string, double[]> Parameters => parameters;

    /// <summary>m.</summary>
    public int Latents => m;

    /// <summary>d.</summary>
    public int Dimensions => d;

    /// <summary>d′.</summary>
    public int OutputDimensions => width;

    /// <summary>Where constants and straight-through estimates are recorded, or played back from.</summary>
    public Estimates Estimates { get; set; } = new();

    /// <summary>Ways to get a gradient wrong that have been shipped elsewhere.</summary>
    [Flags]
    public enum Mistakes
    {
        None = 0,

        /// <summary>ê = W_decᵀz + b_dec, as EleutherAI's sparsify has it.</summary>
        BiasInEstimate = 1,

        /// <summary>The gradient flows into the residual, as it did there before issue 57.</summary>
        ResidualNotDetached = 2,

        /// <summary>b_dec enters what AuxK is to predict, e + b_dec (openai/sparse_autoencoder train.py).</summary>
        BiasInTarget = 4,

        /// <summary>Dead latents try with ReLU(h), and a negative one learns nothing (dictionary_learning top_k.py).</summary>
        ReluBeforeAttempt = 8,

        /// <summary>The gradient by log θ is given to θ: θ·∂L/∂θ (BatchTopK issue 2 has it the other way about).</summary>
        ThresholdAsLogarithm = 16,

        /// <summary>Gated's last term trains the decoder, too.</summary>
        AuxiliaryNotDetached = 32,
    }

    /// <summary>One batch.</summary>
    /// <param name="Loss">What is descended.</param>
    /// <param name="Gradients">Of each parameter.</param>
    /// <param name="Latents">[B][m] z.</param>
    /// <param name="Reconstructions">[B][d′] x̂.</param>
    /// <param name="Margins">[B] How far each sample is from another selection, or from the other side of a kink.</param>
    public sealed record Result(
        double Loss, IReadOnlyDictionary<string, double[]> Gradients, double[][] Latents, double[][] Reconstructions, double[] Margins);

    /// <summary>Dead latents, and their attempt at what is left over, with weight α.</summary>
    public sealed record Attempt(double Alpha, int[] Dead, Mistakes Mistakes = Mistakes.None);

    // ---- a price on activity

    /// <summary>z = ReLU(h); L = ‖x − x̂‖² + λ Σ_j z_j w_j, w_j = ‖d_j‖ if weighted and 1 if not.</summary>
    public Result L1(double[][] x, double price, bool weighted) => Batch(x, x, pass => pass.Mean(b =>
    {
        Value[] z = [.. pass.PreActivations(b).Select(h => pass.Relu(b, h))];
        return pass.Error(b, z) + price * Value.Sum(pass.Weighted(z, weighted));
    }));

    /// <summary>z = ReLU(h); L = ‖x − x̂‖² + λ Σ_j (z_j w_j)^p, or λ (Σ_j (z_j w_j)^p)^(1/p), over active latents.</summary>
    public Result PAnnealing(double[][] x, double price, double power, bool root, bool weighted) => Batch(x, x, pass => pass.Mean(b =>
    {
        const double steep = 20;   // z^p is so steep near 0 that samples keep farther away from it
        Value[] z = [.. pass.PreActivations(b).Select(h => pass.Relu(b, h, steep))];
        Value[] powers = [.. pass.Weighted(z, weighted).Where(value => value.Number > 0).Select(value => value.Pow(power))];
        var penalty = powers.Length == 0 ? 0 : root ? Value.Sum(powers).Pow(1 / power) : Value.Sum(powers);
        return pass.Error(b, z) + price * penalty;
    }));

    /// <summary>
    /// u = W_enc(x − b_dec), π = u + b_gate, z = 1[π > 0] ReLU(e^r u + b_mag);
    /// L = ‖x − x̂‖² + λ Σ_j ReLU(π_j) w_j + ‖x − W_decᵀReLU(π) − b_dec‖²,
    /// with W_dec and b_dec constant in the last term. b_gate is b_enc here.
    /// </summary>
    public Result Gated(double[][] x, double price, bool weighted, Mistakes mistakes = Mistakes.None) => Batch(x, x, pass => pass.Mean(b =>
    {
        var product = pass.Products(b);
        Value[] gate = [.. product.Zip(pass["b_enc"], (u, bias) => pass.Relu(b, u + bias))];
        Value[] magnitude = [.. Enumerable.Range(0, m).Select(j => pass.Relu(b, pass["r_mag"][j].Exp() * product[j] + pass["b_mag"][j]))];
        Value[] z = [.. magnitude.Zip(gate, (size, open) => open.Number > 0 ? size : 0)];
        Func<Value, Value> held = mistakes.HasFlag(Mistakes.AuxiliaryNotDetached) ? value => value : Estimates.Constant;
        var seen = Enumerable.Range(0, width).Select(i =>
            Value.Sum(Enumerable.Range(0, m).Select(j => gate[j] * held(pass.Direction(j)[i]))) + held(pass["b_dec"][i]));
        return pass.Error(b, z) + price * Value.Sum(pass.Weighted(gate, weighted))
            + Value.Squares(seen.Select((value, i) => x[b][i] - value));
    }));

    /// <summary>What activity costs under JumpReLU.</summary>
    public enum Price
    {
        /// <summary>Σ_j 1[h_j > θ_j].</summary>
        Step,

        /// <summary>Σ_j tanh(c z_j w_j).</summary>
        Tanh,

        /// <summary>(L0 of the batch / target − 1)².</summary>
        Quadratic,
    }

    /// <summary>
    /// z = h 1[h > θ]; L = ‖x − x̂‖² + λ·price + μ Σ_dead ReLU(θ_j − h_j)‖d_j‖. With K = 1[|h − θ| &lt; ε/2]: ∂z/∂h = 1[h > θ],
    /// ∂z/∂θ = −(θ/ε)K, ∂1[h > θ]/∂θ = −(1/ε)K, ∂1[h > θ]/∂h = 0 (Rajamanoharan et al. 2024, "Jumping Ahead", eq. 11 and 12).
    /// </summary>
    public Result JumpRelu(
        double[][] x, double bandwidth, Price price, double coefficient, double target, double scale, bool weighted,
        double deadCoefficient, int[] dead, Mistakes mistakes = Mistakes.None)
    {
        var result = Batch(x, x, pass =>
        {
            var steps = new List<Value>();
            var loss = pass.Mean(b =>
            {
                var (h, theta) = (pass.PreActivations(b), pass["threshold"]);
                var z = new Value[m];
                for (var j = 0; j < m; j++)
                {
                    var distance = h[j].Number - theta[j].Number;
                    var (open, window) = (distance > 0 ? 1.0 : 0, Math.Abs(distance) < bandwidth / 2 ? 1.0 : 0);
                    pass.Choice(b, Math.Abs(distance));
                    pass.Choice(b, Math.Abs(Math.Abs(distance) - bandwidth / 2));
                    z[j] = Estimates.Straight(h[j].Number * open, (h[j], open), (theta[j], -theta[j].Number / bandwidth * window));
                    steps.Add(Estimates.Straight(open, (theta[j], -window / bandwidth)));
                }
                var revival = Value.Sum(dead.Select(j => (theta[j] - h[j]).Relu() * pass.Norm(j)));
                var row = pass.Error(b, z) + deadCoefficient * revival;
                return price == Price.Tanh
                    ? row + coefficient * Value.Sum(pass.Weighted(z, weighted).Select(value => (scale * value).Tanh()))
                    : row;
            });
            var l0 = Value.Sum(steps) * (1.0 / x.Length);
            return price switch
            {
                Price.Step => loss + coefficient * l0,
                Price.Quadratic => loss + coefficient * (l0 * (1 / target) - 1).Square(),
                _ => loss,
            };
        });
        if (mistakes.HasFlag(Mistakes.ThresholdAsLogarithm))
            for (var j = 0; j < m; j++) result.Gradients["threshold"][j] *= parameters["threshold"][j];
        return result;
    }

    // ---- the largest latents

    /// <summary>z = ReLU(h) on the k largest h_j w_j of the sample; L = ‖x − x̂‖² + AuxK.</summary>
    public Result TopK(double[][] x, int k, bool weighted, Attempt attempt) =>
        Selecting(x, x, [m], weighted, attempt, byLevel: false, (pass, h, score) =>
            [.. score.Select((row, b) => Kept(pass, b, h[b], pass.Largest(b, row, k), value => pass.Relu(b, value)))]);

    /// <summary>z = h on the k largest |h_j| w_j of the sample; L as of TopK.</summary>
    public Result AbsTopK(double[][] x, int k, bool weighted, Attempt attempt) =>
        Selecting(x, x, [m], weighted, attempt, byLevel: false, (pass, h, score) =>
            [.. score.Select((row, b) => Kept(pass, b, h[b], pass.Largest(b, [.. row.Select(Math.Abs)], k), value => value))]);

    /// <summary>z = ReLU(h) on the ⌊kB⌋ largest h_j w_j of the batch; L as of TopK.</summary>
    public Result BatchTopK(double[][] x, double k, bool weighted, Attempt attempt) =>
        Matryoshka(x, k, [m], weighted, attempt, byLevel: false);

    /// <summary>
    /// z as of BatchTopK; L = Σ_l ‖x − x̂_l‖² + AuxK, where x̂_l has the first w_l latents, and each level's dead latents try at the residual
    /// of their own prefix, or all at the last.
    /// </summary>
    public Result Matryoshka(double[][] x, double k, int[] widths, bool weighted, Attempt attempt, bool byLevel) =>
        Selecting(x, x, widths, weighted, attempt, byLevel, (pass, h, score) =>
        {
            var ranked = Enumerable.Range(0, x.Length * m).OrderByDescending(at => score[at / m][at % m]).ToArray();
            var count = (int)Math.Min(k * x.Length, x.Length * m);
            if (count > 0 && count < ranked.Length && Score(count - 1) > 0)
                pass.Choice(ranked[count] / m, Score(count - 1) - Math.Max(Score(count), 0));
            var kept = ranked[..count].ToHashSet();
            return [.. h.Select((row, b) => row.Select((value, j) => pass.Relu(b, value) * (kept.Contains(b * m + j) ? 1 : 0)).ToArray())];

            double Score(int rank) => score[ranked[rank] / m][ranked[rank] % m];
        });

    /// <summary>
    /// h = W_enc x + b_enc, z = ReLU(h) on the k largest h; L = ‖y − ŷ‖² + AuxK, ŷ = W_decᵀz + b_dec + W_skip x.
    /// </summary>
    public Result Transcoder(double[][] x, double[][] y, int k, Attempt attempt) =>
        Selecting(x, y, [m], weighted: false, attempt, byLevel: false, (pass, h, score) =>
            [.. score.Select((row, b) => Kept(pass, b, h[b], pass.Largest(b, row, k), value => pass.Relu(b, value)))], centred: false);

    static Value[] Kept(ReferencePass pass, int b, Value[] h, int[] kept, Func<Value, Value> of) =>
        [.. h.Select((value, j) => kept.Contains(j) ? of(value) : 0)];

    Result Selecting(
        double[][] x, double[][] y, int[] levels, bool weighted, Attempt attempt, bool byLevel,
        Func<ReferencePass, Value[][], double[][], Value[][]> select, bool centred = true) => Batch(x, y, pass =>
    {
        Value[][] h = [.. x.Select((_, b) => pass.PreActivations(b, centred))];
        double[][] score = [.. h.Select(row => pass.Weighted(row, weighted).Select(value => value.Number).ToArray())];
        var z = select(pass, h, score);
        return pass.Mean(b =>
        {
            var (loss, start) = ((Value)0, 0);
            foreach (var end in levels)
            {
                loss += pass.Error(b, [.. z[b].Select((value, j) => j < end ? value : 0)]);
                var dead = byLevel ? [.. attempt.Dead.Where(j => j >= start && j < end)] : end == m ? attempt.Dead : [];
                loss += Auxiliary(pass, b, h[b], score[b], attempt with { Dead = dead });
                start = end;
            }
            return loss;
        });
    });

    // α·min(dead/half, 1)·‖e − ê‖², half = max(1, ⌊d′/2⌋): e = x − x̂ is constant, and ê = Σ h_j d_j over the min(half, dead) largest
    // scores of dead latents (Gao et al. 2024, A.2; SAELens topk_sae.py after PR 644).
    Value Auxiliary(ReferencePass pass, int b, Value[] h, double[] score, Attempt attempt)
    {
        if (attempt.Dead.Length == 0 || attempt.Alpha == 0) return 0;
        var (half, mistakes) = (Math.Max(1, width / 2), attempt.Mistakes);
        var chosen = pass.Largest(b, score, Math.Min(half, attempt.Dead.Length), attempt.Dead);
        var miss = Enumerable.Range(0, width).Select(i =>
        {
            var estimate = Value.Sum(chosen.Select(j =>
                (mistakes.HasFlag(Mistakes.ReluBeforeAttempt) ? pass.Relu(b, h[j]) : h[j]) * pass.Direction(j)[i]));
            if (mistakes.HasFlag(Mistakes.BiasInEstimate)) estimate += pass["b_dec"][i];
            var left = mistakes.HasFlag(Mistakes.ResidualNotDetached) ? pass.Residual(b)[i] : Estimates.Constant(pass.Residual(b)[i]);
            return left + (mistakes.HasFlag(Mistakes.BiasInTarget) ? Estimates.Constant(pass["b_dec"][i]) : 0) - estimate;
        });
        return attempt.Alpha * Math.Min((double)attempt.Dead.Length / half, 1) * Value.Squares(miss);
    }

    // ---- pursuit

    /// <summary>
    /// r = x − b_dec; repeat j = argmax r·d_j, v = ReLU(r·d_j), z_j += v, r −= v d_j; L = ‖r‖². Which j are chosen has no gradient. A sample is
    /// done after an iteration that brought no new latent, if it stops on repeats (SAELens matching_pursuit_sae.py).
    /// </summary>
    public Result MatchingPursuit(double[][] x, int iterations, bool stopsOnRepeat) => Batch(x, x, pass => pass.Mean(b =>
    {
        Value[] residual = [.. x[b].Select((value, i) => value - pass["b_dec"][i])];
        var (z, taken) = (Enumerable.Repeat((Value)0, m).ToArray(), new HashSet<int>());
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            double[] score = [.. Enumerable.Range(0, m).Select(j => Value.Dot(residual, pass.Direction(j)).Number)];
            var best = pass.Largest(b, score, 1)[0];
            pass.Choice(b, Math.Abs(score[best]));
            if (score[best] <= 0) break;
            var value = Value.Dot(residual, pass.Direction(best));
            z[best] += value;
            residual = [.. residual.Zip(pass.Direction(best), (r, direction) => r - value * direction)];
            if (!taken.Add(best) && stopsOnRepeat) break;
        }
        return pass.Error(b, z);
    }));

    // ---- what all have in common

    Result Batch(double[][] x, double[][] y, Func<ReferencePass, Value> loss)
    {
        var pass = new ReferencePass(this, x, y);
        var end = loss(pass);
        end.Backward();
        return new(end.Number, parameters.Keys.ToDictionary(name => name, pass.Gradient), pass.Latents, pass.Reconstructions, pass.Margins);
    }
}
