module Superposition.Analysis.Tests.LatentEvidenceTests

open System
open FsCheck
open FsCheck.FSharp
open Superposition.Analysis
open Xunit

/// Rows of up to 8 latents with values that differ, so that the greatest are no matter of taste.
let private rows count (random: Random) : (int * float)[][] =
    Array.init count (fun _ ->
        [|
            for latent in 0..7 do
                if random.NextDouble() < 0.4 / float (latent + 1) then
                    latent, random.NextDouble() + 0.01
        |])

let private word (place: ActivePlace) : BrowserContext =
    BrowserPages.context place.Group place.Activation 0 [| $"r{place.Row}" |] [| place.Activation |]

let private views options pairs =
    LatentEvidence.views options (SparseCodes.ofPairs 8 pairs) None word (fun _ -> LatentEvidence.labelOf 3)

let private valuesOf latent (pairs: (int * float)[][]) =
    pairs
    |> Array.indexed
    |> Array.choose (fun (row, active) ->
        active
        |> Array.tryFind (fst >> (=) latent)
        |> Option.map (fun (_, value) -> row, value))

[<Fact>]
let ``Codes transposed twice are the codes, and every entry is found`` () =
    let pairs = rows 200 (Random 1)
    let codes = SparseCodes.ofPairs 8 pairs
    let transposed = codes.Transposed()
    Assert.Equal(codes, transposed.Transposed())

    for row in 0..199 do
        for latent in 0..7 do
            let expected =
                pairs[row]
                |> Array.tryFind (fst >> (=) latent)
                |> Option.map (snd >> float32 >> float)
                |> Option.defaultValue 0.0

            Assert.Equal(expected, codes.Value(row, latent))
            Assert.Equal(expected, transposed.Value(latent, row))

[<Fact>]
let ``The leading few are those that sorting would put first`` () =
    let property (count: int, scores: int[]) =
        let expected =
            scores
            |> Array.indexed
            |> Array.sortBy (fun (i, x) -> -x, i)
            |> Array.truncate count
            |> Array.map fst

        Leading.indices count scores.Length (fun i -> float scores[i]) = expected

    let cases = Gen.zip (Gen.choose (0, 12)) (Gen.arrayOf (Gen.choose (0, 9)))

    Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithReplay(1UL, 1UL),
        Prop.forAll (Arb.fromGen cases) property
    )

[<Fact>]
let ``Density, peak and histogram are those of the values`` () =
    let pairs = rows 500 (Random 2)
    let views = views EvidenceOptions.Default pairs

    for latent, view in Array.indexed views do
        let values = valuesOf latent pairs |> Array.map snd
        Assert.Equal(float values.Length / 500.0, view.Density)
        Expect.near 1e-6 (Array.max values) view.Peak
        Assert.Equal(values.Length, Array.sum view.Histogram.Counts)
        let edges = view.Histogram.Edges
        Assert.Equal(0.0, edges[0])
        Assert.Equal(view.Peak, Array.last edges)

        for bin in 0..23 do
            let inside =
                values
                |> Array.filter (fun x ->
                    float (float32 x) >= edges[bin]
                    && (bin = 23 || float (float32 x) < edges[bin + 1]))

            Assert.InRange(view.Histogram.Counts[bin], inside.Length - 1, inside.Length + 1)

[<Fact>]
let ``The strongest come first, then some of each interval, none twice and each within its interval`` () =
    let pairs = rows 2000 (Random 3)
    let view = (views EvidenceOptions.Default pairs)[0]
    let values = valuesOf 0 pairs |> Array.sortByDescending snd

    let top =
        view.Contexts |> List.filter (fun context -> context.Group = BrowserContext.Top)

    Assert.Equal<string>(
        values |> Array.truncate 10 |> Array.map (fun (row, _) -> $"r{row}"),
        top |> List.map (fun c -> c.Tokens[0])
    )

    Assert.Equal(30, view.Contexts.Length)

    Assert.Equal(
        30,
        view.Contexts
        |> List.distinctBy (fun context -> context.Tokens[0])
        |> List.length
    )

    Assert.Equal<string list>(
        "top" :: [ for i in 9..-1..0 -> $"{10 * i}–{10 * i + 10} %% of the peak" ],
        view.Contexts |> List.map _.Group |> List.distinct
    )

    for context in view.Contexts do
        if context.Group <> BrowserContext.Top then
            let low = float (context.Group.Split('–')[0]) / 100.0
            Assert.InRange(context.Activation / view.Peak, low - 1e-6, low + 0.1 + 1e-6)

    Assert.Equal(top |> List.truncate 3 |> List.map (fun c -> c.Tokens[0]) |> String.concat ", ", view.Label)

[<Fact>]
let ``The same seed draws the same contexts, another draws others`` () =
    let pairs = rows 2000 (Random 4)
    Assert.Equal<LatentView[]>(views EvidenceOptions.Default pairs, views EvidenceOptions.Default pairs)

    Assert.NotEqual<LatentView[]>(
        views EvidenceOptions.Default pairs,
        views
            { EvidenceOptions.Default with
                Seed = 2
            }
            pairs
    )

[<Fact>]
let ``Co-activity is the Jaccard index of the rows`` () =
    let pairs = rows 300 (Random 5)

    let rowsOf latent =
        valuesOf latent pairs |> Array.map fst |> Set.ofArray

    for latent, view in Array.indexed (views EvidenceOptions.Default pairs) do
        Assert.DoesNotContain(latent, view.CoActive |> Array.map fst)

        for other, score in view.CoActive do
            let a, b = rowsOf latent, rowsOf other
            Expect.near 1e-12 (float (Set.intersect a b).Count / float (Set.union a b).Count) score

[<Fact>]
let ``A latent that never fires is shown without contexts, and one of both signs has a histogram of both`` () =
    let views = views EvidenceOptions.Default [| [| 0, -2.0 |]; [| 0, 1.0 |]; [||] |]
    Assert.Equal("never active", views[1].Label)
    Assert.Empty views[1].Contexts
    Assert.Equal(BrowserHistogram.None, views[1].Histogram)
    Assert.Equal(2.0, views[0].Peak)
    Assert.Equal<string list>([ "r0"; "r1" ], views[0].Contexts |> List.map (fun context -> context.Tokens[0]))
    Assert.Equal((-2.0, 1.0), (views[0].Histogram.Edges[0], Array.last views[0].Histogram.Edges))
    Assert.Equal((1, 1), (views[0].Histogram.Counts[0], Array.last views[0].Histogram.Counts))

[<Fact>]
let ``A window ends with its document and carries the latent's value at each token`` () =
    let codes =
        SparseCodes.ofPairs 2 [| [| 0, 1.0 |]; [| 1, 2.0 |]; [| 1, 4.0 |]; [||]; [| 1, 8.0 |] |]

    let window =
        LatentEvidence.window 2 2 [| "a"; "b"; "c"; "d"; "e" |] [| 0; 1; 1; 1; 2 |] (codes.Transposed())

    let context =
        window
            {
                Latent = 1
                Row = 2
                Activation = 4.0
                Group = "top"
            }

    Assert.Equal<string>([| "b"; "c"; "d" |], context.Tokens)
    Assert.Equal<float>([| 2.0; 4.0; 0.0 |], context.Values)
    Assert.Equal(1, context.Focus)

[<Fact>]
let ``Words along a direction are promoted, words against it suppressed, and similar latents go by their directions``
    ()
    =
    let vectors = array2D [ [ 1.0f; 0.0f ]; [ 0.6f; 0.8f ]; [ -1.0f; 0.0f ] ]
    let decoder = array2D [ [ 1.0f; 0.0f ]; [ 0.0f; 2.0f ] ]
    let codes = SparseCodes.ofPairs 2 [| [| 0, 1.0 |]; [| 0, 0.6; 1, 0.4 |]; [||] |]

    let page =
        RowBrowser.page
            "t"
            []
            BrowserTerms.Words
            EvidenceOptions.Default
            [| "one"; "two"; "three" |]
            codes
            (Some decoder)
            (Some vectors)

    Assert.Equal<string>([ "one"; "two" ], page.Latents[0].Promoted |> Array.map fst)
    Expect.near 1e-6 0.6 (snd page.Latents[0].Promoted[1])
    Assert.Equal<string>([ "three" ], page.Latents[0].Suppressed |> Array.map fst)
    Assert.Equal((1, 2.0), page.Latents[1].Carriers[0])
    let effect = page.Columns |> List.find (fun column -> column.Name = "Effect")
    // 1 + 0.36 of the first, (0.4 · 2)² of the second.
    Expect.near 1e-6 (1.36 / 2.0) effect.Values[0]

[<Fact>]
let ``A confusion table agrees with detection, and finds a permutation`` () =
    let random = Random 6
    let pairs = rows 1000 random
    let features = SparseCodes.ofPairs 8 pairs
    let place = [| 3; 1; 0; 2; 7; 5; 6; 4 |]

    // Latent place(i) fires with feature i, but now and then is silent or fires without it.
    let codes =
        pairs
        |> Array.map (fun row ->
            let on = row |> Array.map fst |> set

            [|
                for feature in 0..7 do
                    if random.NextDouble() < (if on.Contains feature then 0.9 else 0.02) then
                        place[feature], 1.0
            |])
        |> SparseCodes.ofPairs 8

    let judged = Array.init 8 (fun latent -> Array.IndexOf(place, latent))
    let counts = DetectionCounts(8, judged)

    for row in 0..999 do
        counts.Add(codes.ColumnsOf row, features.ColumnsOf row)

    let detection = counts.Measure()

    let table =
        ToyBrowser.confusion (Array.init 8 string) features codes (Array2D.create 8 8 0.1f)

    for latent in 0..7 do
        let entry =
            table.Entries
            |> Array.find (fun entry -> entry.Latent = latent && entry.Feature = judged[latent])

        Expect.near 1e-12 detection.Precision[latent] entry.Precision
        Expect.near 1e-12 detection.Recall[latent] entry.Recall

        let best =
            table.Entries
            |> Array.filter (fun entry -> entry.Latent = latent)
            |> Array.maxBy (fun entry -> entry.Precision * entry.Recall)

        Assert.Equal(judged[latent], best.Feature)
