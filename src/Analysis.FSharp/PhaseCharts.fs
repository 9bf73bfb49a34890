namespace Superposition.Analysis

open System
open XPlot.Plotly

/// Where the cells of a phase diagram lie: one model, or one answer, a density and a relative importance.
type PhaseGrid =
    {
        X: Axis
        /// [columns] The cells' middles, ascending; positive on a logarithmic axis.
        Xs: float[]
        Y: Axis
        /// [rows] from the bottom of the diagram upwards.
        Ys: float[]
    }

/// Diagrams over density and importance; what they show is said where Charts offers them.
[<RequireQualifiedAccess>]
module internal PhaseCharts =
    /// [m + 1] The edges of cells around m middles, half way between them as the axis measures it.
    let private edges (axis: Axis) (middles: float[]) : float[] =
        let onto, back = if axis.IsLog then log10, (fun x -> 10.0 ** x) else id, id
        let at = Array.map onto middles

        if at.Length = 0 then
            [||]
        else
            let half =
                Array.pairwise at
                |> Array.map (fun (a, b) -> (b - a) / 2.0)
                |> fun halves -> if halves.Length = 0 then [| 0.5 |] else halves

            Array.init (at.Length + 1) (fun i ->
                if i = 0 then
                    back (at[0] - half[0])
                else
                    back (at[i - 1] + half[min (i - 1) (half.Length - 1)]))

    let private demand (grid: PhaseGrid) (name: string) (cells: 'Cell[,]) =
        let found = Array2D.length1 cells, Array2D.length2 cells
        let expected = grid.Ys.Length, grid.Xs.Length

        if found <> expected then
            invalidArg
                name
                $"{name} is [{fst found}, {snd found}]; a grid of {fst expected} rows and {snd expected} columns needs [{fst expected}, {snd expected}]."

    /// An axis that ends with its cells.
    let private closed (axis: Axis) (middles: float[]) (more: (string * obj) list) =
        let edges = edges axis middles

        let range =
            if edges.Length = 0 then
                []
            else
                let low, high = edges[0], edges[edges.Length - 1]

                if axis.IsLog then
                    ("range", [| log10 low; log10 high |] :> obj) :: Figure.decades low high
                else
                    [ "range", [| low; high |] :> obj ]

        Figure.axis
            axis
            ([ "showgrid", false :> obj; "ticks", "outside"; "tickcolor", Palette.muted ]
             @ range
             @ more)

    let diagram (grid: PhaseGrid) (names: string[]) (labels: int[,]) : Figure =
        demand grid (nameof labels) labels

        if names.Length > Palette.categories.Length then
            invalidArg
                (nameof names)
                $"There are {names.Length} names; a reader tells {Palette.categories.Length} colours apart. Join the rarest."

        let called label =
            if label >= 0 && label < names.Length then
                Figure.text names[label]
            elif label < 0 then
                ""
            else
                invalidArg (nameof labels) $"A cell has label {label}; there are {names.Length} names."

        let cells =
            Heatmap(
                x = Figure.values (edges grid.X grid.Xs),
                y = Figure.values (edges grid.Y grid.Ys),
                z =
                    Array.init grid.Ys.Length (fun row ->
                        Array.init grid.Xs.Length (fun column ->
                            let label = labels[row, column]
                            if label < 0 then Nullable() else Nullable label)),
                text =
                    Array.init grid.Ys.Length (fun row ->
                        Array.init grid.Xs.Length (fun column -> called labels[row, column])),
                zmin = -0.5,
                zmax = float names.Length - 0.5,
                colorscale = Palette.steps names.Length,
                showscale = false,
                hoverinfo = "x+y+text"
            )
            :> Trace

        // A map has no entries in a legend: marks that are off the page stand for its colours.
        let legend =
            [
                for i in 0 .. names.Length - 1 ->
                    Scatter(
                        name = Figure.text names[i],
                        x = Figure.values [ nan ],
                        y = Figure.values [ nan ],
                        mode = "markers",
                        hoverinfo = "skip",
                        marker = Marker(color = Palette.cyclic Palette.categories i, symbol = "square", size = 12.0)
                    )
                    :> Trace
            ]

        { (cells :: legend
           |> Figure.onAxes grid.X grid.Y [ "xaxis", closed grid.X grid.Xs []; "yaxis", closed grid.Y grid.Ys [] ]) with
            Height = 460
        }

    let field (grid: PhaseGrid) (panels: (string * float[,])[]) : Figure =
        for name, cells in panels do
            demand grid name cells

        let places =
            {
                Columns = max 1 (min 2 panels.Length)
                Count = panels.Length
                Height = 320
                Above = 22
                Below = 56
                Gap = 0.17
            }

        let map panel (cells: float[,]) =
            let across, up = places.Place panel

            let highest =
                cells |> Seq.cast<float> |> Seq.filter Double.IsFinite |> Seq.fold max 0.0

            Heatmap(
                x = Figure.values (edges grid.X grid.Xs),
                y = Figure.values (edges grid.Y grid.Ys),
                z = Array.init grid.Ys.Length (fun row -> Figure.values cells[row, *]),
                colorscale = Palette.sequentialScale,
                zmin = 0.0,
                zmax = (if highest > 0.0 then highest else 1.0),
                colorbar =
                    Colorbar(
                        thickness = 10.0,
                        outlinewidth = 0.0,
                        x = across[1] + 0.005,
                        y = Array.average up,
                        len = up[1] - up[0],
                        nticks = 5
                    ),
                hoverinfo = "x+y+z",
                xaxis = Panels.reference "x" panel,
                yaxis = Panels.reference "y" panel
            )
            :> Trace

        let figure =
            panels
            |> Array.mapi (fun panel (_, cells) -> map panel cells)
            |> Array.toList
            |> Panels.over
                places
                (panels |> Array.map fst)
                [
                    for panel in 0 .. panels.Length - 1 do
                        let across, up = places.Place panel

                        Panels.entry "x" panel,
                        closed grid.X grid.Xs [ "domain", across; "anchor", Panels.reference "y" panel ]

                        let y =
                            if places.IsInFirstColumn panel then
                                grid.Y
                            else
                                { grid.Y with Title = "" }

                        Panels.entry "y" panel,
                        closed
                            y
                            grid.Ys
                            [
                                "domain", up
                                "anchor", Panels.reference "x" panel
                                "showticklabels", places.IsInFirstColumn panel
                            ]
                ]

        { figure with
            MinWidth = 330 * places.Columns
        }

    /// The numbers of the pairs of axes that a figure has.
    let private pairs (figure: Figure) =
        Seq.initInfinite id
        |> Seq.takeWhile (fun i -> figure.Layout.ContainsKey(Panels.entry "x" i))
        |> Seq.toList

    /// What a value is on the axis, as ranges and annotations have it.
    let private onto (figure: Figure) (letter: string) (pair: int) =
        if Figure.isLog (Panels.entry letter pair) figure then
            log10
        else
            id

    let private range (figure: Figure) (letter: string) (pair: int) =
        match figure.Layout[Panels.entry letter pair] with
        | :? Map<string, obj> as axis ->
            match axis.TryFind "range" with
            | Some(:? (float[]) as range) -> range[0], range[1]
            | _ -> -infinity, infinity
        | _ -> -infinity, infinity

    let withBoundaries (boundaries: Series list) (figure: Figure) : Figure =
        let line pair (boundary: Series) colour width dash : Trace =
            Scatter(
                name = Figure.text boundary.Name,
                x = Figure.values boundary.X,
                y = Figure.values boundary.Y,
                mode = "lines",
                line = Line(color = colour, width = width, dash = dash),
                hoverinfo = "name",
                showlegend = false,
                xaxis = Panels.reference "x" pair,
                yaxis = Panels.reference "y" pair
            )

        let lines =
            [
                for pair in pairs figure do
                    for boundary in boundaries do
                        line pair boundary Palette.casing 4.5 "solid"
                        line pair boundary Palette.inner 1.8 "dash"
            ]

        // The name stands on its line, half way along what is in sight.
        let name pair (boundary: Series) =
            let ontoX, ontoY = onto figure "x" pair, onto figure "y" pair
            let (left, right), (bottom, top) = range figure "x" pair, range figure "y" pair

            let inSight =
                Array.zip boundary.X boundary.Y
                |> Array.map (fun (x, y) -> ontoX x, ontoY y)
                |> Array.filter (fun (x, y) -> left <= x && x <= right && bottom <= y && y <= top)

            if inSight.Length = 0 then
                []
            else
                let x, y = inSight[inSight.Length / 2]

                [
                    Figure.entries
                        [
                            "text", Figure.text boundary.Name
                            "showarrow", false
                            "xref", Panels.reference "x" pair
                            "yref", Panels.reference "y" pair
                            "x", x
                            "y", y
                            "font", Figure.entries [ "size", 11 ]
                            "borderpad", 2
                            // The page paints it in its own colour.
                            "bgcolor", Palette.casing
                        ]
                ]

        { figure with
            Traces = figure.Traces @ lines
        }
        |> Figure.adding
            "annotations"
            (pairs figure
             |> List.collect (fun pair -> boundaries |> List.collect (name pair)))

    let withMarks (name: string) (cells: (float * float)[]) (figure: Figure) : Figure =
        let mark pair : Trace =
            Scatter(
                name = Figure.text name,
                x = Figure.values (Array.map fst cells),
                y = Figure.values (Array.map snd cells),
                mode = "markers",
                marker =
                    Marker(
                        color = Palette.inner,
                        symbol = "circle",
                        size = 6.0,
                        line = Line(color = Palette.casing, width = 1.2)
                    ),
                hoverinfo = "name",
                showlegend = (pair = 0),
                xaxis = Panels.reference "x" pair,
                yaxis = Panels.reference "y" pair
            )

        { figure with
            Traces = figure.Traces @ (pairs figure |> List.map mark)
            Layout = figure.Layout.Add("showlegend", true)
        }
