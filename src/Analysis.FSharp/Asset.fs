namespace Superposition.Analysis

open System.IO
open System.Reflection

/// Styles and scripts that pages carry within them.
[<RequireQualifiedAccess>]
module internal Asset =
    let text (name: string) : string =
        match Assembly.GetExecutingAssembly().GetManifestResourceStream name with
        | null -> invalidOp $"The assembly holds no resource {name}; build it again from its project file."
        | stream ->
            use reader = new StreamReader(stream)
            reader.ReadToEnd()
