/// Experiments about the real model, at a scale of seconds.
module Superposition.Analysis.Tests.RealExperimentsTests

open System.IO
open Superposition.Analysis.Experiments
open Superposition.Storage
open Xunit

let private data = Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "data")

let private quickly (name: string) (check: RunFolder -> Finding -> unit) =
    use folder = new TemporaryFolder()
    let experiment = Catalog.find name

    experiment.Run
        { Trial.settings folder["run"] Quick with
            Data = data
        }
    |> ignore

    let run = RunFolder.Open(folder["run"], RunKind.Experiment)
    Assert.NotEmpty(Claims.Read run)
    experiment.Finding run |> check run

[<Fact>]
let ``Every block has an autoencoder of its residual stream and one of its hidden layer, and the model's own loss is one``
    ()
    =
    quickly "blocks" (fun run finding ->
        let blocks = run.Csv "blocks.csv"
        Assert.Equal<string[]>([| for b in 0..4 -> $"{b}" |], Array.distinct (blocks.Column "block"))
        Assert.Equal<string[]>([| "residual stream"; "hidden layer" |], Array.distinct (blocks.Column "place"))
        Assert.Equal(10, blocks.Count)
        Assert.Single(blocks.Column "clean" |> Array.distinct) |> ignore

        for r in 0..9 do
            Assert.True(blocks.Number(r, "clean") < blocks.Number(r, "mean"))
            Assert.Equal((if r % 2 = 0 then 64.0 else 172.0), blocks.Number(r, "d"))

        Assert.Equal(2, finding.Figures.Length))

[<Fact>]
let ``Every question that is calibrated has its error rates`` () =
    quickly "errors" (fun run finding ->
        let errors = run.Csv "errors.csv"
        Assert.Equal(11, errors.Count)

        for r in 0 .. errors.Count - 1 do
            Assert.InRange(errors.Number(r, "rejections"), 0.0, 4.0)
            Assert.InRange(errors.Number(r, "detected"), 0.0, 4.0)

        Assert.StartsWith("Where there is nothing to find", finding.Lead))

[<Fact; Trait("Category", "Science")>]
let ``Problems that are asked of the real model share its dictionaries, and each tells what it found`` () =
    use folder = new TemporaryFolder()

    for struct (name, file, rows) in
        [
            struct ("P4.24", "positions.csv", Some 5)
            struct ("P4.25", "configurations.csv", Some 2)
            struct ("P4.26", "bins.csv", Some 20)
            struct ("P4.29", "disambiguation.csv", None)
            struct ("P4.31", "carriers.csv", None)
            struct ("P4.34", "motifs.csv", Some 1)
            struct ("P4.35", "probes.csv", Some 54)
            struct ("P4.36", "without.csv", Some 54)
        ] do
        let experiment = Catalog.find name

        experiment.Run
            { Trial.settings folder[name] Quick with
                Data = data
            }
        |> ignore

        let run = RunFolder.Open(folder[name], RunKind.Experiment)
        let table = run.Csv file

        Assert.True(
            table.Count = (rows |> Option.defaultValue table.Count) && table.Count > 0,
            $"{name}: {table.Count} rows"
        )

        let finding = experiment.Finding run
        Assert.NotEmpty finding.Figures
        Assert.DoesNotContain("NaN", finding.Lead)

    Assert.Equal<string[]>([| folder[Path.Combine("shared", "block")] |], Directory.GetDirectories folder["shared"])

[<Fact; Trait("Category", "Science")>]
let ``Controls of the problems tell what they found, each beside its chance`` () =
    quickly "polysemantic" (fun run finding ->
        let neurons = run.Csv "neurons.csv"
        Assert.NotEqual(0, neurons.Count)

        for r in 0 .. neurons.Count - 1 do
            Assert.NotEqual<string>(neurons[r, "first"], neurons[r, "second"])
            Assert.True(neurons.Number(r, "carries") >= 2.0)

            for column in [ "alone"; "others_1"; "others_16"; "chance_4" ] do
                Assert.InRange(neurons.Number(r, column), 0.0, 1.0)

        Assert.Equal(2, finding.Figures.Length))

    quickly "gaussian" (fun run finding ->
        let bases = run.Csv "bases.csv"
        Assert.Equal<string[]>([| "text"; "same autoencoder"; "gaussian" |], bases.Column "kind" |> Array.distinct)
        Assert.Equal(6, bases.Count)

        for r in 0..5 do
            Assert.InRange(bases.Number(r, "together"), -90.0, 90.0)
            Assert.InRange(bases.Number(r, "apart"), -2.0, 2.0)

        Assert.DoesNotContain("NaN", finding.Lead))

    quickly "turned" (fun run finding ->
        let probes = run.Csv "probes.csv"
        // Six features and their mean.
        Assert.Equal(7 * 7, probes.Count)

        for r in 0 .. probes.Count - 1 do
            Assert.InRange(probes.Number(r, "turned"), 0.3, 1.0)

        Assert.DoesNotContain("NaN", finding.Lead))
