/// The feature browser in a real browser.
module Superposition.Analysis.Tests.FeatureBrowserPageTests

open System
open System.Diagnostics
open System.Text.RegularExpressions
open System.Threading.Tasks
open Microsoft.Playwright
open Superposition.Analysis
open Xunit

let private visiting (scheme: ColorScheme) (shown: BrowserPage) (test: IPage -> Browser.Record -> Task<unit>) =
    task {
        Assert.SkipWhen(Browser.executable.IsNone, Browser.missing)
        use folder = new TemporaryFolder()
        let path = folder["browser.html"]
        FeatureBrowser.write path shown

        do!
            Browser.visit scheme path (fun page record ->
                task {
                    do! test page record
                    Assert.Empty record.Complaints

                    Assert.Equal<string>(
                        [ Uri(path).AbsoluteUri ],
                        record.Requests |> Seq.map (fun url -> url.Split('#')[0]) |> Seq.distinct
                    )
                })
    }

let private text (page: IPage) (selector: string) =
    page.Locator(selector).First.InnerTextAsync()

let private hash (page: IPage) =
    page.EvaluateAsync<string> "() => location.hash"

let private goTo (page: IPage) (target: string) : Task =
    page.EvaluateAsync(
        "hash => new Promise(done => { addEventListener('hashchange', () => requestAnimationFrame(done), { once: true }); location.hash = hash; })",
        target
    )

let private press (page: IPage) (keys: string list) =
    task {
        for key in keys do
            do! page.Keyboard.PressAsync key
    }

let private isFocused (page: IPage) (selector: string) =
    page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector)

let private numbers (page: IPage) =
    page.EvaluateAsync<int[]>
        "() => [...document.querySelectorAll('#rows [role=option]')].map(row => Number(row.id.slice(4)))"

[<Fact>]
let ``Tokens that would be mark-up are shown as they are, and nothing of them runs`` () =
    visiting ColorScheme.Light BrowserPages.small (fun page _ ->
        task {
            let! tokens = page.Locator(".group.top .token").AllTextContentsAsync()

            let seen (token: string) =
                if token = "" then "∅" else token.Replace("\n", "↵")

            Assert.Equal<string>(BrowserPages.hostile |> Array.map seen, tokens)
            let! titled = page.TitleAsync()
            Assert.Equal("Latents of a test", titled)
            do! goTo page "#latent=1"
            let! heading = text page "#detail h2"
            Assert.Contains("</script><script>document.title = 'run'</script>", heading)
            let! scripts = page.Locator("script").CountAsync()
            Assert.Equal(3, scripts)
        })

[<Fact>]
let ``A latent shows its measures, histogram, contexts, neighbours, neurons and tokens, and leaves out what it has not``
    ()
    =
    visiting ColorScheme.Light BrowserPages.small (fun page _ ->
        task {
            let! titles = page.Locator("#detail h3").AllInnerTextsAsync()

            Assert.Equal<string>(
                [
                    "Activations"
                    "Where it is active"
                    "Tokens it promotes"
                    "Tokens it suppresses"
                    "Most similar latents"
                    "Most co-active latents"
                    "Neurons that carry it"
                ],
                titles
            )

            let! facts = page.Locator(".facts div").AllInnerTextsAsync()
            Assert.Equal<string>([ "Density\n25 %"; "Peak\n1.00"; "Purity\n0.900" ], facts)
            let! bars = page.Locator(".histogram rect").CountAsync()
            Assert.Equal(2, bars)
            let! focus = page.Locator(".group.top .token.focus").AllTextContentsAsync()
            Assert.Equal<string>([ " the" ], focus)

            let! similar =
                page.Locator("section:has(h3:text('similar')) li").AllInnerTextsAsync()

            Assert.Equal(2, similar.Count)
            Assert.Matches("quiet\s+−0.250$", similar[1])
            do! goTo page "#latent=2"
            let! left = page.Locator("#detail h3").CountAsync()
            let! said = text page "#detail .note"
            Assert.Equal((0, "It is active on none of the tokens."), (left, said))
        })

[<Fact>]
let ``A search finds a latent by label, number and token, says how many there are, and Escape shows all again`` () =
    visiting ColorScheme.Light BrowserPages.small (fun page _ ->
        task {
            let find (query: string) =
                task {
                    do! page.Locator("#search").FillAsync query
                    let! said = text page "#count"
                    let! found = numbers page
                    return said, found
                }

            let! byLabel = find "RIVER"
            let! byNumber = find "2"
            let! byToken = find "the"
            let! none = find "<zebra>"
            Assert.Equal(("1 of 3 latents", [| 0 |]), byLabel)
            Assert.Equal(("1 of 3 latents", [| 2 |]), byNumber)
            Assert.Equal(("1 of 3 latents", [| 0 |]), byToken)
            Assert.Equal(("No latent has “<zebra>”; press Esc to see all.", [||]), none)
            do! page.Keyboard.PressAsync "Escape"
            let! all = numbers page
            Assert.Equal<int>([| 0; 1; 2 |], all)
        })

[<Fact>]
let ``A column sorts from the greatest, again from the least, and what is not known stays last`` () =
    visiting ColorScheme.Light BrowserPages.small (fun page _ ->
        task {
            let purity =
                page.GetByRole(AriaRole.Button, PageGetByRoleOptions(NameRegex = Regex "^Purity"))

            do! purity.ClickAsync()
            let! down = numbers page
            do! purity.ClickAsync()
            let! up = numbers page
            Assert.Equal<int>([| 0; 2; 1 |], down)
            Assert.Equal<int>([| 2; 0; 1 |], up)
            let! name = purity.GetAttributeAsync "aria-label"
            Assert.Equal("Purity, least first. How pure it is.", name)
        })

[<Fact>]
let ``An address names a latent, Back goes back, and one that is not there is said not to be`` () =
    visiting ColorScheme.Light (BrowserPages.many 200) (fun page _ ->
        task {
            do! goTo page "#latent=123"
            let! named = text page "#detail h2"
            Assert.Equal("Latent 123 label123", named)
            let! inSight = page.Locator("#row-123[aria-selected=true]").IsVisibleAsync()
            Assert.True(inSight, "The list does not show the latent that is open.")
            do! page.Locator("#detail .bars a").First.ClickAsync()
            let! followed = hash page
            Assert.NotEqual<string>("#latent=123", followed)
            let! heading = isFocused page "#detail h2"
            Assert.True(heading, "Who follows a link is not taken to the heading.")
            let! _ = page.GoBackAsync()
            let! back = text page "#detail h2"
            Assert.Equal("Latent 123 label123", back)
            do! goTo page "#latent=999"
            let! lost = text page "#detail"

            Assert.Equal(
                "There is no latent 999\nThey run from 0 to 199. Choose one from the list.",
                Regex.Replace(lost.Trim(), "\n+", "\n")
            )
        })

[<Fact>]
let ``Everything is reached by the keyboard alone`` () =
    visiting ColorScheme.Light (BrowserPages.many 200) (fun page _ ->
        task {
            let stands selector =
                task {
                    let! here = isFocused page selector
                    Assert.True(here, $"The focus is not at {selector}.")
                }

            do! press page [ "/" ]
            do! stands "#search"
            do! page.Keyboard.TypeAsync "label12"
            do! press page [ "ArrowDown" ]
            do! stands "#list"
            let! first = hash page
            do! press page [ "ArrowDown"; "ArrowDown"; "ArrowUp" ]
            let! second = hash page
            Assert.Equal(("#latent=12", "#latent=120"), (first, second))
            let! active = page.Locator("#list").GetAttributeAsync "aria-activedescendant"
            Assert.Equal("row-120", active)
            do! press page [ "End" ]
            let! last = hash page
            Assert.Equal("#latent=129", last)
            do! press page [ "Home"; "Enter" ]
            do! stands "#detail h2"
            do! press page [ "Tab"; "Enter" ]
            let! next = hash page
            Assert.Equal("#latent=120", next)
            do! stands "#detail .step"

            // A ring is drawn around what has the focus.
            let! outline =
                page.EvaluateAsync<string> "() => getComputedStyle(document.activeElement).outlineStyle"

            Assert.Equal("solid", outline)
            do! press page [ "Escape" ]
            do! stands "#list"
            do! press page [ "/"; "Escape" ]
            let! count = text page "#count"
            Assert.Equal("200 latents", count)
            do! press page [ "Escape" ]
            do! stands "#list"
        })

[<Fact>]
let ``Of 4,096 latents only those in sight are in the page, wherever one scrolls`` () =
    let shown = BrowserPages.many 4096

    visiting ColorScheme.Light shown (fun page _ ->
        task {
            let! ready =
                page.EvaluateAsync<float> "() => performance.getEntriesByType('navigation')[0].domComplete"

            TestContext.Current.SendDiagnosticMessage $"4,096 latents stand after {ready:F0} ms"
            let watch = Stopwatch.StartNew()

            for part in [ 0.0; 0.25; 0.5; 1.0 ] do
                let! _ =
                    page.EvaluateAsync(
                        "async part => { list.scrollTop = part * (list.scrollHeight - list.clientHeight); await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); }",
                        part
                    )

                let! there = numbers page
                Assert.InRange(there.Length, 10, 60)

                // No gap in what the list's frame shows.
                let! covers =
                    page.EvaluateAsync<bool>
                        "() => { const box = list.getBoundingClientRect(); const rows = [...list.querySelectorAll('[role=option]')].map(row => row.getBoundingClientRect()); return rows[0].top <= box.top + 1 && rows.at(-1).bottom >= box.bottom - 1; }"

                Assert.True(covers, $"At {part} of the list there is a gap.")

            let! last = page.Locator("#row-4095").IsVisibleAsync()
            Assert.True(last, "The end of the list does not show the last latent.")
            TestContext.Current.SendDiagnosticMessage $"Four places of the list: {watch.ElapsedMilliseconds} ms"
        })

/// WCAG 2.2, "contrast ratio", of text on the colour a canvas makes of all backgrounds beneath it.
let private leastContrast =
    """() => {
        const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const paint = colours => {
            canvas.clearRect(0, 0, 1, 1);
            for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        };
        const luminance = rgb => rgb.map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4).reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = node => node === null ? [] : [...behind(node.parentElement), getComputedStyle(node).backgroundColor];
        let least = Infinity;
        for (const node of document.querySelectorAll("body *")) {
            const words = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim() !== "");
            if (!words || node.matches("script, noscript, .off, svg *") || node.getClientRects().length === 0) continue;
            const ground = behind(node);
            const [ink, paper] = [luminance(paint([...ground, getComputedStyle(node).color])), luminance(paint(ground))];
            least = Math.min(least, (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
        }
        return least;
    }"""

[<Theory>]
[<InlineData(ColorScheme.Light)>]
[<InlineData(ColorScheme.Dark)>]
let ``Every word has a contrast of 4.5 or more, on whatever colour it stands`` (scheme: ColorScheme) =
    let both =
        { BrowserPages.small with
            Latents =
                BrowserPages.small.Latents
                |> Array.map (fun latent ->
                    { latent with
                        Contexts =
                            [
                                BrowserPages.context
                                    BrowserContext.Top
                                    1.0
                                    0
                                    (Array.init 21 string)
                                    (Array.init 21 (fun i -> float i / 10.0 - 1.0))
                            ]
                    })
        }

    visiting scheme both (fun page _ ->
        task {
            let! dark =
                page.EvaluateAsync<bool> "() => matchMedia('(prefers-color-scheme: dark)').matches"

            Assert.Equal((scheme = ColorScheme.Dark), dark)
            let! least = page.EvaluateAsync<float> leastContrast
            Assert.True(least >= 4.5, $"The least contrast is {least:F2}.")
        })

[<Fact>]
let ``On a narrow screen a latent lies over the list, and one comes back`` () =
    visiting ColorScheme.Light (BrowserPages.many 50) (fun page _ ->
        task {
            do! page.SetViewportSizeAsync(390, 800)

            let wide () =
                page.EvaluateAsync<bool> "() => document.documentElement.scrollWidth > innerWidth"

            let! covered = page.Locator("#detail").IsVisibleAsync()
            Assert.False covered
            let! listWide = wide ()
            do! page.Locator("#row-3").ClickAsync()
            let! shown = page.Locator("#detail").IsVisibleAsync()
            Assert.True shown
            let! detailWide = wide ()
            Assert.Equal((false, false), (listWide, detailWide))
            do! page.Locator(".back").ClickAsync()
            let! again = page.Locator("#detail").IsVisibleAsync()
            Assert.False again
        })

let private toy =
    let entry feature latent cosine precision recall =
        {
            Feature = feature
            Latent = latent
            Cosine = cosine
            Precision = precision
            Recall = recall
        }

    { BrowserPages.small with
        Confusion =
            Some
                {
                    Features = [| "feature 0"; "feature 1" |]
                    Densities = [| 0.1; 0.2 |]
                    Entries = [| entry 0 0 0.9 0.8 0.6; entry 1 0 0.1 0.2 0.1; entry 1 1 0.95 1.0 0.9 |]
                }
    }

[<Fact>]
let ``True features have a list and a table of their own, and lead to latents and back`` () =
    visiting ColorScheme.Light toy (fun page _ ->
        task {
            do! page.GetByRole(AriaRole.Link, PageGetByRoleOptions(Name = "True features")).ClickAsync()
            let! cells = page.Locator(".confusion rect").CountAsync()
            Assert.Equal(3, cells)
            let! listed = page.Locator("#rows [role=option]").AllInnerTextsAsync()

            Assert.Equal<string>(
                [ "0 feature 0 10 % 0.900 0.686"; "1 feature 1 20 % 0.950 0.947" ],
                listed |> Seq.map (fun row -> Regex.Replace(row, "\s+", " ").Trim())
            )

            do! page.Locator("#row-1").ClickAsync()
            let! rows = page.Locator("#detail tbody tr").AllInnerTextsAsync()
            Assert.Equal(2, rows.Count)
            Assert.Matches("^1 · .*\t0.950\t1.000\t0.900\t0.947$", rows[0])
            do! page.Locator("#detail tbody a").Nth(1).ClickAsync()
            let! named = hash page
            Assert.Equal("#latent=0", named)

            let! features =
                page.Locator("section:has(h3:text('True features')) tbody tr").CountAsync()

            Assert.Equal(2, features)
        })
