namespace Superposition.Analysis

open XPlot.Plotly

/// Small multiples: square panels in rows, each with axes of its own and a title above.
[<RequireQualifiedAccess>]
module internal Panels =
    /// Share of a panel's place that stays empty between it and the next.
    [<Literal>]
    let private Gap = 0.12

    /// The axes' names of panel i, as traces refer to them and as the layout spells them.
    let reference (letter: string) i =
        if i = 0 then letter else $"{letter}{i + 1}"

    let private entry (letter: string) i =
        if i = 0 then $"{letter}axis" else $"{letter}axis{i + 1}"

    let private annotation (x: float) (y: float) (title: string) =
        Figure.entries
            [
                "text", Figure.text title
                "showarrow", false
                "xref", "paper"
                "yref", "paper"
                "x", x
                "y", y
                "xanchor", "center"
                "yanchor", "bottom"
            ]

    /// One panel a title, at most so many a row, over the left 90 % of the figure; the rest is for a colour bar.
    /// The axes have no ticks: what their range means is said by the caption.
    let figure
        (columns: int)
        (titles: string[])
        (ofX: (string * obj) list, ofY: (string * obj) list)
        (shapes: Map<string, obj> list)
        (traces: Trace list)
        : Figure =
        let columns = min columns (max 1 titles.Length)
        let rows = max 1 ((titles.Length + columns - 1) / columns)
        let width, height = 0.9 / float columns, 1.0 / float rows
        let panelPixels = max 80 (880 / columns)

        let titleShare = 22.0 / float (panelPixels + 22)

        /// The square below the title of panel i: from left to right and from bottom to top, in shares of the figure.
        let place i =
            let left, top = width * float (i % columns), 1.0 - height * float (i / columns)
            [| left; left + width * (1.0 - Gap) |], [| top - height; top - height * titleShare |]

        let axis (domain: float[]) (more: (string * obj) list) =
            Figure.entries (
                [
                    "domain", domain
                    "constrain", "domain"
                    "showticklabels", false
                    "ticks", ""
                    "showgrid", false
                    "zeroline", false
                ]
                @ more
            )

        let annotations =
            titles
            |> Array.mapi (fun i title ->
                let across, up = place i
                annotation (Array.average across) up[1] title)

        {
            Caption = ""
            Height = rows * (panelPixels + 22)
            MinWidth = min 720 (columns * 110)
            Traces = traces
            Layout =
                Figure.layout
                    [
                        "margin", Figure.entries [ "l", 4; "r", 4; "t", 4; "b", 4 ]
                        "annotations", annotations
                        "shapes", List.toArray<Map<string, obj>> shapes
                        for i in 0 .. titles.Length - 1 do
                            let across, up = place i
                            entry "x" i, axis across ofX
                            entry "y" i, axis up ([ "scaleanchor", reference "x" i; "constraintoward", "top" ] @ ofY)
                    ]
        }
