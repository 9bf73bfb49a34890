namespace Superposition.Analysis

open System
open XPlot.Plotly

/// The charts that are small multiples; what they show is said where Charts offers them.
[<RequireQualifiedAccess>]
module internal PanelCharts =
    let plane (label: string) (shade: float[]) (panels: (float * float[,])[]) : Figure =
        for p, W in panels do
            if Array2D.length2 W <> 2 || Array2D.length1 W <> shade.Length then
                invalidArg
                    (nameof panels)
                    $"At p = {p}, W is [{Array2D.length1 W}, {Array2D.length2 W}]; a plane of {shade.Length} features is [{shade.Length}, 2]."

        let low, high =
            if shade.Length = 0 then
                0.0, 1.0
            else
                Array.min shade, Array.max shade

        let colour i =
            Palette.sequential (if high > low then (shade[i] - low) / (high - low) else 0.0)

        let reach =
            panels
            |> Array.fold (fun reach (_, W) -> Gram.norms W |> Array.fold max reach) 1.0

        let segments =
            [
                for panel in 0 .. panels.Length - 1 do
                    let W = snd panels[panel]

                    for i in 0 .. shade.Length - 1 do
                        let told =
                            Figure.text
                                $"feature {i}, {label} {shade[i]:G3}, length {sqrt (W[i, 0] ** 2.0 + W[i, 1] ** 2.0):G3}"

                        Scatter(
                            x = Figure.values [ 0.0; W[i, 0] ],
                            y = Figure.values [ 0.0; W[i, 1] ],
                            mode = "lines+markers",
                            line = Line(color = colour i, width = 2.0),
                            marker = Marker(color = colour i, size = [| 0; 6 |], line = Line(width = 0.0)),
                            text = [| told; told |],
                            hoverinfo = "text",
                            xaxis = Panels.reference "x" panel,
                            yaxis = Panels.reference "y" panel
                        )
                        :> Trace
            ]

        // plotly.js draws a colour bar for markers only: one that is off the page carries it.
        let bar =
            [
                if high > low then
                    Scatter(
                        x = Figure.values [ nan ],
                        y = Figure.values [ nan ],
                        mode = "markers",
                        hoverinfo = "skip",
                        marker =
                            Marker(
                                color = [| low |],
                                cmin = low,
                                cmax = high,
                                colorscale = Palette.sequentialScale,
                                showscale = true,
                                colorbar =
                                    Colorbar(
                                        title = Figure.text label,
                                        titleside = "right",
                                        thickness = 10.0,
                                        outlinewidth = 0.0,
                                        x = 0.91,
                                        nticks = 4
                                    )
                            )
                    )
                    :> Trace
            ]

        let circle panel =
            Figure.entries
                [
                    "type", "circle"
                    "xref", Panels.reference "x" panel
                    "yref", Panels.reference "y" panel
                    "x0", -1.0
                    "x1", 1.0
                    "y0", -1.0
                    "y1", 1.0
                    "layer", "below"
                    "line", Figure.entries [ "color", Palette.faint; "width", 1.0 ]
                ]

        let axis: (string * obj) list =
            [
                "range", [| -1.1 * reach; 1.1 * reach |]
                "zeroline", true
                "zerolinecolor", Palette.faint
            ]

        Panels.figure
            5
            (panels |> Array.map (fun (p, _) -> $"p = {p:G3}"))
            (axis, axis)
            [ for panel in 0 .. panels.Length - 1 -> circle panel ]
            (segments @ bar)

    let gram (panels: (string * float[,])[]) : Figure =
        let products = panels |> Array.map (fun (_, W) -> (Gram.ofRows W).Products)

        let reach =
            products
            |> Seq.collect Seq.cast<float>
            |> Seq.fold (fun reach v -> if Double.IsFinite v then max reach (abs v) else reach) 0.0
            |> fun reach -> if reach = 0.0 then 1.0 else reach

        let maps =
            products
            |> Array.mapi (fun panel products ->
                let n = Array2D.length1 products

                Heatmap(
                    z = Array.init n (fun i -> Figure.values (Array.init n (fun j -> products[i, j]))),
                    zmin = -reach,
                    zmax = reach,
                    colorscale = Palette.divergingScale,
                    showscale = (panel = panels.Length - 1),
                    colorbar =
                        Colorbar(
                            title = "Wᵢ·Wⱼ",
                            titleside = "right",
                            thickness = 10.0,
                            outlinewidth = 0.0,
                            x = 0.91,
                            nticks = 5
                        ),
                    hoverinfo = "x+y+z",
                    xaxis = Panels.reference "x" panel,
                    yaxis = Panels.reference "y" panel
                )
                :> Trace)
            |> Array.toList

        let frame panel =
            let across, up = Panels.reference "x" panel, Panels.reference "y" panel

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

        Panels.figure
            5
            (panels |> Array.map fst)
            ([], [ "autorange", "reversed" ])
            [ for panel in 0 .. panels.Length - 1 -> frame panel ]
            maps
