namespace Superposition.Autoencoders;

/// <summary>
/// What a SAELens <c>cfg.json</c> says about what is computed: of version 6 and later, or of earlier ones, which had all keys on one level,
/// an activation function apart from the architecture, and normalisation as a flag (SAELens sae.py, pretrained_sae_loaders.py).
/// </summary>
internal sealed record SaeLensConfig
{
    /// <summary>Names of architectures, as the file has them.</summary>
    public const string
        Standard = "standard", Gated = "gated", TopK = "topk", JumpRelu = "jumprelu", MatchingPursuit = "matching_pursuit",
        BatchTopK = "batchtopk", Matryoshka = "matryoshka_batchtopk", Transcoder = "transcoder", SkipTranscoder = "skip_transcoder",
        JumpReluTranscoder = "jumprelu_transcoder", JumpReluSkipTranscoder = "jumprelu_skip_transcoder";

    const int FirstOfNewLayout = 6;

    static readonly string[] Known =
    [
        Standard, Gated, TopK, JumpRelu, MatchingPursuit, BatchTopK, Matryoshka, Transcoder, SkipTranscoder, JumpReluTranscoder,
        JumpReluSkipTranscoder,
    ];

    // Where and how it was trained, what it was trained on, on which device it lay.
    static readonly string[] Silent =
    [
        "dtype", "device", "metadata", "meta", "sae_lens_version", "sae_lens_training_version", "decoder_init_norm", "l1_coefficient",
        "lp_norm", "l1_warm_up_steps", "l0_coefficient", "l0_warm_up_steps", "jumprelu_init_threshold", "jumprelu_bandwidth",
        "jumprelu_sparsity_loss_mode", "jumprelu_tanh_scale", "jumprelu_ste_to_input",
        "pre_act_loss_coefficient", "aux_loss_coefficient", "target_l0",
        "use_sparse_activations", "topk_threshold_lr", "matryoshka_widths", "use_matryoshka_aux_loss",
    ];

    static readonly string[] SilentOnOneLevel =
    [
        "model_name", "model_class_name", "model_from_pretrained_kwargs", "hook_name", "hook_point", "hook_layer", "hook_point_layer",
        "hook_head_index", "hook_point_head_index", "context_size", "prepend_bos", "dataset_path", "dataset_trust_remote_code",
        "neuronpedia_id", "seqpos_slice", "expansion_factor", "lr", "l1_loss_wd_coefficient", "mse_loss_normalization", "noise_scale",
        "use_ghost_grads", "normalize_sae_decoder", "scale_sparsity_penalty_by_decoder_norm", "b_dec_init_method", "decoder_heuristic_init",
        "decoder_heuristic_init_norm", "init_encoder_as_decoder_transpose", "dead_feature_window", "feature_sampling_window",
        "training_tokens", "train_batch_size_tokens", "finetuning_tokens", "finetuning_method", "seed", "d_head", "from_pretrained_path",
    ];

    public required string Architecture { get; init; }

    /// <summary>d.</summary>
    public required int Input { get; init; }

    /// <summary>m.</summary>
    public required int Latents { get; init; }

    /// <summary>d′.</summary>
    public required int Output { get; init; }

    /// <summary>Whether b_dec is taken off the input.</summary>
    public required bool CentresInput { get; init; }

    /// <summary>k of TopK, or the most iterations of matching pursuit; 0 for others.</summary>
    public int K { get; init; }

    /// <summary>Whether matching pursuit is done once a latent comes again.</summary>
    public bool StopsOnRepeat { get; init; }

    /// <summary>Whether latents are chosen by h_j‖d_j‖ and decoded by rows of norm 1.</summary>
    public bool RescalesByNorm { get; init; }

    /// <summary>Whether the weights are for activations times a factor that stands in a file of its own.</summary>
    public bool ScalesInput { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Whether it is one of the transcoders, which never take b_dec off.</summary>
    public bool IsTranscoder => Architecture is Transcoder or SkipTranscoder or JumpReluTranscoder or JumpReluSkipTranscoder;

    /// <summary>Whether it has thresholds.</summary>
    public bool IsJumpRelu => Architecture is JumpRelu or BatchTopK or Matryoshka or JumpReluTranscoder or JumpReluSkipTranscoder;

    /// <summary>Whether it has W_skip.</summary>
    public bool Skips => Architecture is SkipTranscoder or JumpReluSkipTranscoder;

    /// <exception cref="SparseAutoencoderFileException">The file lacks what is needed, or says what is not served.</exception>
    public static SaeLensConfig Read(string path) => Of(FormatConfig.Read(path));

    /// <inheritdoc cref="Read"/>
    public static SaeLensConfig Of(FormatConfig config)
    {
        var old = IsOld(config);
        config.Know(Silent);
        if (old) config.Know(SilentOnOneLevel);

        var architecture = ArchitectureOf(config, old);
        RefuseReshaping(config);
        int d = config.Count("d_in"), m = config.Count("d_sae");
        var read = new SaeLensConfig
        {
            Architecture = architecture, Input = d, Latents = m, Output = d,
            CentresInput = config.Flag("apply_b_dec_to_input", true), ScalesInput = Scales(config), Warnings = [],
        };
        read = architecture switch
        {
            TopK => read with { K = TopKOf(config, old, m), RescalesByNorm = config.Flag("rescale_acts_by_decoder_norm", false) },
            BatchTopK or Matryoshka => read with { RescalesByNorm = config.Flag("rescale_acts_by_decoder_norm", true) },
            MatchingPursuit => read with { K = IterationsOf(config, d), StopsOnRepeat = config.Flag("stop_on_duplicate_support", true) },
            _ when read.IsTranscoder => AsTranscoder(read, config),
            _ => read,
        };
        if (architecture is BatchTopK or Matryoshka) config.Know("k");
        return read with { Warnings = [.. config.Warnings()] };
    }

    static bool IsOld(FormatConfig config)
    {
        foreach (var holder in new[] { config, config.Object("metadata"), config.Object("meta") })
            if (holder?.Has("sae_lens_version") == true)
                return int.TryParse(holder.Text("sae_lens_version").Split('.')[0], out var major)
                    ? major < FirstOfNewLayout
                    : throw holder.Invalid("sae_lens_version", "a version such as 6.38.0");
        return true;
    }

    static string ArchitectureOf(FormatConfig config, bool old)
    {
        var architecture = config.Text("architecture", old ? Standard : null);
        if (!Known.Contains(architecture)) throw config.UnknownArchitecture("architecture", string.Join(", ", Known));
        var key = config.Has("activation_fn_str") ? "activation_fn_str" : "activation_fn";
        var hasK = config.Object("activation_fn_kwargs")?.Has("k") == true;
        var activation = config.Text(key, hasK && architecture == Standard ? TopK : "relu");
        if (activation == TopK && architecture is Standard or TopK) return TopK;
        return activation == "relu" ? architecture : throw config.UnknownArchitecture(key, $"relu, or topk with {Standard} or {TopK}");
    }

    static void RefuseReshaping(FormatConfig config)
    {
        if (config.Text("reshape_activations", "none") != "none")
            throw config.NotServed("reshape_activations",
                "activations come as they are here. Flatten the heads before, and set it to none.");
        if (config.Flag("finetuning_scaling_factor", false))
            throw config.NotServed("finetuning_scaling_factor",
                "latents would be scaled before they are decoded. Fold the factor into W_dec, and set it to false.");
    }

    // A flag in old files.
    static bool Scales(FormatConfig config)
    {
        const string Key = "normalize_activations";
        if (config.IsFlag(Key)) return config.Flag(Key, false);
        return config.Text(Key, "none") switch
        {
            "none" => false,
            "expected_average_only_in" => true,
            _ => throw config.NotServed(Key,
                "each sample would be normalised by itself, and is not here. Normalise before, or take another autoencoder."),
        };
    }

    static int TopKOf(FormatConfig config, bool old, int latents)
    {
        var holder = old && !config.Has("k") && config.Object("activation_fn_kwargs") is { } arguments ? arguments : config;
        var k = holder.Count("k");
        return k <= latents ? k : throw holder.Invalid("k", $"at most d_sae, {latents}");
    }

    static int IterationsOf(FormatConfig config, int dimensions)
    {
        if (!config.Has("residual_threshold") || config.Number("residual_threshold") > 0)
            throw config.NotServed("residual_threshold",
                "stopping at a small residual is not served here (it is 0.01 where it is not named). Only 0 is read.");
        return config.Has("max_iterations") ? config.Count("max_iterations") : dimensions;
    }

    static SaeLensConfig AsTranscoder(SaeLensConfig read, FormatConfig config)
    {
        if (config.Flag("apply_b_dec_to_input", false)) throw config.Invalid("apply_b_dec_to_input", "false, as transcoders have it");
        if (read.ScalesInput)
            throw config.NotServed("normalize_activations", "a transcoder has two kinds of activations and the file one factor.");
        return read with { Output = config.Count("d_out"), CentresInput = false };
    }
}
