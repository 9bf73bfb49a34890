namespace Superposition.Analysis

open System
open XPlot.Plotly

/// Charts of hidden neurons; what they show is said where Charts offers them.
[<RequireQualifiedAccess>]
module internal NeuronCharts =
    /// Boxes of one neuron that are told apart, from the largest; what is left is one box more.
    [<Literal>]
    let private Told = 12

    /// (feature, |W_ij|) of neuron j, the largest first.
    let private boxes (W: float[,]) j =
        Array.init (Array2D.length1 W) (fun i -> i, abs W[i, j])
        |> Array.sortBy (fun (i, size) -> -size, i)

    /// The neurons as they stand in the panel: those of one feature first, and by that feature.
    let private order (W: float[,]) (monosemantic: bool[]) =
        [| 0 .. Array2D.length2 W - 1 |]
        |> Array.sortBy (fun j ->
            let favourite = boxes W j |> Array.tryHead |> Option.map fst
            not monosemantic[j], favourite, j)

    let bars (panels: (string * float[,] * bool[])[]) : Figure =
        for title, W, monosemantic in panels do
            if Array2D.length2 W <> monosemantic.Length then
                invalidArg
                    (nameof panels)
                    $"In \"{title}\", W is [{Array2D.length1 W}, {Array2D.length2 W}], features by neurons; {monosemantic.Length} neurons are said to be monosemantic or not."

        let features =
            panels |> Array.fold (fun most (_, W, _) -> max most (Array2D.length1 W)) 1

        let neurons =
            panels |> Array.fold (fun most (_, W, _) -> max most (Array2D.length2 W)) 1

        let tallest =
            panels
            |> Seq.collect (fun (_, W, _) -> Seq.init (Array2D.length2 W) (fun j -> boxes W j |> Array.sumBy snd))
            |> Seq.fold max 0.0
            |> fun tallest -> if tallest > 0.0 then tallest else 1.0

        // For the features' numbers on their boxes.
        let hasRoom = neurons <= 12

        let grid =
            {
                Columns =
                    if hasRoom then 3
                    elif neurons <= 60 then 2
                    else 1
                Count = panels.Length
                Height = 170
                Above = 24
                Below = 14
                Gap = 0.06
            }

        /// The r-th largest box of every neuron of a panel; the boxes of one rank stand on those of the rank before.
        let rank panel (W: float[,]) (order: int[]) r : Trace =
            let at =
                order
                |> Array.map (fun j ->
                    let boxes = boxes W j

                    if r < Told then
                        fst boxes[r], snd boxes[r]
                    else
                        -1, boxes[Told..] |> Array.sumBy snd)

            BarWithHover(
                x = [| 0 .. order.Length - 1 |],
                y = Figure.values (at |> Array.map snd),
                text = (at |> Array.map (fun (i, _) -> if i >= 0 && hasRoom then string i else "")),
                textposition = (if hasRoom then "inside" else "none"),
                hovertext =
                    Array.map2
                        (fun j (i, size) ->
                            if i < 0 then
                                $"neuron {j}, all other features together, {size:G3}"
                            else
                                $"neuron {j}, feature {i}, {size:G3}")
                        order
                        at,
                hoverinfo = "text",
                showlegend = false,
                marker =
                    Marker(
                        color =
                            (at
                             |> Array.map (fun (i, _) ->
                                 if i < 0 then
                                     Palette.muted
                                 else
                                     Palette.sequential (float i / float (max 1 (features - 1))))),
                        line = Line(color = Palette.casing, width = (if hasRoom then 1.0 else 0.5))
                    ),
                xaxis = Panels.reference "x" panel,
                yaxis = Panels.reference "y" panel
            )

        /// A mark below every neuron of a kind.
        let marks panel (monosemantic: bool[]) (order: int[]) (kind: bool) : Trace =
            let at =
                order |> Array.indexed |> Array.filter (fun (_, j) -> monosemantic[j] = kind)

            // The first panel speaks for all in the legend, which has nothing of a trace without a point.
            let beside = if panel = 0 then [| nan |] else [||]

            Scatter(
                name =
                    (if kind then
                         "monosemantic neuron"
                     else
                         "polysemantic neuron"),
                x = Figure.values (Array.append (at |> Array.map (fst >> float)) beside),
                y = Figure.values (Array.append (at |> Array.map (fun _ -> -0.06 * tallest)) beside),
                mode = "markers",
                hoverinfo = "name",
                legendgroup = string kind,
                showlegend = (panel = 0),
                marker =
                    Marker(
                        color = Palette.categories[if kind then 2 else 1],
                        symbol = (if kind then "circle" else "diamond"),
                        size = (if hasRoom then 9.0 else 6.0)
                    ),
                xaxis = Panels.reference "x" panel,
                yaxis = Panels.reference "y" panel
            )

        // plotly.js draws a colour bar for numbers only: a mark that is off the page carries it.
        let scale: Trace =
            Scatter(
                x = Figure.values [ nan ],
                y = Figure.values [ nan ],
                mode = "markers",
                hoverinfo = "skip",
                showlegend = false,
                marker =
                    Marker(
                        color = [| 0.0 |],
                        cmin = 0.0,
                        cmax = float (features - 1),
                        colorscale = Palette.sequentialScale,
                        showscale = true,
                        colorbar = Panels.colourBar "feature" (0.5, 1.0)
                    )
            )

        let axes panel (neurons: int) : (string * obj) list =
            let across, up = grid.Place panel

            [
                Panels.entry "x" panel,
                Figure.axis
                    (Axis.Linear "")
                    [
                        "domain", across
                        "anchor", Panels.reference "y" panel
                        "range", [| -0.6; float neurons - 0.4 |]
                        "showgrid", false
                        "showticklabels", false
                    ]
                Panels.entry "y" panel,
                Figure.axis
                    (Axis.Linear(if grid.IsInFirstColumn panel then "Σᵢ |Wᵢⱼ|" else ""))
                    [
                        "domain", up
                        "anchor", Panels.reference "x" panel
                        "range", [| -0.12 * tallest; 1.04 * tallest |]
                        "showticklabels", grid.IsInFirstColumn panel
                        "nticks", 4
                    ]
            ]

        let traces =
            [
                for panel in 0 .. panels.Length - 1 do
                    let _, W, monosemantic = panels[panel]
                    let order = order W monosemantic

                    for r in 0 .. min Told (Array2D.length1 W - 1) do
                        rank panel W order r

                    for kind in [ true; false ] do
                        marks panel monosemantic order kind

                scale
            ]

        let figure =
            traces
            |> Panels.over
                grid
                (panels |> Array.map (fun (title, _, _) -> title))
                [
                    "barmode", "stack"
                    "bargap", 0.15
                    "showlegend", true
                    "uniformtext", Figure.entries [ "minsize", 8; "mode", "hide" ]
                    "margin", Figure.entries [ "l", 48; "r", 4; "t", 40; "b", 4 ]
                    for panel in 0 .. panels.Length - 1 do
                        let _, W, _ = panels[panel]
                        yield! axes panel (Array2D.length2 W)
                ]

        { figure with
            Height = figure.Height + 44
            MinWidth = Math.Max(600, figure.MinWidth)
        }
