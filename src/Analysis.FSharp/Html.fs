namespace Superposition.Analysis

open System.Globalization
open System.Net

/// A piece of mark-up. Text becomes one only through Html.text, which encodes it, so nothing measured can become mark-up.
type Html = private Markup of string

/// Writing mark-up from data that may hold anything.
[<RequireQualifiedAccess>]
module Html =
    let private encoded (raw: string) =
        WebUtility.HtmlEncode raw |> Option.ofObj |> Option.defaultValue ""

    /// Text, encoded.
    let text (raw: string) : Html = Markup(encoded raw)

    /// Mark-up of our own, taken as it is: never anything that was read or measured.
    let internal raw (markup: string) : Html = Markup markup

    let concat (pieces: Html seq) : Html =
        pieces |> Seq.map (fun (Markup piece) -> piece) |> String.concat "" |> Markup

    /// An element with its attributes, whose values are encoded, and its children in order.
    let element (name: string) (attributes: (string * string) list) (children: Html seq) : Html =
        let attributes =
            attributes
            |> List.map (fun (key, value) -> $" {key}=\"{encoded value}\"")
            |> String.concat ""

        let (Markup inside) = concat children
        Markup $"<{name}{attributes}>{inside}</{name}>\n"

    let toString (Markup markup) : string = markup

    /// Four significant digits; a dash for what is not finite.
    let number (x: float) : string =
        if System.Double.IsFinite x then
            x.ToString("G4", CultureInfo.InvariantCulture)
        else
            "–"
