namespace Superposition.Analysis

open System
open XPlot.Plotly

/// Charts of a model's weights, feature by feature; what they show is said where Charts offers them.
[<RequireQualifiedAccess>]
module internal FeatureCharts =
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
                            marker =
                                Marker(color = colour i, size = [| 0; 6 |], opacity = 1.0, line = Line(width = 0.0)),
                            text = [| told; told |],
                            hoverinfo = "text",
                            xaxis = Panels.reference "x" panel,
                            yaxis = Panels.reference "y" panel
                        )
                        :> Trace
            ]

        let colourBar () =
            let bar = Panels.colourBar label (0.5, 1.0)

            // Between whole numbers, as of pairs, there is nothing to mark.
            if shade |> Array.forall (fun s -> s = round s) then
                bar.nticks <- min bar.nticks (int (high - low) + 1)

            bar

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
                                colorbar = colourBar ()
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

        Panels.squares
            5
            (panels |> Array.map (fun (p, _) -> $"p = {p:G3}"))
            (axis, axis)
            [ for panel in 0 .. panels.Length - 1 -> circle panel ]
            (segments @ bar)

    /// The largest |W_i·W_j| of all, which ends the scale on either side; 1 where all are 0.
    let private reachOf (products: float[,][]) =
        products
        |> Seq.collect Seq.cast<float>
        |> Seq.fold (fun reach v -> if Double.IsFinite v then max reach (abs v) else reach) 0.0
        |> fun reach -> if reach = 0.0 then 1.0 else reach

    /// A map of W Wᵀ with 0 at the page's own colour, on axes of these numbers.
    let private map (reach: float) (bar: Colorbar option) (x: int, y: int) (products: float[,]) =
        let n = Array2D.length1 products

        // To a thousandth of the scale: a colour tells less, and a map of 80 features is a third as long.
        let digits = Math.Clamp(3 - int (floor (log10 reach)), 0, 15)

        let cell (product: float) =
            if Double.IsFinite product then
                Figure.value (Math.Round(product, digits))
            else
                Nullable()

        Heatmap(
            z = Array.init n (fun i -> Array.init n (fun j -> cell products[i, j])),
            zmin = -reach,
            zmax = reach,
            colorscale = Palette.divergingScale,
            showscale = bar.IsSome,
            colorbar = Option.defaultValue (Colorbar()) bar,
            hoverinfo = "x+y+z",
            xaxis = Panels.reference "x" x,
            yaxis = Panels.reference "y" y
        )
        :> Trace

    let gram (panels: (string * float[,])[]) : Figure =
        let products = panels |> Array.map (fun (_, W) -> (Gram.ofRows W).Products)
        let reach = reachOf products

        let bar panel =
            if panel = panels.Length - 1 then
                Some(Panels.colourBar "Wᵢ·Wⱼ" (0.5, 1.0))
            else
                None

        let maps =
            products
            |> Array.mapi (fun panel products -> map reach (bar panel) (panel, panel) products)
            |> Array.toList

        Panels.squares
            5
            (panels |> Array.map fst)
            ([], [ "autorange", "reversed" ])
            [
                for panel in 0 .. panels.Length - 1 ->
                    Panels.frame (Panels.reference "x" panel) (Panels.reference "y" panel)
            ]
            maps

    let bars (panels: (string * float[,])[]) : Figure =
        let grams = panels |> Array.map (snd >> Gram.ofRows)
        let reach = grams |> Array.map _.Products |> reachOf
        let longest = sqrt reach |> max 1.0
        let last = panels.Length - 1

        let grid =
            {
                Columns = Math.Clamp(panels.Length, 2, 3)
                Count = panels.Length
                Height = 190
                Above = 22
                Below = 44
                Gap = 0.08
            }

        let lengths panel (gram: Gram) =
            let norms = Array.init gram.Size (fun i -> sqrt gram[i, i])

            // Its root, at most 1, as the paper's notebook colours it.
            let interference =
                Geometry.interference (snd panels[panel])
                |> Array.map (fun squares -> min 1.0 (sqrt squares))

            BarWithHover(
                orientation = "h",
                x = Figure.values norms,
                y = [| 0 .. gram.Size - 1 |],
                hovertext =
                    Array.init gram.Size (fun i ->
                        $"feature {i}, length {norms[i]:G3}, interference {interference[i]:G3}"),
                hoverinfo = "text",
                marker =
                    Marker(
                        color = Figure.values interference,
                        cmin = 0.0,
                        cmax = 1.0,
                        colorscale = Palette.sequentialScale,
                        showscale = (panel = last),
                        colorbar = Panels.colourBar "interference" (0.25, 0.48)
                    ),
                xaxis = Panels.reference "x" (2 * panel + 1),
                yaxis = Panels.reference "y" panel
            )
            :> Trace

        let bar panel =
            if panel = last then
                Some(Panels.colourBar "Wᵢ·Wⱼ" (0.75, 0.48))
            else
                None

        // The map takes the left part of a panel's place, the bars the rest; both have the rows of one axis.
        let place panel =
            let across, up = grid.Place panel
            let width = across[1] - across[0]
            [| across[0]; across[0] + 0.6 * width |], [| across[0] + 0.64 * width; across[1] |], up

        let axes panel : (string * obj) list =
            let ofMap, ofBars, up = place panel

            let below (words: string) (more: (string * obj) list) =
                Figure.axis (Axis.Linear words) ([ "anchor", Panels.reference "y" panel; "ticks", "" ] @ more)

            [
                Panels.entry "x" (2 * panel),
                below
                    (if grid.IsLowest panel then "feature j" else "")
                    [ "domain", ofMap; "showgrid", false; "nticks", 4 ]
                Panels.entry "x" (2 * panel + 1),
                below
                    (if grid.IsLowest panel then "‖Wᵢ‖" else "")
                    [
                        "domain", ofBars
                        "range", [| 0.0; 1.05 * longest |]
                        "tickvals", [| 0.0; 1.0 |]
                        "showgrid", true
                    ]
                Panels.entry "y" panel,
                Figure.axis
                    (Axis.Linear(if grid.IsInFirstColumn panel then "feature i" else ""))
                    [
                        "domain", up
                        "anchor", Panels.reference "x" (2 * panel)
                        "autorange", "reversed"
                        "showgrid", false
                        "showticklabels", grid.IsInFirstColumn panel
                        "ticks", ""
                        "nticks", 5
                    ]
            ]

        [
            for panel in 0..last do
                map reach (bar panel) (2 * panel, panel) grams[panel].Products
                lengths panel grams[panel]
        ]
        |> Panels.over
            grid
            [||]
            [
                "annotations",
                [|
                    for panel in 0..last do
                        let ofMap, _, up = place panel
                        Panels.title (ofMap, up) (fst panels[panel])
                |]
                "shapes",
                [|
                    for panel in 0..last -> Panels.frame (Panels.reference "x" (2 * panel)) (Panels.reference "y" panel)
                |]
                // Gaps between thin bars would be of uneven width.
                "bargap",
                (if grams |> Array.exists (fun gram -> gram.Size > 40) then
                     0.0
                 else
                     0.1)
                for panel in 0..last do
                    yield! axes panel
            ]
        |> fun figure ->
            { figure with
                MinWidth = 240 * grid.Columns
            }
