module Superposition.Analysis.Tests.TextLatentsTests

open Superposition.Analysis
open Superposition.Analysis.Experiments
open Superposition.Models
open Superposition.Storage
open Xunit

/// Two latents on 48 tokens: the first fires on every "cat", the strongest first, the second on everything.
let private latents (head: float32[,]) (gain: float32[]) : TextLatents =
    let decoder = array2D [ [ 1.0f; 0.0f; 0.0f ]; [ 0.0f; 2.0f; 0.0f ] ]

    {
        Codes =
            Array.init 48 (fun r ->
                [|
                    if r % 2 = 0 then
                        0, 1.0 + float r
                    1, 1.0
                |])
            |> SparseCodes.ofPairs 2
        Decoder = decoder
        Tokens =
            Array.init 48 (fun r ->
                if r % 2 = 0 then 1
                elif r % 3 = 0 then 2
                else 0)
        Window = 8
        Vocabulary = [| "a\n"; "cat"; "<b>,\"" |]
        Effects = Some(DirectLogits.ofDirections gain head decoder)
    }

let private head =
    array2D [ [ 1.0f; 2.0f; 3.0f ]; [ 4.0f; 5.0f; 6.0f ]; [ 7.0f; 8.0f; 10.0f ] ]

[<Fact>]
let ``Latents read from a run folder are those that were written`` () =
    use folder = new TemporaryFolder()
    let weights = LlamaWeights(head, [||], [| 1.0f; 0.5f; 2.0f |], head)
    let written = latents head weights.FinalNorm

    Trial.settings folder["run"] Quick
    |> Settings.leave "latents" {| Seed = 1 |} [] (fun writer -> TextLatentsFiles.write writer weights written)
    |> ignore

    Assert.Equal(written, TextLatentsFiles.read (RunFolder.Open(folder["run"], RunKind.Experiment)) 8)

[<Fact>]
let ``A latent is called by the commonest token of its twenty strongest places`` () =
    let features = latents head [| 1.0f; 1.0f; 1.0f |] |> TokenFeatures.ofLatents
    // The second latent's first twenty places hold ten cats, and the token is taken by the first.
    Assert.Equal(1, features.Count)
    Assert.Equal("cat", features[0, "token"])

    Assert.Equal(
        (0.0, 0.5, 1.0),
        (features.Number(0, "latent"), features.Number(0, "density"), features.Number(0, "share"))
    )

[<Fact>]
let ``A latent that is seldom on is not named`` () =
    let seldom =
        { latents head [| 1.0f; 1.0f; 1.0f |] with
            Codes =
                Array.init 48 (fun r -> if r < 19 then [| 0, 1.0 |] else [||])
                |> SparseCodes.ofPairs 2
        }

    Assert.Equal(0, (TokenFeatures.ofLatents seldom).Count)
