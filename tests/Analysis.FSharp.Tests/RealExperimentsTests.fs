/// Experiments about the real model, at a scale of seconds.
module Superposition.Analysis.Tests.RealExperimentsTests

open System.IO
open Superposition.Analysis.Experiments
open Superposition.Storage
open Xunit

let private quickly (name: string) (check: RunFolder -> Finding -> unit) =
    use folder = new TemporaryFolder()
    let experiment = Catalog.find name
    let data = Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "data")

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
