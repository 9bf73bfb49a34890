using Superposition.Models;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.Models;

[Collection(nameof(Alone))]
public sealed class LanguageModelMemoryTests
{
    [Fact]
    public void A_pass_leaves_no_tensor_behind()
    {
        var tokens = Stories.Model.Encode(Stories.Prompts[9]);
        var before = Tensor.TotalCount;
        Stories.Model.Losses(tokens, Hook.Zero("blocks.1.mlp.hook_post"));
        using (Stories.Model.RunWithCache(tokens)) { }
        Assert.Throws<HookException>(() => Stories.Model.RunWithCache(tokens, "hook_embed", "nothing"));
        Stories.Model.Sample(new() { Texts = 2, MostTokens = 5, Seed = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal(before, Tensor.TotalCount);
    }
}
