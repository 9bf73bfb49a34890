module Superposition.Analysis.Tests.ExperimentTests

open System.IO
open System.Text.RegularExpressions
open Superposition.Analysis.Experiments
open Superposition.Storage
open Xunit

[<Fact>]
let ``An experiment's section id holds no point`` () =
    Assert.Equal("P4-1", Experiment.sectionId "P4.1")
    Assert.Equal("E1", Experiment.sectionId "E1")

/// A training that counts how often it was asked for.
let private training () =
    let mutable count = 0

    let train (folder: RunFolderWriter) =
        count <- count + 1
        let table = CsvTable "training"
        table.Add count
        folder.WriteCsv("metrics.csv", table)

    train, (fun () -> count)

let private usedBy (folder: TemporaryFolder) user recipe train =
    Trial.settings folder[user] Daily |> Settings.shared "geometry" recipe train

[<Fact>]
let ``What two experiments share is trained once`` () =
    use folder = new TemporaryFolder()
    let train, count = training ()
    let recipe = Trial.recipeOf Daily
    let first = usedBy folder "E6" recipe train
    let second = usedBy folder "E7" recipe train

    Assert.Equal(1, count ())
    Assert.Equal(folder[Path.Combine("shared", "geometry")], first.FolderPath)
    Assert.Equal(first.FolderPath, second.FolderPath)
    Assert.Equal(first.Files["metrics.csv"], second.Files["metrics.csv"])
    Assert.Equal(recipe, Settings.recipe<Trial.Recipe> second)

[<Fact>]
let ``Another recipe is trained anew, in the place of the old`` () =
    use folder = new TemporaryFolder()
    let train, count = training ()
    usedBy folder "E6" (Trial.recipeOf Daily) train |> ignore
    let other = usedBy folder "E6" (Trial.recipeOf Quick) train

    Assert.Equal(2, count ())
    Assert.Equal("2", (other.Csv "metrics.csv")[0, "training"])
    Assert.Equal(Trial.recipeOf Quick, Settings.recipe<Trial.Recipe> other)

[<Fact>]
let ``What was altered on the disk is trained anew`` () =
    use folder = new TemporaryFolder()
    let train, count = training ()
    let first = usedBy folder "E6" (Trial.recipeOf Daily) train
    File.AppendAllText(first.Path "metrics.csv", "3\n")
    usedBy folder "E7" (Trial.recipeOf Daily) train |> ignore

    Assert.Equal(2, count ())

[<Fact>]
let ``A shared training that fails leaves nothing, and the next one trains`` () =
    use folder = new TemporaryFolder()

    let fail (writer: RunFolderWriter) =
        writer.WriteCsv("metrics.csv", CsvTable "training")
        failwith "It diverged."

    Assert.ThrowsAny<exn>(fun () -> usedBy folder "E6" (Trial.recipeOf Daily) fail |> ignore)
    |> ignore

    Assert.Empty(Directory.GetFileSystemEntries folder["shared"])
    let train, count = training ()
    usedBy folder "E6" (Trial.recipeOf Daily) train |> ignore
    Assert.Equal(1, count ())

[<Fact>]
let ``A folder holds an experiment at the scale it was run at, and at no other`` () =
    use folder = new TemporaryFolder()
    let experiment = Trial.telling "all is well" "P4.1"
    let path = folder["P4.1"]
    let holds = fun scale -> Laboratory.holds path scale experiment
    Assert.False(holds Daily)
    experiment.Run(Trial.settings path Daily) |> ignore

    Assert.True(holds Daily)
    Assert.True(holds Full)
    Assert.False(holds Quick)
    Assert.False(Laboratory.holds path Daily (Trial.telling "all is well" "P4.2"))

[<Fact>]
let ``Names are such that folders, claims and links can hold them`` () =
    for experiment in Catalog.all do
        Assert.Matches(Regex @"\A(E\d+|P4\.\d+|[a-z]+)\z", experiment.Name)
