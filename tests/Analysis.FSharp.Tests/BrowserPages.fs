/// Pages as the feature browser shows them, without a training.
module Superposition.Analysis.Tests.BrowserPages

open System
open Superposition.Analysis

/// Tokens that would be mark-up, end a script, or not be seen.
let hostile =
    [|
        "<script>alert(1)</script>"
        "</script>"
        "<!--"
        "]]>"
        "&amp;"
        "\"quoted\" 'text'"
        "line\nbreak"
        "\u2028"
        "naïve 日本 🙂"
        ""
        " the"
    |]

let context group activation focus (tokens: string[]) (values: float[]) : BrowserContext =
    {
        Group = group
        Activation = activation
        Tokens = tokens
        Values = values
        Focus = focus
    }

let latent label density : LatentView =
    {
        Label = label
        Density = density
        Peak = 1.0
        Histogram =
            {
                Edges = [| 0.0; 0.5; 1.0 |]
                Counts = [| 3; 1 |]
            }
        Contexts = []
        Similar = [||]
        CoActive = [||]
        Carriers = [||]
        Promoted = [||]
        Suppressed = [||]
    }

let page (latents: LatentView[]) : BrowserPage =
    {
        Title = "Latents of a test"
        Summary = []
        Terms = BrowserTerms.Text
        Latents = latents
        Columns = []
        Confusion = None
        Home = None
    }

/// Three latents that hold everything a page can, and tokens of the hostile kind.
let small =
    let values = hostile |> Array.mapi (fun i _ -> float i / 10.0 - 0.2)

    { page
          [|
              { latent "the river bank" 0.25 with
                  Contexts =
                      [
                          context BrowserContext.Top 0.8 10 hostile values
                          context "10–20 % of the peak" 0.15 0 [| "bank" |] [| 0.15 |]
                      ]
                  Similar = [| 1, 0.5; 2, -0.25 |]
                  CoActive = [| 2, 0.125 |]
                  Carriers = [| 7, 0.5; 3, -0.75 |]
                  Promoted = [| "</script>", 1.5 |]
                  Suppressed = [| " the", -2.5 |]
              }
              latent "</script><script>document.title = 'run'</script>" 0.5
              { latent "quiet" 0.0 with
                  Histogram = BrowserHistogram.None
              }
          |] with
        Columns = [ BrowserColumn.Purity("How pure it is.", [| 0.9; nan; 0.5 |]) ]
    }

/// So many latents of a language model: windows of 16 tokens out of 10,000, ten strongest and two of each of ten intervals.
let many (m: int) : BrowserPage =
    let random = Random 1
    let vocabulary = Array.init 10_000 (fun i -> $" word{i}")

    let neighbours () =
        Array.init 10 (fun _ -> random.Next m, random.NextDouble())

    let tokens () =
        Array.init 10 (fun _ -> vocabulary[random.Next vocabulary.Length], random.NextDouble())

    let window group =
        context
            group
            (random.NextDouble())
            8
            (Array.init 16 (fun _ -> vocabulary[random.Next vocabulary.Length]))
            (Array.init 16 (fun i -> if i % 3 = 2 then random.NextDouble() else 0.0))

    { page (
          Array.init m (fun j ->
              { latent $"label{j}" (random.NextDouble() ** 4.0) with
                  Histogram =
                      {
                          Edges = Array.init 25 (fun i -> float i / 24.0)
                          Counts = Array.init 24 (fun _ -> random.Next 1000)
                      }
                  Contexts =
                      [
                          for _ in 1..10 -> window BrowserContext.Top
                          for i in 9..-1..0 do
                              for _ in 1..2 -> window $"{10 * i}–{10 * i + 10} %% of the peak"
                      ]
                  Similar = neighbours ()
                  CoActive = neighbours ()
                  Carriers = neighbours ()
                  Promoted = tokens ()
                  Suppressed = tokens ()
              })
      ) with
        Columns =
            [
                BrowserColumn.Purity("Purity.", Array.init m (fun _ -> random.NextDouble()))
                BrowserColumn.Alignment(Array.init m (fun _ -> random.NextDouble()))
                BrowserColumn.Effect("Effect.", false, Array.init m (fun _ -> random.NextDouble()))
            ]
    }
