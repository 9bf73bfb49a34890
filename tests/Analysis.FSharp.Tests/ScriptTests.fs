module Superposition.Analysis.Tests.ScriptTests

open System.Diagnostics
open System.IO
open Xunit

let private repository =
    Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

[<Theory>]
[<Trait("Category", "Science")>]
[<InlineData("toy-geometry")>]
[<InlineData("sae-recovery")>]
[<InlineData("word-features")>]
let ``dotnet fsi runs the script from the build's output, and it leaves a page`` (name: string) =
    let script = Path.Combine("src", "Analysis.FSharp", "scripts", name + ".fsx")
    let page = Path.Combine(repository, "artifacts", "scripts", name + ".html")

    if File.Exists page then
        File.Delete page

    let start =
        ProcessStartInfo("dotnet", [ "fsi"; script ], WorkingDirectory = repository, RedirectStandardOutput = true)

    use child = Process.Start start |> Unchecked.nonNull
    let said = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    Assert.True((child.ExitCode = 0), $"exit code {child.ExitCode}: {said}")
    Assert.Contains("page ", said)
    Assert.Contains("class=\"chart\"", File.ReadAllText page)
