using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class AtomicFolderTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void A_folder_is_there_with_its_files_or_not_at_all()
    {
        AtomicFolder.Write(folder["new"], overwrite: false, ["a"], path => File.WriteAllText(Path.Combine(path, "a"), "1"));
        Assert.Equal("1", File.ReadAllText(Path.Combine(folder["new"], "a")));
        Assert.Throws<InvalidOperationException>(() => AtomicFolder.Write(folder["other"], overwrite: false, ["a"], path =>
        {
            File.WriteAllText(Path.Combine(path, "a"), "1");
            throw new InvalidOperationException();
        }));
        Assert.Equal(["new"], folder.Names());
    }

    [Fact]
    public void What_lies_there_is_replaced_only_when_asked_and_if_it_holds_nothing_else()
    {
        Write("1", overwrite: false);
        Assert.Equal(FileWriteReason.Taken, Assert.Throws<FileWriteException>(() => Write("2", overwrite: false)).Reason);
        Write("3", overwrite: true);
        Assert.Equal("3", File.ReadAllText(Path.Combine(folder["run"], "a")));
        File.WriteAllText(Path.Combine(folder["run"], "mine"), "");
        var error = Assert.Throws<FileWriteException>(() => Write("4", overwrite: true));
        Assert.Equal(FileWriteReason.Taken, error.Reason);
        Assert.Contains("\"mine\"", error.Message);
        Assert.Equal("3", File.ReadAllText(Path.Combine(folder["run"], "a")));
        Assert.Equal(["run"], folder.Names());
    }

    [Fact]
    public void A_file_is_never_replaced()
    {
        File.WriteAllText(folder["run"], "");
        Assert.Equal(FileWriteReason.Taken, Assert.Throws<FileWriteException>(() => Write("1", overwrite: true)).Reason);
    }

    void Write(string text, bool overwrite) =>
        AtomicFolder.Write(folder["run"], overwrite, ["a"], path => File.WriteAllText(Path.Combine(path, "a"), text));

    public void Dispose() => folder.Dispose();
}
