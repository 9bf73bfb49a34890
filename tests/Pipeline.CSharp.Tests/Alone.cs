using Xunit;

namespace Superposition.Tests;

/// <summary>
/// For tests of what a whole process shares: torch's thread count, the number of live tensors. They run one by one, after the
/// others.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
