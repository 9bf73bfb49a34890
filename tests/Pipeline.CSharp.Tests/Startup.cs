using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Superposition.Native;

namespace Superposition.Tests;

/// <summary>What happens before the first test.</summary>
static class Startup
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A test may call torch before anything of ours.")]
    internal static void Load()
    {
        TorchLibrary.EnsureLoaded();
        TorchSharp.torch.set_num_threads(1);   // the tests run side by side; those of thread counts set their own
    }
}
