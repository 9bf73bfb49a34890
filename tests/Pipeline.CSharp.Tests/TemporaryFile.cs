namespace Superposition.Tests;

/// <summary>A path for a file that is gone when the test ends.</summary>
sealed class TemporaryFile : IDisposable
{
    /// <summary>Where; nothing stands there yet.</summary>
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());

    public void Dispose() => File.Delete(Path);
}
