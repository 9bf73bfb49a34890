namespace Superposition.Analysis

open System
open Newtonsoft.Json
open XPlot.Plotly

/// Bars that say more on hovering than is written on them; XPlot's have no entries for it. The members of an internal
/// type are internal, so each is named to the serializer.
type internal BarWithHover() =
    inherit Bar()

    [<JsonProperty>]
    member val hovertext: string[] = [||] with get, set

    /// "none", or "inside" for what text has.
    [<JsonProperty>]
    member val textposition = "none" with get, set

    [<JsonProperty>]
    member val insidetextanchor = "middle" with get, set

    /// Degrees: upright, or not at all where there is no room.
    [<JsonProperty>]
    member val textangle = 0.0 with get, set

/// One step of a figure that is stepped through.
type Frame =
    {
        /// What the reader is told of the step.
        Name: string
        /// What changes: which of the figure's traces, counted from 0, and the entries it then has.
        Changes: (int * Trace) list
    }

/// A chart of the report, before it is drawn: what plotly.js will be given, and how large.
type Figure =
    {
        /// What the reader should see, in a sentence; also what a screen reader says.
        Caption: string
        /// Pixels.
        Height: int
        /// Pixels; on a narrower screen the figure is scrolled sideways.
        MinWidth: int
        Traces: Trace list
        /// plotly.js' layout, entry by entry; XPlot's Layout type stops at two axes of either kind.
        Layout: Map<string, obj>
        /// In order; empty for a figure that stands still. It is drawn as Traces have it, which is the last step.
        Frames: Frame list
    }

/// A chart's axis.
type Axis =
    {
        /// What is measured, and its unit where it has one.
        Title: string
        /// Equal steps are equal ratios.
        IsLog: bool
    }

    static member Linear title = { Title = title; IsLog = false }
    static member Log title = { Title = title; IsLog = true }

/// What all charts share: values cut to what a screen can show, text that cannot become mark-up, axes and layout.
[<RequireQualifiedAccess>]
module Figure =
    /// Text for plotly.js, which reads tags and entities in titles, names and labels.
    let internal text (raw: string) =
        raw.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")

    /// Five significant digits, more than a screen shows; a gap for what is not finite.
    let internal value (x: float) : Nullable<float> =
        if not (Double.IsFinite x) then
            Nullable()
        elif x = 0.0 then
            Nullable 0.0
        else
            let digits = 4 - int (Math.Floor(Math.Log10(abs x)))

            Nullable(
                if digits < 0 || digits > 15 then
                    x
                else
                    Math.Round(x, digits)
            )

    let internal values (xs: float seq) : Nullable<float>[] = xs |> Seq.map value |> Seq.toArray

    let internal entries (pairs: (string * obj) list) : Map<string, obj> = Map.ofList pairs

    /// An axis with a quiet grid and no line of its own.
    let internal axis (axis: Axis) (more: (string * obj) list) : Map<string, obj> =
        entries (
            [
                "title", entries [ "text", text axis.Title; "standoff", 8 ]
                "type", (if axis.IsLog then "log" else "linear")
                "gridcolor", Palette.faint
                "zeroline", false
                "automargin", true
                "ticklabelstandoff", 3
                "exponentformat", (if axis.IsLog then "power" else "none")
            ]
            @ more
        )

    /// The entries of a logarithmic axis from low to high that has a label at 1, 2 and 5 of every decade, or at every
    /// decade where that would be too many; plotly.js by itself squeezes small digits between large ones. Within a decade
    /// it does well.
    let internal decades (low: float) (high: float) : (string * obj) list =
        if not (low > 0.0 && high >= 10.0 * low && Double.IsFinite high) then
            []
        else
            let first, last = int (floor (log10 low)), int (ceil (log10 high))

            let digits =
                if log10 (high / low) <= 3.0 then
                    [ 1.0; 2.0; 5.0 ]
                else
                    [ 1.0 ]

            [
                "tickvals",
                [|
                    for decade in first..last do
                        for digit in digits -> digit * 10.0 ** float decade
                |]
                "exponentformat", (if first < -4 || last > 5 then "power" else "none")
            ]

    /// No background, so that the page's own shows; no dragging, which would hold a touch screen's scroll.
    let internal layout (more: (string * obj) list) : Map<string, obj> =
        entries (
            [
                "paper_bgcolor", "rgba(0,0,0,0)"
                "plot_bgcolor", "rgba(0,0,0,0)"
                "font", entries [ "family", "system-ui, sans-serif"; "size", 12; "color", "#777777" ]
                "margin", entries [ "l", 56; "r", 16; "t", 16; "b", 48 ]
                "hovermode", "closest"
                "dragmode", false
                "showlegend", false
                "legend", entries [ "orientation", "h"; "x", 0.0; "y", 1.0; "yanchor", "bottom" ]
            ]
            @ more
        )

    /// A figure of one pair of axes, with a legend where there are several traces to name.
    let internal onAxes (x: Axis) (y: Axis) (more: (string * obj) list) (traces: Trace list) : Figure =
        {
            Caption = ""
            Height = 380
            MinWidth = 300
            Traces = traces
            Layout =
                layout (
                    [ "xaxis", axis x []; "yaxis", axis y []; "showlegend", traces.Length > 1 ]
                    @ more
                )
            Frames = []
        }

    /// The figure with its caption.
    let captioned (caption: string) (figure: Figure) : Figure = { figure with Caption = caption }

    /// The figure with more entries in one of the layout's lists, shapes or annotations.
    let internal adding (key: string) (more: Map<string, obj> list) (figure: Figure) : Figure =
        let present =
            match figure.Layout.TryFind key with
            | Some(:? (Map<string, obj>[]) as present) -> present
            | _ -> [||]

        { figure with
            Layout = figure.Layout.Add(key, Array.append present (List.toArray more))
        }

    /// Whether an axis of the layout, "yaxis" say, is logarithmic.
    let internal isLog (name: string) (figure: Figure) : bool =
        match figure.Layout.TryFind name with
        | Some(:? Map<string, obj> as axis) -> axis.TryFind "type" = Some("log" :> obj)
        | _ -> false

    /// {"data": [...], "layout": {...}, "frames": [...]} for plotly.js. Every &lt;, &gt; and &amp; is written as \u003c and
    /// the like, so no text of the data can end the script element that holds it.
    let json (figure: Figure) : string =
        JsonConvert.SerializeObject(
            entries
                [
                    "data", figure.Traces
                    "layout", figure.Layout
                    "frames",
                    [
                        for frame in figure.Frames ->
                            entries
                                [
                                    // Told by the page, as text; plotly.js never reads it.
                                    "name", frame.Name
                                    "traces", List.map fst frame.Changes
                                    "data", List.map snd frame.Changes
                                ]
                    ]
                ],
            JsonSerializerSettings(StringEscapeHandling = StringEscapeHandling.EscapeHtml)
        )
