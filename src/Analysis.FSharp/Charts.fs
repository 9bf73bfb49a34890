namespace Superposition.Analysis

open System
open XPlot.Plotly

/// A curve or a cloud of points, with a band around it where its spread is known.
type Series =
    {
        Name: string
        X: float[]
        Y: float[]
        /// Lower edge of the band, as long as X; empty for none.
        Low: float[]
        /// Upper edge of the band.
        High: float[]
    }

    static member Of(name, x, y) =
        {
            Name = name
            X = x
            Y = y
            Low = [||]
            High = [||]
        }

    /// Means over seeds with their 95 % intervals as the band.
    static member OfEstimates(name, x, estimates: Estimate[]) =
        {
            Name = name
            X = x
            Y = estimates |> Array.map _.Mean
            Low = estimates |> Array.map _.Low
            High = estimates |> Array.map _.High
        }

/// The figures of the report. Colours are told apart by lightness, shape or dash as well as by hue.
[<RequireQualifiedAccess>]
module Charts =
    let private dashes =
        [| "solid"; "dash"; "dot"; "dashdot"; "longdash"; "longdashdot" |]

    let private symbols =
        [| "circle"; "diamond"; "square"; "triangle-up"; "cross"; "x" |]

    let private cyclic (choices: string[]) i = choices[i % choices.Length]

    let private faded (hex: string) =
        let part (at: int) =
            Convert.ToInt32(hex.Substring(at, 2), 16)

        $"rgba({part 1},{part 3},{part 5},0.18)"

    /// Features as segments from the origin of the plane, a panel a density, as the introduction of Toy Models of
    /// Superposition shows them. label and shade [n] colour the features, by importance say; each panel is (p, W [n, 2]).
    /// The circle has radius 1, the length of a feature stored whole.
    let plane (label: string) (shade: float[]) (panels: (float * float[,])[]) : Figure =
        PanelCharts.plane label shade panels

    /// Heat maps of W Wᵀ [n, n] (the papers' WᵀW), a panel a title, on one scale from blue through nothing at 0 to orange;
    /// row and column 0 at the top left. The diagonal is ‖W_i‖², off it stands what features share.
    let gram (panels: (string * float[,])[]) : Figure = PanelCharts.gram panels

    /// Horizontal lines with their names at the right edge, on a figure of one pair of axes. Names of neighbouring lines
    /// step aside.
    let withLevels (levels: (string * float) list) (figure: Figure) : Figure =
        let near value other =
            value <> other && abs (value - other) < 0.04

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
                    "y", value
                    "yanchor",
                    match neighbour with
                    | Some other when other < value -> "bottom"
                    | Some _ -> "top"
                    | None -> "middle"
                ]

        { figure with
            Layout =
                figure.Layout
                |> Map.add "shapes" (levels |> List.map line |> List.toArray :> obj)
                |> Map.add "annotations" (levels |> List.map name |> List.toArray :> obj)
                |> Map.add "margin" (Figure.entries [ "l", 56; "r", 130; "t", 16; "b", 48 ])
        }

    /// D_i of every feature against 1/p, a strip a density (p, D [n]), with the levels of uniform geometries as lines.
    /// Within a strip, points are spread sideways by their index, so that plateaus show as dense rows.
    /// Toy Models of Superposition, "Feature Dimensionality".
    let dimensionality (strips: (float * float[])[]) : Figure =
        let inverses = strips |> Array.map (fun (p, _) -> log (1.0 / p)) |> Array.sort

        let spacing =
            Array.pairwise inverses
            |> Array.map (fun (a, b) -> b - a)
            |> Array.filter (fun gap -> gap > 0.0)
            |> fun gaps -> if gaps.Length = 0 then 0.5 else Array.min gaps

        // Multiples of the golden ratio fill an interval evenly, in any number.
        let aside i =
            (float i * 0.6180339887498949 % 1.0 - 0.5) * 0.6 * spacing

        let x =
            strips
            |> Array.collect (fun (p, D) -> D |> Array.mapi (fun i _ -> exp (aside i) / p))

        let told =
            strips
            |> Array.collect (fun (p, D) -> D |> Array.mapi (fun i D -> $"feature {i}, p = {p:G3}, D = {D:G4}"))

        [
            Scatter(
                x = Figure.values x,
                y = Figure.values (strips |> Array.collect snd),
                mode = "markers",
                marker = Marker(color = Palette.categories[0], size = 4.0, opacity = 0.55),
                text = told,
                hoverinfo = "text"
            )
            :> Trace
        ]
        |> Figure.onAxes
            (Axis.Log "1/p, inverse density")
            (Axis.Linear "feature dimensionality Dᵢ")
            [
                "xaxis",
                Figure.axis
                    (Axis.Log "1/p, inverse density")
                    [
                        "tickvals",
                        [|
                            for decade in 0..6 do
                                for step in [ 1.0; 2.0; 5.0 ] -> step * 10.0 ** float decade
                        |]
                    ]
            ]
        |> withLevels
            [
                "1 dedicated", 1.0
                "3/4 tetrahedron", 3.0 / 4.0
                "2/3 triangle", 2.0 / 3.0
                "1/2 digon", 1.0 / 2.0
                "2/5 pentagon", 2.0 / 5.0
                "3/8 antiprism", 3.0 / 8.0
            ]

    /// Bars with 95 % intervals over seeds, a bar a name; an open interval is left out.
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
                    marker = Marker(color = cyclic Palette.categories i),
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

    /// How often values fall into each of so many equal bins, the same for every series (name, values), drawn one over
    /// the other. What is not finite is left out.
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
                    marker = Marker(color = cyclic Palette.categories i),
                    opacity = (if series.Length > 1 then 0.6 else 1.0)
                )
                :> Trace
        ]
        |> Figure.onAxes (Axis.Linear x) (Axis.Linear "count") [ "barmode", "overlay"; "bargap", 0.04 ]

    /// Clouds of points, each with a colour and a shape of its own.
    let scatter (x: Axis) (y: Axis) (series: Series list) : Figure =
        series
        |> List.mapi (fun i series ->
            Scatter(
                name = Figure.text series.Name,
                x = Figure.values series.X,
                y = Figure.values series.Y,
                mode = "markers",
                marker =
                    Marker(color = cyclic Palette.categories i, symbol = cyclic symbols i, size = 6.0, opacity = 0.7)
            )
            :> Trace)
        |> Figure.onAxes x y []

    /// Curves, each with a colour and a dash of its own, over their bands: training histories, sweeps over a density.
    let line (x: Axis) (y: Axis) (series: Series list) : Figure =
        let bands =
            [
                for i, series in List.indexed series do
                    let known =
                        Array.init series.Low.Length id
                        |> Array.filter (fun at -> Double.IsFinite series.Low[at] && Double.IsFinite series.High[at])

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
                            fillcolor = faded (cyclic Palette.categories i),
                            hoverinfo = "skip",
                            showlegend = false
                        )
                        :> Trace
            ]

        let curves =
            series
            |> List.mapi (fun i series ->
                Scatter(
                    name = Figure.text series.Name,
                    x = Figure.values series.X,
                    y = Figure.values series.Y,
                    mode = "lines",
                    line = Line(color = cyclic Palette.categories i, dash = cyclic dashes i, width = 2.0)
                )
                :> Trace)

        bands @ curves |> Figure.onAxes x y [ "showlegend", series.Length > 1 ]
