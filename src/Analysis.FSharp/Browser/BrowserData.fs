namespace Superposition.Analysis

open System
open System.IO
open System.Globalization
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Unicode

/// A page as JSON: what the list needs in one piece, and a line for each latent, which the browser parses when the latent is opened.
type internal BrowserData =
    {
        Page: string
        /// One after another, a line each.
        Latents: string
    }

[<RequireQualifiedAccess>]
module internal BrowserData =
    // Escapes <, > and & within strings, so that no token can end the script that holds the data, or open a comment in it.
    let private options =
        JsonWriterOptions(Encoder = JavaScriptEncoder.Create UnicodeRanges.All)

    /// Five digits are more than the page shows.
    let private number (json: Utf8JsonWriter) (x: float) =
        if Double.IsFinite x then
            json.WriteRawValue(x.ToString("G5", CultureInfo.InvariantCulture), true)
        else
            json.WriteNullValue()

    /// Half of a pair of surrogates, as of a token cut within a character, is no text: it becomes U+FFFD.
    let private whole (text: string) =
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes text)

    let private array (json: Utf8JsonWriter) (name: string) (write: 'Item -> unit) (items: 'Item seq) =
        json.WriteStartArray name
        Seq.iter write items
        json.WriteEndArray()

    let private texts (json: Utf8JsonWriter) name (items: string seq) =
        items |> array json name (fun text -> json.WriteStringValue(whole text))

    let private numbers (json: Utf8JsonWriter) name (items: float seq) = items |> array json name (number json)

    /// [i, x, i, x, …]; nothing where there are none.
    let private pairs (json: Utf8JsonWriter) name (items: (int * float)[]) =
        if items.Length > 0 then
            items
            |> array json name (fun (i, x) ->
                json.WriteNumberValue i
                number json x)

    let private written (write: Utf8JsonWriter -> unit) (stream: Stream) =
        use json = new Utf8JsonWriter(stream, options)
        json.WriteStartObject()
        write json
        json.WriteEndObject()

    let private latent groups (tokens: StringTable) (view: LatentView) (json: Utf8JsonWriter) =
        if view.Histogram.Counts.Length > 0 then
            numbers json "edges" view.Histogram.Edges

            view.Histogram.Counts
            |> array json "counts" (fun (count: int) -> json.WriteNumberValue count)

        if not view.Contexts.IsEmpty then
            json.WritePropertyName "scale"
            json.WriteNumberValue(BrowserContexts.scale view.Contexts)
            json.WriteBase64String("contexts", ReadOnlySpan(BrowserContexts.encode groups tokens view.Contexts))

        let named = Array.map (fun (token: string, x: float) -> tokens.Number token, x)
        pairs json "similar" view.Similar
        pairs json "coActive" view.CoActive
        pairs json "carriers" view.Carriers
        pairs json "promoted" (named view.Promoted)
        pairs json "suppressed" (named view.Suppressed)

    /// The tokens by which a search finds a latent: those its contexts were chosen for.
    let private keys (tokens: StringTable) (view: LatentView) =
        view.Contexts
        |> Seq.choose (fun context ->
            if context.Focus < 0 then
                None
            else
                Some(tokens.Number context.Tokens[context.Focus]))
        |> Seq.distinct

    let private column (json: Utf8JsonWriter) (name: string) (meaning: string) (isShare: bool) (values: float[]) =
        json.WriteStartObject()
        json.WriteString("name", name)
        json.WriteString("meaning", meaning)
        json.WriteBoolean("isShare", isShare)
        numbers json "values" values
        json.WriteEndObject()

    let private confusion (json: Utf8JsonWriter) (confusion: Confusion) =
        json.WriteStartObject "confusion"
        texts json "features" confusion.Features
        numbers json "densities" confusion.Densities

        confusion.Entries
        |> array json "entries" (fun entry ->
            json.WriteNumberValue entry.Feature
            json.WriteNumberValue entry.Latent
            number json entry.Cosine
            number json entry.Precision
            number json entry.Recall)

        json.WriteEndObject()

    let private terms (json: Utf8JsonWriter) (terms: BrowserTerms) =
        json.WriteStartObject "terms"
        json.WriteString("row", terms.Row)
        json.WriteString("rows", terms.Rows)
        json.WriteString("value", terms.Value)
        json.WriteBoolean("areNames", terms.AreNames)
        json.WriteString("carrier", terms.Carrier)
        json.WriteString("promoted", terms.PromotedTitle)
        json.WriteString("suppressed", terms.SuppressedTitle)
        json.WriteString("score", terms.Score)
        json.WriteEndObject()

    let private head (page: BrowserPage) (groups: StringTable) (tokens: StringTable) (json: Utf8JsonWriter) =
        // Asked before the table is written, though all of them are in it by now.
        let keys = page.Latents |> Array.map (keys tokens >> Seq.toArray)
        terms json page.Terms
        texts json "labels" (page.Latents |> Seq.map _.Label)
        json.WriteStartArray "columns"

        page.Latents
        |> Array.map _.Density
        |> column json "Density" $"Share of {page.Terms.Rows} on which the latent is active." true

        page.Latents
        |> Array.map _.Peak
        |> column json "Peak" "Greatest activation, by size." false

        for extra in page.Columns do
            column json extra.Name extra.Meaning extra.IsShare extra.Values

        json.WriteEndArray()
        texts json "groups" groups.Strings
        texts json "tokens" tokens.Strings

        keys
        |> array json "keys" (fun own ->
            json.WriteStartArray()
            own |> Array.iter (fun (key: int) -> json.WriteNumberValue key)
            json.WriteEndArray())

        Option.iter (confusion json) page.Confusion

    let ofPage (page: BrowserPage) : BrowserData =
        let groups, tokens = StringTable(), StringTable()
        use lines = new MemoryStream()

        page.Latents
        |> Array.iteri (fun j view ->
            if j > 0 then
                lines.WriteByte(byte '\n')

            written (latent groups tokens view) lines)

        use first = new MemoryStream()
        written (head page groups tokens) first

        let text (stream: MemoryStream) =
            Encoding.UTF8.GetString(stream.ToArray())

        {
            Page = text first
            Latents = text lines
        }
