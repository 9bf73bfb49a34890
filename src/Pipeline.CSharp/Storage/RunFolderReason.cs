namespace Superposition.Storage;

/// <summary>Why a run folder is not read, or not written.</summary>
public enum RunFolderReason
{
    /// <summary>Something stands where the run is to be written, and overwriting was not asked for.</summary>
    TargetExists,

    /// <summary>
    /// What stands there is not a run of ours alone: a file, another folder, or a run with files of someone else in it.
    /// </summary>
    TargetNotARun,

    /// <summary>There is no folder with a run.json.</summary>
    NotARunFolder,

    /// <summary>run.json is not the JSON it must be.</summary>
    ManifestMalformed,

    /// <summary>run.json is of a format this version does not know.</summary>
    UnknownFormat,

    /// <summary>A name is not that of a plain file: letters, digits, '.', '_', '-'.</summary>
    NameInvalid,

    /// <summary>run.json lists a file that is not there.</summary>
    FileMissing,

    /// <summary>A file is longer or shorter than run.json says.</summary>
    SizeDiffers,

    /// <summary>A file has other bytes than run.json says.</summary>
    HashDiffers,

    /// <summary>The run is sound but lists no file of that name.</summary>
    FileNotListed,

    /// <summary>The run is of another kind than was asked for.</summary>
    WrongKind,

    /// <summary>What would be resumed was begun by another recipe.</summary>
    OtherRecipe,
}
