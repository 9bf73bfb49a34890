module Superposition.Analysis.Tests.FeatureBrowserTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open FsCheck
open FsCheck.FSharp
open Superposition.Analysis
open Xunit

/// What stands in a script of the page, as a browser would find it: up to the first end of a script.
let private script (id: string) (html: string) =
    let found =
        Regex.Match(html, $"<script type=\"[^\"]*\" id=\"{id}\">(.*?)</script", RegexOptions.Singleline)

    Assert.True(found.Success, $"The page has no script {id}.")
    found.Groups[1].Value

let private parsed (text: string) = JsonDocument.Parse(text).RootElement

let private strings (element: JsonElement) =
    [| for item in element.EnumerateArray() -> string (item.GetString()) |]

let private names (element: JsonElement) =
    [ for property in element.EnumerateObject() -> property.Name ]

[<Fact>]
let ``No token, label or title can become mark-up or end the script it stands in`` () =
    let html =
        FeatureBrowser.html
            { BrowserPages.small with
                Title = "<b>bold</b>"
            }

    let page = script "page" html |> parsed
    let lines = (script "latents" html).Split '\n'
    Assert.Equal(3, lines.Length)
    Assert.All(lines, fun line -> parsed line |> ignore)
    Assert.Contains("</script><script>document.title = 'run'</script>", strings (page.GetProperty "labels"))
    Assert.All(BrowserPages.hostile, fun token -> Assert.Contains(token, strings (page.GetProperty "tokens")))
    Assert.Contains("&lt;b&gt;bold&lt;/b&gt;", html)
    // The page's own: two of data and one that runs.
    Assert.Equal(3, Regex.Matches(html, "<script").Count)
    Assert.Equal(3, Regex.Matches(html, "</script>").Count)

[<Fact>]
let ``Half a character becomes a replacement character, not an error`` () =
    let half =
        BrowserPages.page
            [|
                { BrowserPages.latent "\ud83d" 0.5 with
                    Promoted = [| "\ude00", 1.0 |]
                }
            |]

    let page = FeatureBrowser.html half |> script "page" |> parsed
    Assert.Equal<string>([| "\ufffd" |], strings (page.GetProperty "labels"))
    Assert.Equal<string>([| "\ufffd" |], strings (page.GetProperty "tokens"))

[<Fact>]
let ``Contexts come back from their bytes within half a step, tokens and focus exactly`` () =
    let finite =
        ArbMap.defaults |> ArbMap.generate<NormalFloat> |> Gen.map (fun x -> x.Get)

    let contexts =
        gen {
            let! length = Gen.choose (0, 20)
            let! tokens = Gen.arrayOfLength length (Gen.elements BrowserPages.hostile)
            let! values = Gen.arrayOfLength length finite
            let! activation = finite
            let! focus = Gen.choose (-1, length - 1)
            let! group = Gen.elements [ "top"; "0–10 % of the peak"; "10–20 % of the peak" ]
            return BrowserPages.context group activation focus tokens values
        }
        |> Gen.listOf

    let property (contexts: BrowserContext list) =
        let groups, tokens = StringTable(), StringTable()
        let scale = BrowserContexts.scale contexts
        let bytes = BrowserContexts.encode groups tokens contexts
        let again = BrowserContexts.decode groups.Strings tokens.Strings scale bytes
        let near (x: float) y = abs (x - y) <= scale / 16382.0 * 1.0001

        contexts.Length = again.Length
        && List.forall2
            (fun (a: BrowserContext) (b: BrowserContext) ->
                (a.Group, a.Focus, a.Tokens) = (b.Group, b.Focus, b.Tokens)
                && near a.Activation b.Activation
                && Array.forall2 near a.Values b.Values)
            contexts
            again

    Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithReplay(1UL, 1UL),
        Prop.forAll (Arb.fromGen contexts) property
    )

[<Fact>]
let ``A token table of more than 65,536 strings is told apart`` () =
    let groups, tokens = StringTable(), StringTable()

    for i in 0..70_000 do
        tokens.Number(string i) |> ignore

    let contexts =
        [ BrowserPages.context "top" 1.0 0 [| "4464"; "70000" |] [| 1.0; 0.0 |] ]

    let bytes = BrowserContexts.encode groups tokens contexts
    let again = BrowserContexts.decode groups.Strings tokens.Strings 1.0 bytes
    Assert.Equal<string>([| "4464"; "70000" |], again.Head.Tokens)

[<Fact>]
let ``What is not there is neither written nor listed`` () =
    let html = FeatureBrowser.html BrowserPages.small
    let lines = (script "latents" html).Split '\n' |> Array.map (parsed >> names)

    Assert.Equal<string list>(
        [
            "edges"
            "counts"
            "scale"
            "contexts"
            "similar"
            "coActive"
            "carriers"
            "promoted"
            "suppressed"
        ],
        lines[0]
    )

    Assert.Equal<string list>([ "edges"; "counts" ], lines[1])
    Assert.Empty lines[2]
    let page = script "page" html |> parsed
    let columns = page.GetProperty "columns"
    Assert.DoesNotContain("confusion", names page)
    Assert.DoesNotContain("href=\"#features\"", html)

    Assert.Equal<string>(
        [| "Density"; "Peak"; "Purity" |],
        [|
            for column in columns.EnumerateArray() -> string (column.GetProperty("name").GetString())
        |]
    )

    let purity = columns[2].GetProperty("values")
    Assert.Equal(JsonValueKind.Null, purity[1].ValueKind)

[<Fact>]
let ``A page that contradicts itself is refused, all at once`` () =
    let bad =
        { BrowserPages.page
              [|
                  { BrowserPages.latent "a" 0.5 with
                      Similar = [| 7, 1.0 |]
                      Contexts = [ BrowserPages.context "top" 1.0 3 [| "a" |] [| 1.0; 2.0 |] ]
                  }
              |] with
            Columns = [ BrowserColumn.Alignment [| 1.0; 2.0 |] ]
        }

    let error =
        Assert.Throws<ArgumentException>(fun () -> FeatureBrowser.html bad |> ignore)

    Assert.Contains("Column \"Aligned\" has 2 values; there are 1 latents.", error.Message)
    Assert.Contains("Latent 0 names latent 7; they run from 0 to 0.", error.Message)
    Assert.Contains("Latent 0: a context has 1 tokens and 2 values.", error.Message)
    Assert.Contains("Latent 0: a context of 1 tokens has its focus at 3.", error.Message)

[<Fact>]
let ``The page is written whole, over an older one, and leaves nothing beside it`` () =
    use folder = new TemporaryFolder()
    let path = folder["sub/browser.html"]
    FeatureBrowser.write path (BrowserPages.page [||])
    FeatureBrowser.write path BrowserPages.small
    Assert.Equal(FeatureBrowser.html BrowserPages.small, File.ReadAllText path)
    Assert.Equal<string>([| path |], Directory.GetFiles(folder["sub"]))

[<Fact>]
let ``Four thousand latents of a language model stay below 20 MB`` () =
    let bytes =
        Text.Encoding.UTF8.GetByteCount(FeatureBrowser.html (BrowserPages.many 4096))

    TestContext.Current.SendDiagnosticMessage $"4,096 latents: {float bytes / 1e6:F1} MB"
    Assert.InRange(bytes, 1, 20_000_000)
