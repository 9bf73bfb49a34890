namespace Superposition.Analysis

open XPlot.Plotly

/// Where small multiples stand: in rows, from left to right and from top to bottom.
type internal Grid =
    {
        Columns: int
        Count: int
        /// Pixels of a panel from bottom to top, and what is kept free above it for its title and below it for its ticks.
        Height: int
        Above: int
        Below: int
        /// Share of a panel's place that stays empty between it and the next.
        Gap: float
    }

    member grid.Rows = max 1 ((grid.Count + grid.Columns - 1) / grid.Columns)

    /// Pixels.
    member grid.TotalHeight = grid.Rows * (grid.Above + grid.Height + grid.Below)

    /// The panel's left and right end and its lower and upper one, in shares of the figure. All panels take the left 90 %
    /// of it; the rest is for colour bars.
    member grid.Place(i: int) : float[] * float[] =
        let width, height = 0.9 / float grid.Columns, 1.0 / float grid.Rows

        let left, top =
            width * float (i % grid.Columns), 1.0 - height * float (i / grid.Columns)

        let share pixels =
            height * float pixels / float (grid.Above + grid.Height + grid.Below)

        [| left; left + width * (1.0 - grid.Gap) |], [| top - height + share grid.Below; top - share grid.Above |]

    member grid.IsInFirstColumn(i: int) = i % grid.Columns = 0

    /// There is no panel below it.
    member grid.IsLowest(i: int) = i + grid.Columns >= grid.Count

/// Small multiples, each with axes of its own and a title above.
[<RequireQualifiedAccess>]
module internal Panels =
    /// The name of axis i as traces refer to it, and as the layout spells it.
    let reference (letter: string) i =
        if i = 0 then letter else $"{letter}{i + 1}"

    let entry (letter: string) i =
        if i = 0 then $"{letter}axis" else $"{letter}axis{i + 1}"

    /// Words above the middle of a panel.
    let title (across: float[], up: float[]) (words: string) =
        Figure.entries
            [
                "text", Figure.text words
                "showarrow", false
                "xref", "paper"
                "yref", "paper"
                "x", Array.average across
                "y", up[1]
                "xanchor", "center"
                "yanchor", "bottom"
            ]

    /// A thin line around the place of a pair of axes.
    let frame (across: string) (up: string) =
        Figure.entries
            [
                "type", "rect"
                "xref", $"{across} domain"
                "yref", $"{up} domain"
                "x0", 0.0
                "x1", 1.0
                "y0", 0.0
                "y1", 1.0
                "line", Figure.entries [ "color", Palette.faint; "width", 1.0 ]
            ]

    /// A colour bar right of all panels, over a share of the height: where its middle stands, and how long it is.
    let colourBar (words: string) (middle: float, length: float) =
        Colorbar(
            title = Figure.text words,
            titleside = "right",
            thickness = 10.0,
            outlinewidth = 0.0,
            x = 0.91,
            y = middle,
            len = length,
            nticks = 5
        )

    /// A figure of panels over a grid: the layout's axes, and what else it has.
    let over (grid: Grid) (titles: string[]) (more: (string * obj) list) (traces: Trace list) : Figure =
        {
            Caption = ""
            Height = grid.TotalHeight
            MinWidth = min 720 (grid.Columns * 110)
            Traces = traces
            Layout =
                Figure.layout (
                    [
                        "margin", Figure.entries [ "l", 4; "r", 4; "t", 4; "b", 4 ]
                        "annotations", Array.mapi (fun i words -> title (grid.Place i) words) titles
                    ]
                    @ more
                )
            Frames = []
        }

    /// Square panels, one a title, at most so many a row. The axes have no ticks: what their range means is said by the
    /// caption.
    let squares
        (columns: int)
        (titles: string[])
        (ofX: (string * obj) list, ofY: (string * obj) list)
        (shapes: Map<string, obj> list)
        (traces: Trace list)
        : Figure =
        let columns = min columns (max 1 titles.Length)

        let grid =
            {
                Columns = columns
                Count = titles.Length
                Height = max 80 (880 / columns)
                Above = 22
                Below = 0
                Gap = 0.12
            }

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

        over
            grid
            titles
            [
                "shapes", List.toArray<Map<string, obj>> shapes
                for i in 0 .. titles.Length - 1 do
                    let across, up = grid.Place i
                    entry "x" i, axis across ofX
                    entry "y" i, axis up ([ "scaleanchor", reference "x" i; "constraintoward", "top" ] @ ofY)
            ]
            traces
