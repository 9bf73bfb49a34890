using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class NearestNamesTests
{
    [Fact]
    public void The_name_that_was_meant_comes_first_and_none_is_lost()
    {
        string[] names = ["ln_final.hook_scale", "blocks.1.hook_resid_post", "blocks.0.hook_resid_post", "blocks.1.hook_resid_pre"];
        Assert.Equal("blocks.1.hook_resid_post", NearestNames.Of("blocks.1.hook_resid_pots", names)[0]);
        Assert.Equal("ln_final.hook_scale", NearestNames.Of("lnfinal.hook.scale", names)[0]);
        Assert.Equal(names.Order(), NearestNames.Of("", names).Order());
    }

    // Distances to "kitten": itself but for case 0, "kitte" 1, "sitting" 3 (Wagner and Fischer 1974's table), "" 6.
    [Fact]
    public void Names_are_in_order_of_the_letters_to_change_case_aside() =>
        Assert.Equal(["KITTEN", "kitte", "sitting", ""], NearestNames.Of("kitten", ["", "sitting", "kitte", "KITTEN"]));

    [Fact]
    public void Equals_stay_in_the_order_given() => Assert.Equal(["b", "c", "a"], NearestNames.Of("x", ["b", "c", "a"]));

    [Fact]
    public void A_name_of_any_length_is_compared_by_its_beginning() =>
        Assert.Equal(2, NearestNames.Of(new('x', 1_000_000), [new('y', 1_000_000), new('x', 1_000_000)]).Count(name => name.Length == 1_000_000));
}
