namespace Superposition.Storage;

/// <summary>A run folder is damaged or incomplete, or cannot be written without destroying something else.</summary>
public sealed class RunFolderException : StorageException
{
    internal RunFolderException(string where, RunFolderReason reason, string message, Exception? inner = null)
        : base(where, reason.ToString(), message, inner) => Reason = reason;

    /// <summary>What is wrong.</summary>
    public RunFolderReason Reason { get; }

    internal static RunFolderException OtherRecipe(string where) => new(where, RunFolderReason.OtherRecipe,
        "the checkpoint was left by a training of another recipe. Resume with that recipe, or begin anew without resuming.");

    internal static RunFolderException InvalidName(string where, string name) => new(where, RunFolderReason.NameInvalid,
        $"{ErrorText.Quote(name)} is no plain file name: letters, digits, '.', '_' and '-', beginning with a letter or digit, "
        + $"and not {RunFile.ManifestName}. Rename the file.");
}
