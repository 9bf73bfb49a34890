using System.Text.Json.Nodes;
using CsCheck;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>Folders as SAELens leaves them, old and new, and folders that are not what they say.</summary>
public sealed class SaeLensReadingTests : IDisposable
{
    const int D = AnyAutoencoder.D, M = AnyAutoencoder.M;
    static readonly string[] Plain = ["W_enc", "b_enc", "W_dec", "b_dec"], WithThreshold = [.. Plain, "threshold"];

    readonly TemporaryFolder folder = new();

    LoadedAutoencoder Read(JsonObject config, Dictionary<string, StoredArray> tensors)
    {
        SaeLensFiles.Write(folder["sae"], config, tensors);
        return SparseAutoencoderFile.Read(folder["sae"]);
    }

    SparseAutoencoderFileReason ReasonOf(JsonObject config, Dictionary<string, StoredArray> tensors) => Refused(config, tensors).Reason;

    SparseAutoencoderFileException Refused(JsonObject config, Dictionary<string, StoredArray> tensors)
    {
        SaeLensFiles.Write(folder["sae"], config, tensors);
        return SaeLensFiles.Refused(folder["sae"]);
    }

    [Fact]
    public void A_file_of_version_6_is_read_without_a_warning()
    {
        var tensors = SaeLensFiles.Tensors(Plain);
        var loaded = Read(SaeLensFiles.Config("topk", ("k", 3), ("rescale_acts_by_decoder_norm", false)), tensors);
        Assert.Equal(new TopKActivation(3), loaded.Autoencoder.Activation);
        Assert.Equal(tensors["W_enc"].ToSingles(), Rows.Flat(loaded.Autoencoder.Encoder).ToArray());
        Assert.Equal(tensors["W_dec"].ToSingles(), Rows.Flat(loaded.Autoencoder.Decoder).ToArray());
        Assert.True(loaded.Autoencoder.CentresInput);
        Assert.Empty(loaded.Warnings);
    }

    [Fact]
    public void A_folder_is_a_stage_of_a_pipeline()
    {
        var loaded = Read(SaeLensFiles.Config("jumprelu"), SaeLensFiles.Tensors(WithThreshold));
        var served = loaded.Autoencoder.ToTransformer("Latents", "Activations").Transform(Recorded.View(Recorded.Normal(1, 20, D)));
        Assert.Equal(20, served.Vectors("Latents").Length);
    }

    /// <summary>Keys of an old configuration beside its sizes, and what it is.</summary>
    public static TheoryData<string, SparseActivation> Old => new()
    {
        { """ "dtype": "float32", "hook_point": "blocks.8.hook_resid_pre", "hook_point_layer": 8 """, new ReluActivation() },
        {
            """ "architecture": "standard", "activation_fn_str": "relu", "normalize_activations": false, "sae_lens_version": "3.22.1" """,
            new ReluActivation()
        },
        { """ "architecture": "standard", "activation_fn_str": "topk", "activation_fn_kwargs": { "k": 4 } """, new TopKActivation(4) },
        {
            """ "architecture": "topk", "activation_fn": "topk", "activation_fn_kwargs": { "k": 4 }, "sae_lens_version": "5.10.7" """,
            new TopKActivation(4)
        },
        { """ "activation_fn_kwargs": { "k": 4 } """, new TopKActivation(4) },
        {
            """ "activation_fn": "relu", "activation_fn_kwargs": {}, "normalize_activations": null, "finetuning_scaling_factor": false """,
            new ReluActivation()
        },
    };

    [Theory]
    [MemberData(nameof(Old))]
    public void A_file_of_before_version_6_is_what_it_was(string config, SparseActivation activation)
    {
        SaeLensFiles.Write(folder["sae"], $$"""{ "d_in": 5, "d_sae": 9, {{config}} }""", SaeLensFiles.Tensors(Plain));
        var loaded = SparseAutoencoderFile.Read(folder["sae"]);
        Assert.Equal(activation, loaded.Autoencoder.Activation);
        Assert.True(loaded.Autoencoder.CentresInput);
        Assert.Empty(loaded.Warnings);
    }

    [Fact]
    public void A_scaling_factor_of_ones_is_passed_over_and_any_other_refused()
    {
        var config = new JsonObject { ["d_in"] = D, ["d_sae"] = M };
        var tensors = SaeLensFiles.Tensors(Plain);
        tensors["scaling_factor"] = StoredArray.Of([.. Enumerable.Repeat(1f, M)], M);
        Assert.Empty(Read(config, tensors).Warnings);
        tensors["scaling_factor"] = StoredArray.Of([.. Enumerable.Repeat(1f, M - 1), 2f], M);
        Assert.Equal(SparseAutoencoderFileReason.TensorUnexpected, ReasonOf(config, tensors));
        config["finetuning_scaling_factor"] = true;
        Assert.Equal(SparseAutoencoderFileReason.NotServed, ReasonOf(config, tensors));
    }

    [Fact]
    public void An_unknown_key_is_warned_of_by_name()
    {
        var loaded = Read(SaeLensFiles.Config("standard", ("squeeze", true)), SaeLensFiles.Tensors(Plain));
        Assert.Contains("\"squeeze\"", Assert.Single(loaded.Warnings));
    }

    [Fact]
    public void Keys_of_a_training_say_nothing_about_what_is_computed() => Assert.Empty(Read(
        SaeLensFiles.Config("standard", ("l1_coefficient", 2.0), ("lp_norm", 1.0), ("decoder_init_norm", 0.1), ("l1_warm_up_steps", 0)),
        SaeLensFiles.Tensors(Plain)).Warnings);

    [Theory]
    [InlineData("standard", "architecture")]
    [InlineData("standard", "d_in")]
    [InlineData("standard", "d_sae")]
    [InlineData("topk", "k")]
    [InlineData("transcoder", "d_out")]
    public void A_missing_key_that_is_needed_is_refused_by_name(string architecture, string key)
    {
        var config = SaeLensFiles.Config(architecture, ("k", 3), ("d_out", D), ("apply_b_dec_to_input", architecture != "transcoder"));
        config.Remove(key);
        var error = Refused(config, SaeLensFiles.Tensors(Plain));
        Assert.Equal(SparseAutoencoderFileReason.KeyMissing, error.Reason);
        Assert.Contains($"\"{key}\"", error.Message);
    }

    [Theory]
    [InlineData("temporal")]
    [InlineData("crosscoder")]
    [InlineData("TopK")]
    [InlineData("")]
    public void An_architecture_that_is_not_served_is_refused_with_those_that_are(string architecture)
    {
        var error = Refused(SaeLensFiles.Config(architecture), SaeLensFiles.Tensors(Plain));
        Assert.Equal(SparseAutoencoderFileReason.UnknownArchitecture, error.Reason);
        Assert.Contains("matching_pursuit", error.Message);
    }

    [Fact]
    public void An_activation_that_the_architecture_does_not_have_is_refused()
    {
        Assert.Equal(SparseAutoencoderFileReason.UnknownArchitecture,
            ReasonOf(SaeLensFiles.Config("standard", ("activation_fn", "tanh-relu")), SaeLensFiles.Tensors(Plain)));
        Assert.Equal(SparseAutoencoderFileReason.UnknownArchitecture,
            ReasonOf(SaeLensFiles.Config("jumprelu", ("activation_fn", "topk"), ("k", 3)), SaeLensFiles.Tensors(WithThreshold)));
    }

    [Theory]
    [InlineData("jumprelu")]
    [InlineData("batchtopk")]
    [InlineData("matryoshka_batchtopk")]
    [InlineData("jumprelu_transcoder")]
    public void A_missing_threshold_is_refused_and_not_taken_for_ReLU(string architecture)
    {
        var isTranscoder = architecture.EndsWith("transcoder", StringComparison.Ordinal);
        var config = SaeLensFiles.Config(architecture, ("d_out", D), ("apply_b_dec_to_input", !isTranscoder), ("k", 3));
        var error = Refused(config, SaeLensFiles.Tensors(Plain));
        Assert.Equal(SparseAutoencoderFileReason.ThresholdMissing, error.Reason);
        Assert.Contains("save_inference_model", error.Message);
    }

    [Fact]
    public void A_batchtopk_with_its_threshold_is_a_JumpReLU()
    {
        var config = SaeLensFiles.Config("batchtopk", ("k", 2.5), ("rescale_acts_by_decoder_norm", false), ("topk_threshold_lr", 0.01));
        var loaded = Read(config, SaeLensFiles.Tensors(WithThreshold));
        var activation = Assert.IsType<JumpReluActivation>(loaded.Autoencoder.Activation);
        Assert.Equal(SaeLensFiles.Tensors(WithThreshold)["threshold"].ToSingles(), activation.Thresholds);
        Assert.Empty(loaded.Warnings);
    }

    [Theory]
    [InlineData("standard", "threshold")]
    [InlineData("topk", "threshold")]
    [InlineData("jumprelu", "b_gate")]
    [InlineData("matching_pursuit", "W_enc")]
    public void A_tensor_too_many_is_refused_because_the_architecture_may_be_another(string architecture, string tensor)
    {
        var config = SaeLensFiles.Config(architecture, ("k", 3), ("residual_threshold", 0), ("stop_on_duplicate_support", false));
        string[] own = architecture switch { "jumprelu" => WithThreshold, "matching_pursuit" => ["W_dec", "b_dec"], _ => Plain };
        var error = Refused(config, SaeLensFiles.Tensors([.. own, tensor]));
        Assert.Equal(SparseAutoencoderFileReason.TensorUnexpected, error.Reason);
        Assert.Contains($"\"{tensor}\"", error.Message);
    }

    [Theory]
    [InlineData("W_enc")]
    [InlineData("b_enc")]
    [InlineData("W_dec")]
    [InlineData("b_dec")]
    public void A_missing_tensor_and_one_of_another_shape_are_refused_by_name(string name)
    {
        var missing = Refused(SaeLensFiles.Config("standard"), SaeLensFiles.Tensors([.. Plain.Where(tensor => tensor != name)]));
        Assert.Equal(SparseAutoencoderFileReason.TensorMissing, missing.Reason);
        Assert.Contains($"\"{name}\"", missing.Message);
        foreach (long[] shape in new long[][] { [M, D, 1], [D + M], [], name == "W_enc" ? [M, D] : [D, M] })
        {
            var tensors = SaeLensFiles.Tensors(Plain);
            tensors[name] = StoredArray.Of(new float[shape.Aggregate(1L, (product, axis) => product * axis)], shape);
            var error = Refused(SaeLensFiles.Config("standard"), tensors);
            Assert.Equal(SparseAutoencoderFileReason.ShapesDisagree, error.Reason);
            Assert.Contains($"\"{name}\"", error.Message);
        }
    }

    [Fact]
    public void A_configuration_of_other_sizes_than_the_weights_is_refused() =>
        Assert.Equal(SparseAutoencoderFileReason.ShapesDisagree,
            ReasonOf(SaeLensFiles.Config("standard", ("d_sae", 1_000_000)), SaeLensFiles.Tensors(Plain)));

    [Fact]
    public void Latents_compared_by_decoder_norm_are_folded_and_serve_the_same()
    {
        // SAELens topk_sae.py: h‖d‖ is selected, z/‖d‖ decoded; here in double precision.
        var (rows, k) = (Recorded.Normal(3, 100, D), 3);
        var tensors = SaeLensFiles.Tensors(Plain);
        var read = Read(SaeLensFiles.Config("topk", ("k", k), ("rescale_acts_by_decoder_norm", true)), tensors).Autoencoder;
        var (z, reconstruction) = read.Serve(rows);
        float[] encoder = tensors["W_enc"].ToSingles(), biases = tensors["b_enc"].ToSingles();
        float[] decoder = tensors["W_dec"].ToSingles(), centre = tensors["b_dec"].ToSingles();
        double[] norms = [.. Enumerable.Range(0, M).Select(j => decoder.Skip(j * D).Take(D).Norm())];
        for (var r = 0; r < rows.Length; r++)
        {
            double Pre(int j) => biases[j] + Enumerable.Range(0, D).Sum(i => ((double)rows[r][i] - centre[i]) * encoder[i * M + j]);
            double[] h = [.. Enumerable.Range(0, M).Select(j => norms[j] * Pre(j))];
            var kept = Enumerable.Range(0, M).OrderByDescending(j => h[j]).Take(k).Where(j => h[j] > 0).ToHashSet();
            for (var j = 0; j < M; j++) Assert.Equal(kept.Contains(j) ? h[j] : 0, z[r][j], 1e-4);
            for (var i = 0; i < D; i++)
                Assert.Equal(centre[i] + kept.Sum(j => h[j] / norms[j] * decoder[j * D + i]), reconstruction[r][i], 1e-4);
        }
    }

    [Fact]
    public void A_factor_of_the_activations_is_folded_where_its_file_is_there_and_refused_where_not()
    {
        var tensors = SaeLensFiles.Tensors(WithThreshold);
        var config = SaeLensFiles.Config("jumprelu", ("normalize_activations", "expected_average_only_in"));
        var error = Refused(config, tensors);
        Assert.Equal(SparseAutoencoderFileReason.NotServed, error.Reason);
        Assert.Contains("activation_scaler.json", error.Message);

        File.WriteAllText(Path.Combine(folder["sae"], "activation_scaler.json"), """{ "scaling_factor": 2.5 }""");
        var folded = SparseAutoencoderFile.Read(folder["sae"]).Autoencoder;
        var plain = Read(SaeLensFiles.Config("jumprelu"), tensors).Autoencoder;
        var rows = Recorded.Normal(4, 50, D);
        var (z, reconstruction) = folded.Serve(rows);
        var (scaledZ, scaledReconstruction) = plain.Serve([.. rows.Select(row => row.Select(value => value * 2.5f).ToArray())]);
        AnyAutoencoder.AssertNear(scaledZ, z, 1e-4);
        float[][] unscaled = [.. scaledReconstruction.Select(row => row.Select(value => value / 2.5f).ToArray())];
        AnyAutoencoder.AssertNear(unscaled, reconstruction, 1e-4);

        File.WriteAllText(Path.Combine(folder["sae"], "cfg.json"), config.ToJsonString());
        foreach (var wrong in new[] { "0", "-1", "null", "\"2\"", "1e999" })
        {
            File.WriteAllText(Path.Combine(folder["sae"], "activation_scaler.json"), $$"""{ "scaling_factor": {{wrong}} }""");
            var reason = SaeLensFiles.Refused(folder["sae"]).Reason;
            Assert.Equal(wrong == "null" ? SparseAutoencoderFileReason.KeyMissing : SparseAutoencoderFileReason.KeyInvalid, reason);
        }
    }

    /// <summary>An architecture, a key, a value that changes what is computed.</summary>
    public static TheoryData<string, string, string> Settings => new()
    {
        { "standard", "normalize_activations", "\"layer_norm\"" },
        { "standard", "normalize_activations", "\"constant_norm_rescale\"" },
        { "standard", "normalize_activations", "\"covariance_whitening\"" },
        { "standard", "reshape_activations", "\"hook_z\"" },
        { "standard", "finetuning_scaling_factor", "true" },
        { "matching_pursuit", "residual_threshold", "0.01" },
        { "matching_pursuit", "residual_threshold", "null" },
        { "transcoder", "normalize_activations", "\"expected_average_only_in\"" },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void A_setting_that_is_not_served_is_refused_by_name(string architecture, string key, string value)
    {
        var config = SaeLensFiles.Config(architecture, ("d_out", D), ("apply_b_dec_to_input", architecture != "transcoder"),
            ("residual_threshold", 0), ("stop_on_duplicate_support", false), ("max_iterations", 3));
        config[key] = JsonNode.Parse(value);
        var error = Refused(config, SaeLensFiles.Tensors(architecture == "matching_pursuit" ? ["W_dec", "b_dec"] : Plain));
        Assert.Equal(SparseAutoencoderFileReason.NotServed, error.Reason);
        Assert.Contains($"\"{key}\"", error.Message);
    }

    [Fact]
    public void Matching_pursuit_without_a_limit_has_as_many_iterations_as_dimensions()
    {
        var config = SaeLensFiles.Config(
            "matching_pursuit", ("max_iterations", null), ("residual_threshold", 0.0), ("stop_on_duplicate_support", false));
        var read = Read(config, SaeLensFiles.Tensors("W_dec", "b_dec")).Autoencoder;
        Assert.Equal(new MatchingPursuitActivation(D, StopsOnRepeat: false), read.Activation);
        Assert.Equal(Rows.Transposed(read.Decoder), read.Encoder);
        config.Remove("stop_on_duplicate_support");   // true where it is not said
        Assert.Equal(new MatchingPursuitActivation(D, StopsOnRepeat: true), Read(config, SaeLensFiles.Tensors("W_dec", "b_dec")).Autoencoder.Activation);
        config["apply_b_dec_to_input"] = false;   // then it is not added either
        Assert.All(Read(config, SaeLensFiles.Tensors("W_dec", "b_dec")).Autoencoder.DecoderBias, bias => Assert.Equal(0, bias));
    }

    [Fact]
    public void Half_precision_of_both_kinds_is_read()
    {
        foreach (var (type, one) in new[] { (ElementType.BF16, new byte[] { 0x80, 0x3f }), (ElementType.F16, new byte[] { 0x00, 0x3c }) })
        {
            var tensors = SaeLensFiles.Tensors(Plain);
            tensors["b_enc"] = StoredArray.OfBytes(type, Enumerable.Repeat(one, M).SelectMany(bytes => bytes).ToArray(), M);
            var read = Read(SaeLensFiles.Config("standard", ("dtype", "bfloat16")), tensors).Autoencoder;
            Assert.All(read.EncoderBias, bias => Assert.Equal(1, bias));
        }
    }

    [Fact]
    public void A_file_of_weights_that_is_not_sound_keeps_its_own_error()
    {
        SaeLensFiles.Write(folder["sae"], SaeLensFiles.Config("standard"), []);
        string[] entries = [SafetensorsBytes.Entry("W_dec", "F32", "9,5", "0,180"), SafetensorsBytes.Entry("b_dec", "F32", "5", "160,180")];
        File.WriteAllBytes(
            Path.Combine(folder["sae"], "sae_weights.safetensors"), SafetensorsBytes.Of($"{{{string.Join(',', entries)}}}", 180));
        var error = Assert.Throws<SafetensorsException>(() => SparseAutoencoderFile.Read(folder["sae"]));
        Assert.Equal(SafetensorsReason.RangesOverlap, error.Reason);
        File.Delete(Path.Combine(folder["sae"], "cfg.json"));
        Assert.Equal(SparseAutoencoderFileReason.FileMissing, SaeLensFiles.Refused(folder["sae"]).Reason);
    }

    /// <summary>What must not be read as a configuration.</summary>
    public static TheoryData<string, SparseAutoencoderFileReason> Hostile => new()
    {
        { "", SparseAutoencoderFileReason.ConfigMalformed },
        { "[]", SparseAutoencoderFileReason.ConfigMalformed },
        { "null", SparseAutoencoderFileReason.ConfigMalformed },
        { "{", SparseAutoencoderFileReason.ConfigMalformed },
        { """{ "d_in": 5, "d_in": 6 }""", SparseAutoencoderFileReason.ConfigMalformed },
        { """{ "d_in": 5, "d_sae": 9, "metadata": { "a": 1, "a": 2 } }""", SparseAutoencoderFileReason.ConfigMalformed },
        { """{ "\ud800": 1 }""", SparseAutoencoderFileReason.ConfigMalformed },
        { new string('[', 100_000), SparseAutoencoderFileReason.ConfigMalformed },
        { """{ "d_in": 1e400, "d_sae": 9 }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 99999999999999999999, "d_sae": 9 }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": -5, "d_sae": 9 }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": "5", "d_sae": 9 }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 5.5, "d_sae": 9 }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 5, "d_sae": 9, "architecture": 1 }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 5, "d_sae": 9, "architecture": "\ud800" }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 5, "d_sae": 9, "metadata": 6 }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 5, "d_sae": 9, "sae_lens_version": "latest" }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 5, "d_sae": 9, "apply_b_dec_to_input": "yes" }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 5, "d_sae": 9, "architecture": "topk", "k": 10 }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 5, "d_sae": 9, "architecture": "topk", "k": 0 }""", SparseAutoencoderFileReason.KeyInvalid },
        { """{ "d_in": 2147483647, "d_sae": 2147483647 }""", SparseAutoencoderFileReason.ShapesDisagree },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_configuration_is_refused_for_its_reason(string config, SparseAutoencoderFileReason reason)
    {
        SaeLensFiles.Write(folder["sae"], config, SaeLensFiles.Tensors(Plain));
        Assert.Equal(reason, SaeLensFiles.Refused(folder["sae"]).Reason);
    }

    [Fact]
    public void A_damaged_configuration_gives_no_other_error()
    {
        SaeLensFiles.Write(folder["sae"], SaeLensFiles.Config("topk", ("k", 3)), SaeLensFiles.Tensors(Plain));
        var path = Path.Combine(folder["sae"], "cfg.json");
        var sound = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, 3]).Array[1, 3].Sample(blows =>
        {
            var bytes = sound;
            foreach (var (place, value, cut) in blows)
            {
                var at = Math.Min(place, bytes.Length);
                bytes = [.. bytes[..at], value, .. bytes[Math.Min(at + cut, bytes.Length)..]];
            }
            File.WriteAllBytes(path, bytes);
            try
            {
                SparseAutoencoderFile.Read(folder["sae"]);
            }
            catch (StorageException)
            {
            }
        }, iter: 1000, threads: 1);
    }

    public void Dispose() => folder.Dispose();
}
