using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class AtomicFileTests
{
    [Fact]
    public void A_file_is_written_and_replaced_in_folders_that_did_not_exist()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder["new"], "deep", "file");
        AtomicFile.Write(path, stream => stream.Write("old"u8));
        AtomicFile.Write(path, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder["file"], stream =>
        {
            stream.Write("half of the n"u8);
            throw new InvalidOperationException("the writer's own error");
        }));
        Assert.Equal("old", File.ReadAllText(folder["file"]));
        Assert.Equal(["file"], folder.Names());
    }

    /// <summary>What the system throws, and the reason it is told by. 28 is ENOSPC, 0x80070070 its like on Windows.</summary>
    public static TheoryData<FileWriteReason, Exception> Causes => new()
    {
        { FileWriteReason.AccessDenied, new UnauthorizedAccessException("Access denied.") },
        { FileWriteReason.DiskFull, new IOException("No space left on device", 28) },
        { FileWriteReason.DiskFull, new IOException("There is not enough space", unchecked((int)0x80070070)) },
        { FileWriteReason.FolderUnusable, new DirectoryNotFoundException("Not found") },
        { FileWriteReason.Failed, new IOException("Input/output error") },
    };

    [Theory]
    [MemberData(nameof(Causes), DisableDiscoveryEnumeration = true)]
    public void A_write_that_fails_in_the_system_is_told_by_reason_and_path(FileWriteReason reason, Exception cause)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<FileWriteException>(() => AtomicFile.Write(folder["file"], _ => throw cause));
        Assert.Equal((reason, folder["file"]), (error.Reason, error.Where));
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void A_file_is_no_folder_to_write_into()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file.txt"], "old");
        var path = Path.Combine(folder["file.txt"], "sub", "run");
        var error = Assert.Throws<FileWriteException>(() => AtomicFile.Write(path, _ => { }));
        Assert.Equal(FileWriteReason.FolderUnusable, error.Reason);
        Assert.Contains("choose another path", error.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(folder["file.txt"]));
    }

    [Fact]
    public void A_folder_is_not_replaced_by_a_file()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["folder"]);
        Assert.Throws<FileWriteException>(() => AtomicFile.Write(folder["folder"], stream => stream.Write("new"u8)));
        Assert.Equal(["folder"], folder.Names());
    }
}
