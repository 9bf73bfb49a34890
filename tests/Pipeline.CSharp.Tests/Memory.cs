using Superposition.Training;
using TorchSharp;
using Xunit;

namespace Superposition.Tests;

/// <summary>What a process holds, without what was left to the collector; for tests of <see cref="Alone"/>.</summary>
static class Memory
{
    /// <summary>Tensors that live.</summary>
    public static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    /// <summary>Looks at what is held, again and again.</summary>
    public sealed class Watch : IProgress<TrainingProgress>
    {
        // Between two looks lie hundreds of steps; what leaks in each shows in every difference, and what a pool or the runtime takes once does not.
        const long MostGrowth = 4096;

        readonly List<(long Step, long Tensors, long Bytes)> seen = [];

        public void Report(TrainingProgress value) => Look(value.Step);

        public void Look(long step) => seen.Add((step, LiveTensors(), GC.GetTotalMemory(forceFullCollection: true)));

        /// <summary>From a tenth of the way on as many tensors lived, and no more bytes were held from one look to the next, by the median.</summary>
        public void AssertFlat()
        {
            var (later, last) = (seen.Where(look => look.Step >= seen[^1].Step / 10).ToArray(), seen[^1]);
            Assert.True(later.Length >= 4, $"Looked at {later.Length} times.");
            Assert.All(later, look => Assert.Equal(last.Tensors, look.Tensors));
            long[] growth = [.. later.Zip(later[1..], (look, next) => next.Bytes - look.Bytes).Order()];
            Assert.True(growth[growth.Length / 2] <= MostGrowth, $"{string.Join(", ", growth)} bytes from look to look");
        }
    }
}
