using Superposition.Autoencoders;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Autoencoders.Baselines;

[Collection(nameof(Alone))]
public sealed class BaselineMemoryTests
{
    static readonly float[][] Data = Planted.Sparse(seed: 5, rows: 5000, Planted.Orthogonal(5, 8));   // more than a block

    [Theory]
    [MemberData(nameof(DictionaryBaselineTests.All), MemberType = typeof(DictionaryBaselineTests))]
    public void No_tensor_outlives_the_fit(DictionaryBaseline baseline)
    {
        baseline.Fit(Data);   // what is made once and held for good
        var before = Memory.LiveTensors();
        baseline.Fit(Data);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }
}
