using Superposition.Models;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.Models;

public sealed class HookTests
{
    static LanguageModel Model => Stories.Model;

    static readonly int[,] Tokens = Model.Encode(Stories.Prompts[9]);

    [Fact]
    public void Hooks_fire_in_the_order_of_the_pass_each_once()
    {
        var fired = new List<string>();
        using var logits = Model.Logits(Tokens, [.. Model.Points.Reverse().Select(point => new Hook(point, x => Note(point, x)))]);
        Assert.Equal(Model.Points, fired);

        Tensor? Note(string point, Tensor x)
        {
            fired.Add(point);
            return null;
        }
    }

    [Fact]
    public void Several_hooks_of_a_point_act_one_after_the_other()
    {
        using var twice = tensor(2f);
        using var one = tensor(1f);
        var seen = new List<float>();
        using var logits = Model.Logits(Tokens,
            Hook.Zero("blocks.1.hook_resid_mid"), Hook.Add("blocks.1.hook_resid_mid", one), new("blocks.1.hook_resid_mid", x => x * twice),
            new("blocks.1.hook_resid_mid", x => { seen.Add(x.max().ToSingle()); return null; }));
        Assert.Equal([2], seen);
    }

    [Fact]
    public void What_is_kept_has_the_shapes_that_are_said()
    {
        using var cache = Model.RunWithCache(Tokens);
        Assert.Equal(Model.Points, cache.Points);
        foreach (var point in cache.Points)
        {
            var (shape, width) = (cache[point].shape, HookPoints.Width(Model.Config, point));
            Assert.Equal(1, shape[0]);
            Assert.Equal(width == 0 ? [1L, 8, Tokens.Length, Tokens.Length] : [1, Tokens.Length, width], width == 0 ? shape : [shape[0], shape[1], shape[2..].Aggregate((a, b) => a * b)]);
        }
        using var sums = cache["blocks.3.attn.hook_pattern"].sum(-1);
        Assert.All(sums.data<float>(), sum => Assert.Equal(1, sum, 1e-5));
    }

    [Fact]
    public void A_run_that_stops_early_keeps_the_same()
    {
        using var all = Model.RunWithCache(Tokens);
        foreach (var point in new[] { "hook_embed", "blocks.0.mlp.hook_post", "blocks.2.hook_resid_post", "ln_final.hook_normalized" })
        {
            using var one = Model.RunWithCache(Tokens, point);
            Assert.Equal([point], one.Points);
            // All of them has looked at the pattern, which is computed in another way.
            Assert.All(one[point].data<float>().Zip(all[point].data<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    [Fact]
    public void Patching_with_the_clean_activation_changes_nothing()
    {
        var clean = Model.Losses(Tokens);
        foreach (var point in Model.Points.Where(point => !point.EndsWith("scores", StringComparison.Ordinal) && !point.EndsWith("pattern", StringComparison.Ordinal)))
        {
            using var cache = Model.RunWithCache(Tokens, point);
            Assert.Equal(clean, Model.Losses(Tokens, Hook.Replace(point, cache[point])));
        }
        using var seen = Model.RunWithCache(Tokens);
        foreach (var point in new[] { "blocks.2.attn.hook_attn_scores", "blocks.2.attn.hook_pattern" })
            Assert.All(Model.Losses(Tokens, Hook.Replace(point, seen[point])).Cast<float>().Zip(clean.Cast<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void Ablating_any_point_changes_the_loss()
    {
        var clean = Mean(Model.Losses(Tokens));
        foreach (var point in Model.Points.Where(point => !point.EndsWith("hook_scale", StringComparison.Ordinal)))   // a norm of 0 divides by it
            Assert.True(Math.Abs(Mean(Model.Losses(Tokens, Hook.Zero(point))) - clean) > 1e-6, point);
        Assert.True(Mean(Model.Losses(Tokens, Hook.Zero("blocks.2.hook_resid_post"))) > clean + 1);
    }

    [Fact]
    public void An_unknown_point_is_refused_with_the_nearest_one()
    {
        Assert.Contains("\"blocks.2.hook_resid_post\"", Assert.Throws<HookException>(() => Model.RunWithCache(Tokens, "block.2.hook_resid_pst")).Message, StringComparison.Ordinal);
        Assert.Contains("\"blocks.4.mlp.hook_post\"", Assert.Throws<HookException>(() => Model.Logits(Tokens, Hook.Zero("blocks.5.mlp.hook_post"))).Message, StringComparison.Ordinal);
        using var cache = Model.RunWithCache(Tokens, "hook_embed");
        Assert.Contains("hook_embed", Assert.Throws<HookException>(() => cache["ln_final.hook_scale"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hook_that_returns_another_shape_is_refused()
    {
        var refused = Assert.Throws<HookException>(() => Model.Logits(Tokens, new Hook("hook_embed", x => x.narrow(2, 0, 3))));
        Assert.Contains("hook_embed", refused.Message, StringComparison.Ordinal);
    }

    static double Mean(float[,] losses) => losses.Cast<float>().Average();
}
