namespace Superposition.Analysis.Tests

open System
open System.IO

/// A folder of a test's own, gone with everything in it when the test ends.
type TemporaryFolder() =
    let folder = Directory.CreateTempSubdirectory "superposition-"

    /// A path in the folder.
    member _.Item
        with get (name: string) = Path.Combine(folder.FullName, name)

    interface IDisposable with
        member _.Dispose() = folder.Delete true
