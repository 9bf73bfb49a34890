namespace Superposition.Analysis

open System
open XPlot.Plotly

/// Charts of a training as it goes; what they show is said where Charts offers them.
[<RequireQualifiedAccess>]
module internal TrainingCharts =
    let private step = "training step"

    let private lossAxis (loss: Series) (domain: float[]) (more: (string * obj) list) =
        let positive = loss.Y |> Array.filter (fun y -> y > 0.0 && Double.IsFinite y)

        let ticks =
            if positive.Length = 0 then
                []
            else
                Figure.decades (Array.min positive) (Array.max positive)

        Figure.axis (Axis.Log loss.Name) ([ "domain", domain :> obj ] @ ticks @ more)

    let private lossCurve (x: string) (loss: Series) : Trace =
        Scatter(
            name = Figure.text loss.Name,
            x = Figure.values loss.X,
            y = Figure.values loss.Y,
            mode = "lines",
            line = Line(color = Palette.categories[1], width = 2.0),
            showlegend = false,
            xaxis = x,
            yaxis = "y2"
        )

    let energyLevels (steps: float[]) (levels: float[,]) (loss: Series) : Figure =
        if Array2D.length2 levels <> steps.Length then
            invalidArg
                (nameof levels)
                $"The levels are [{Array2D.length1 levels}, {Array2D.length2 levels}], features by steps; there are {steps.Length} steps."

        let dimensionality = Axis.Log "feature dimensionality Dᵢ"

        let lines =
            [
                for i in 0 .. Array2D.length1 levels - 1 ->
                    Scatter(
                        name = $"feature {i}",
                        x = Figure.values steps,
                        y = Figure.values levels[i, *],
                        mode = "lines",
                        line = Line(color = Palette.translucent 0.5 Palette.categories[0], width = 1.0),
                        hoverinfo = "name+x+y"
                    )
                    :> Trace
            ]

        let figure =
            lines @ [ lossCurve "x" loss ]
            |> Figure.onAxes
                (Axis.Linear step)
                dimensionality
                [
                    "xaxis", Figure.axis (Axis.Linear step) [ "anchor", "y2" ]
                    "yaxis",
                    Figure.axis
                        dimensionality
                        [
                            "domain", [| 0.36; 1.0 |]
                            // What falls below a twentieth of a dimension is as good as not stored.
                            "range", [| log10 0.05; log10 1.15 |]
                            "tickvals", [| 0.05; 0.1; 0.2; 0.5; 1.0 |]
                        ]
                    "yaxis2", lossAxis loss [| 0.0; 0.28 |] []
                    "showlegend", false
                ]
            |> CurveCharts.withLevels DensityCharts.levels

        { figure with Height = 620 }

    /// The features of a set as segments to the origin, broken after each.
    let private segments (W: float[,]) (features: int[]) =
        Figure.values
            [
                for i in features do
                    yield! [ W[i, 0]; 0.0; nan ]
            ],
        Figure.values
            [
                for i in features do
                    yield! [ W[i, 1]; 0.0; nan ]
            ]

    let trajectory (sets: (string * int[])[]) (snapshots: (float * float[,])[]) (loss: Series) : Figure =
        if snapshots.Length = 0 then
            invalidArg (nameof snapshots) "There are no snapshots; a trajectory needs at least one."

        let features =
            sets
            |> Array.fold (fun most (_, set) -> Array.fold (fun most i -> max most (i + 1)) most set) 0

        for step, W in snapshots do
            if Array2D.length2 W <> 2 || Array2D.length1 W < features then
                invalidArg
                    (nameof snapshots)
                    $"At step {step}, the snapshot is [{Array2D.length1 W}, {Array2D.length2 W}]; {features} features in a plane need [{features}, 2]. Project other dimensions first."

        let reach =
            snapshots
            |> Array.fold (fun reach (_, W) -> Gram.norms W |> Array.fold max reach) 1.0

        /// Where the loss stood at a step: at the last record until then.
        let lossAt step =
            match loss.X |> Array.tryFindIndexBack (fun x -> x <= step) with
            | Some at -> loss.Y[at]
            | None -> nan

        let colour s = Palette.cyclic Palette.categories s

        let paths: Trace list =
            [
                for s in 0 .. sets.Length - 1 ->
                    let along coordinate =
                        Figure.values
                            [
                                for i in snd sets[s] do
                                    for _, W in snapshots do
                                        W[i, coordinate]

                                    nan
                            ]

                    Scatter(
                        x = along 0,
                        y = along 1,
                        mode = "lines",
                        line = Line(color = Palette.translucent 0.4 (colour s), width = 1.5),
                        hoverinfo = "skip",
                        showlegend = false
                    )
            ]

        let mark s (size: obj) =
            Marker(
                color = colour s,
                symbol = Palette.cyclic Palette.symbols s,
                size = size,
                opacity = 1.0,
                line = Line(width = 0.0)
            )

        // Of marks of several sizes the legend would show the mean: some that are off the page stand for them.
        let legend: Trace list =
            [
                for s in 0 .. sets.Length - 1 ->
                    Scatter(
                        name = Figure.text (fst sets[s]),
                        x = Figure.values [ nan ],
                        y = Figure.values [ nan ],
                        mode = "lines+markers",
                        line = Line(color = colour s, width = 2.0),
                        marker = mark s 9.0
                    )
            ]

        let moving (W: float[,]) : Trace list =
            [
                for s in 0 .. sets.Length - 1 ->
                    let name, set = sets[s]
                    let x, y = segments W set

                    Scatter(
                        name = Figure.text name,
                        x = x,
                        y = y,
                        mode = "lines+markers",
                        line = Line(color = colour s, width = 2.0),
                        marker =
                            mark
                                s
                                [|
                                    for _ in set do
                                        yield! [ 9.0; 0.0; 0.0 ]
                                |],
                        text =
                            [|
                                for i in set do
                                    yield! [ $"feature {i}"; ""; "" ]
                            |],
                        hoverinfo = "name+text",
                        showlegend = false
                    )
            ]

        let marker step : Trace =
            Scatter(
                x = Figure.values [ step ],
                y = Figure.values [ lossAt step ],
                mode = "markers",
                marker =
                    Marker(color = Palette.categories[1], size = 11.0, line = Line(color = Palette.casing, width = 1.5)),
                hoverinfo = "x+y",
                showlegend = false,
                xaxis = "x2",
                yaxis = "y2"
            )

        let lastStep, lastW = Array.last snapshots
        let still = paths @ legend @ [ lossCurve "x2" loss ]

        // Only where things are changes from frame to frame; how they look stays as the figure has it.
        let frame (step: float, W) =
            {
                Name = $"step {step:N0}"
                Changes =
                    [
                        for s in 0 .. sets.Length - 1 do
                            let x, y = segments W (snd sets[s])
                            still.Length + s, Scatter(x = x, y = y)

                        still.Length + sets.Length,
                        Scatter(x = Figure.values [ step ], y = Figure.values [ lossAt step ])
                    ]
            }

        let plane (more: (string * obj) list) =
            Figure.entries (
                [
                    "range", [| -1.1 * reach; 1.1 * reach |] :> obj
                    "showticklabels", false
                    "showgrid", false
                    "zeroline", true
                    "zerolinecolor", Palette.faint
                    "constrain", "domain"
                ]
                @ more
            )

        {
            Caption = ""
            Height = 440
            MinWidth = 640
            Traces = still @ moving lastW @ [ marker lastStep ]
            Layout =
                Figure.layout
                    [
                        "xaxis", plane [ "domain", [| 0.0; 0.5 |] ]
                        "yaxis", plane [ "domain", [| 0.0; 1.0 |]; "scaleanchor", "x" ]
                        "xaxis2", Figure.axis (Axis.Linear step) [ "domain", [| 0.6; 1.0 |]; "anchor", "y2" ]
                        "yaxis2", lossAxis loss [| 0.1; 0.9 |] [ "anchor", "x2" ]
                        "showlegend", true
                        "shapes",
                        [|
                            Figure.entries
                                [
                                    "type", "circle"
                                    "x0", -1.0
                                    "x1", 1.0
                                    "y0", -1.0
                                    "y1", 1.0
                                    "layer", "below"
                                    "line", Figure.entries [ "color", Palette.faint; "width", 1.0 ]
                                ]
                        |]
                    ]
            Frames = snapshots |> Array.map frame |> Array.toList
        }
