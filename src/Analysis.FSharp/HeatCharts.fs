namespace Superposition.Analysis

open System
open XPlot.Plotly

/// A matrix as coloured cells; what it shows is said where Charts offers it.
[<RequireQualifiedAccess>]
module internal HeatCharts =
    let private demand (rows: string[]) (columns: string[]) (cells: float[,]) =
        if Array2D.length1 cells <> rows.Length || Array2D.length2 cells <> columns.Length then
            invalidArg
                (nameof cells)
                $"The cells are [{Array2D.length1 cells}, {Array2D.length2 cells}]; {rows.Length} names of rows and {columns.Length} of columns need [{rows.Length}, {columns.Length}]."

    /// An axis with a name a cell, or every second, third, … where there is no room for all. The names stand at numbers,
    /// for of categories plotly.js would make one where two have the same name.
    let private named (title: string) (names: string[]) (every: int) (more: (string * obj) list) =
        let shown = [| 0..every .. names.Length - 1 |]

        Figure.axis
            (Axis.Linear title)
            ([
                "showgrid", false :> obj
                "tickvals", shown
                "ticktext", Array.map (fun i -> Figure.text names[i]) shown
             ]
             @ more)

    let heat
        (value: string)
        (rowTitle: string, rows: string[])
        (columnTitle: string, columns: string[])
        (cells: float[,])
        : Figure =
        demand rows columns cells
        let finite = cells |> Seq.cast<float> |> Seq.filter Double.IsFinite |> Seq.toArray
        let low, high = Array.fold min 0.0 finite, Array.fold max 0.0 finite
        let reach = if low = high then 1.0 else max -low high
        let rowHeight = Math.Clamp(720 / max 1 rows.Length, 6, 26)

        let figure =
            [
                Heatmap(
                    z = Array.init rows.Length (fun row -> Figure.values cells[row, *]),
                    zmin = (if low < 0.0 then -reach else 0.0),
                    zmax = reach,
                    colorscale =
                        (if low < 0.0 then
                             Palette.divergingScale
                         else
                             Palette.sequentialScale),
                    colorbar =
                        Colorbar(
                            title = Figure.text value,
                            titleside = "right",
                            thickness = 10.0,
                            outlinewidth = 0.0,
                            nticks = 5
                        ),
                    text =
                        Array.init rows.Length (fun row ->
                            Array.init columns.Length (fun column ->
                                Figure.text $"{rows[row]}, {columns[column]}: {cells[row, column]:G4}")),
                    hoverinfo = "text"
                )
                :> Trace
            ]
            |> Figure.onAxes
                (Axis.Linear columnTitle)
                (Axis.Linear rowTitle)
                [
                    "xaxis", named columnTitle columns (1 + columns.Length / 40) []
                    "yaxis", named rowTitle rows (1 + 14 / rowHeight) [ "autorange", "reversed" ]
                    "shapes", [| Panels.frame "x" "y" |]
                ]

        { figure with
            Height = max 200 (90 + rowHeight * rows.Length)
        }
