namespace Superposition.Analysis

open System
open XPlot.Plotly

/// Curves, clouds and bars on one pair of axes; what they show is said where Charts offers them.
[<RequireQualifiedAccess>]
module internal CurveCharts =
    let withLevels (levels: (string * float) list) (figure: Figure) : Figure =
        let isLog = Figure.isLog "yaxis" figure

        let near value other =
            value <> other
            && (if isLog then
                    abs (log10 (value / other)) < 0.06
                else
                    abs (value - other) < 0.04)

        let line (_: string, value: float) =
            Figure.entries
                [
                    "type", "line"
                    "xref", "paper"
                    "x0", 0.0
                    "x1", 1.0
                    "y0", value
                    "y1", value
                    "layer", "below"
                    "line", Figure.entries [ "color", Palette.muted; "width", 1.0; "dash", "dot" ]
                ]

        // plotly.js places shapes by value on any axis, annotations by the logarithm on a logarithmic one.
        let name (name: string, value: float) =
            let neighbour =
                levels
                |> List.tryPick (fun (_, other) -> if near value other then Some other else None)

            Figure.entries
                [
                    "text", Figure.text name
                    "showarrow", false
                    "xref", "paper"
                    "x", 1.0
                    "xanchor", "left"
                    "xshift", 6
                    "y", (if isLog then log10 value else value)
                    "yanchor",
                    match neighbour with
                    | Some other when other < value -> "bottom"
                    | Some _ -> "top"
                    | None -> "middle"
                ]

        { figure with
            Layout = figure.Layout.Add("margin", Figure.entries [ "l", 56; "r", 130; "t", 16; "b", 48 ])
        }
        |> Figure.adding "shapes" (List.map line levels)
        |> Figure.adding "annotations" (List.map name levels)

    /// Series i as a curve, and before it its band where it has one, on a y axis: "y", or "y2".
    let curve (yaxis: string) (i: int) (series: Series) : Trace list =
        let colour = Palette.cyclic Palette.categories i

        let known =
            Array.init series.Low.Length id
            |> Array.filter (fun at -> Double.IsFinite series.Low[at] && Double.IsFinite series.High[at])

        [
            if known.Length > 0 then
                Scatter(
                    x = Figure.values (Seq.append known (Array.rev known) |> Seq.map (fun at -> series.X[at])),
                    y =
                        Figure.values (
                            Seq.append
                                (known |> Seq.map (fun at -> series.High[at]))
                                (Array.rev known |> Seq.map (fun at -> series.Low[at]))
                        ),
                    mode = "lines",
                    line = Line(width = 0.0),
                    fill = "toself",
                    fillcolor = Palette.translucent 0.18 colour,
                    hoverinfo = "skip",
                    showlegend = false,
                    yaxis = yaxis
                )
            Scatter(
                name = Figure.text series.Name,
                x = Figure.values series.X,
                y = Figure.values series.Y,
                mode = "lines",
                line = Line(color = colour, dash = Palette.cyclic Palette.dashes i, width = 2.0),
                yaxis = yaxis
            )
        ]

    let line (x: Axis) (y: Axis) (series: Series list) : Figure =
        series
        |> List.mapi (curve "y")
        |> List.concat
        |> Figure.onAxes x y [ "showlegend", series.Length > 1 ]

    let scatter (x: Axis) (y: Axis) (series: Series list) : Figure =
        series
        |> List.mapi (fun i series ->
            Scatter(
                name = Figure.text series.Name,
                x = Figure.values series.X,
                y = Figure.values series.Y,
                mode = "markers",
                marker =
                    Marker(
                        color = Palette.cyclic Palette.categories i,
                        symbol = Palette.cyclic Palette.symbols i,
                        size = 6.0,
                        opacity = 0.7
                    )
            )
            :> Trace)
        |> Figure.onAxes x y []

    let bars (x: string) (y: Axis) (groups: (string * (string * Estimate)[])[]) : Figure =
        [
            for i in 0 .. groups.Length - 1 do
                let name, bars = groups[i]
                let estimates = bars |> Array.map snd

                let reach edge =
                    estimates |> Array.map (fun e -> abs (edge e - e.Mean)) |> Figure.values

                Bar(
                    name = Figure.text name,
                    x = (bars |> Array.map (fst >> Figure.text)),
                    y = Figure.values (estimates |> Array.map _.Mean),
                    marker = Marker(color = Palette.cyclic Palette.categories i),
                    error_y =
                        Error_y(
                            ``type`` = "data",
                            symmetric = false,
                            array = reach _.High,
                            arrayminus = reach _.Low,
                            color = "#777777",
                            thickness = 1.0,
                            width = 3.0
                        )
                )
                :> Trace
        ]
        |> Figure.onAxes
            (Axis.Linear x)
            y
            [
                "xaxis", Figure.axis (Axis.Linear x) [ "type", "category"; "showgrid", false ]
            ]

    let histogram (x: string) (bins: int) (series: (string * float[])[]) : Figure =
        let series =
            series
            |> Array.map (fun (name, values) -> name, values |> Array.filter Double.IsFinite)

        let all = series |> Array.collect snd
        let low = if all.Length = 0 then 0.0 else Array.min all
        let high = if all.Length = 0 then 1.0 else Array.max all

        let width =
            if high > low then
                (high - low) / float bins
            else
                1.0 / float bins

        let count (values: float[]) =
            let counts = Array.zeroCreate<int> bins

            for value in values do
                let bin = min (bins - 1) (int ((value - low) / width))
                counts[bin] <- counts[bin] + 1

            counts

        [
            for i in 0 .. series.Length - 1 do
                let name, values = series[i]

                Bar(
                    name = Figure.text name,
                    x = Figure.values (Array.init bins (fun bin -> low + (float bin + 0.5) * width)),
                    y = count values,
                    marker = Marker(color = Palette.cyclic Palette.categories i),
                    opacity = (if series.Length > 1 then 0.6 else 1.0)
                )
                :> Trace
        ]
        |> Figure.onAxes (Axis.Linear x) (Axis.Linear "count") [ "barmode", "overlay"; "bargap", 0.04 ]
