namespace Superposition.Analysis

open XPlot.Plotly

/// Charts against 1/p, how sparse the features are; what they show is said where Charts offers them.
[<RequireQualifiedAccess>]
module internal DensityCharts =
    let private sparsity = Axis.Log "1/p, inverse density"

    let private axis =
        Figure.axis
            sparsity
            [
                "tickvals",
                [|
                    for decade in 0..6 do
                        for digit in [ 1.0; 2.0; 5.0 ] -> digit * 10.0 ** float decade
                |]
            ]

    /// What a feature of a uniform geometry has of a dimension.
    let levels =
        [
            "1 dedicated", 1.0
            "3/4 tetrahedron", 3.0 / 4.0
            "2/3 triangle", 2.0 / 3.0
            "1/2 digon", 1.0 / 2.0
            "2/5 pentagon", 2.0 / 5.0
            "3/8 antiprism", 3.0 / 8.0
        ]

    /// The features of every strip as points, spread sideways by their index.
    let private points (strips: (float * float[])[]) : Trace =
        let inverses = strips |> Array.map (fun (p, _) -> log (1.0 / p)) |> Array.sort

        let spacing =
            Array.pairwise inverses
            |> Array.map (fun (a, b) -> b - a)
            |> Array.filter (fun gap -> gap > 0.0)
            |> fun gaps -> if gaps.Length = 0 then 0.5 else Array.min gaps

        // Multiples of the golden ratio fill an interval evenly, in any number.
        let aside i =
            (float i * 0.6180339887498949 % 1.0 - 0.5) * 0.6 * spacing

        Scatter(
            name = "Dᵢ of every feature",
            x =
                Figure.values (
                    strips
                    |> Array.collect (fun (p, D) -> D |> Array.mapi (fun i _ -> exp (aside i) / p))
                ),
            y = Figure.values (strips |> Array.collect snd),
            mode = "markers",
            marker = Marker(color = Palette.categories[0], size = 4.0, opacity = 0.55),
            text =
                (strips
                 |> Array.collect (fun (p, D) -> D |> Array.mapi (fun i D -> $"feature {i}, p = {p:G3}, D = {D:G4}"))),
            hoverinfo = "text"
        )

    let dimensionality (strips: (float * float[])[]) : Figure =
        [ points strips ]
        |> Figure.onAxes sparsity (Axis.Linear "feature dimensionality Dᵢ") [ "xaxis", axis ]
        |> CurveCharts.withLevels levels

    let dStar (curves: Series list) (strips: (float * float[])[]) : Figure =
        let cloud = if strips.Length = 0 then [] else [ points strips ]
        let first = cloud.Length
        let measure = Axis.Linear "D* = d/‖W‖², dimensions per feature"

        cloud
        @ (curves |> List.mapi (fun i -> CurveCharts.curve "y" (first + i)) |> List.concat)
        |> Figure.onAxes
            sparsity
            measure
            [
                "xaxis", axis
                // Points at 0 need the margin that plotly.js leaves by itself.
                "yaxis", Figure.axis measure (if cloud.IsEmpty then [ "rangemode", "tozero" ] else [])
                "showlegend", first + curves.Length > 1
            ]
        |> CurveCharts.withLevels levels

    let adversarial (vulnerability: Series) (perDimension: Series) : Figure =
        let left = Axis.Linear "vulnerability / the dense model's"
        let right = Axis.Linear "‖W‖²/d, features per dimension"

        let named side (series: Series) =
            { series with
                Name = $"{series.Name} ({side})"
            }

        CurveCharts.curve "y" 0 (named "left" vulnerability)
        @ CurveCharts.curve "y2" 1 (named "right" perDimension)
        |> Figure.onAxes
            sparsity
            left
            [
                "xaxis", axis
                "yaxis", Figure.axis left [ "rangemode", "tozero" ]
                "yaxis2",
                Figure.axis right [ "rangemode", "tozero"; "overlaying", "y"; "side", "right"; "showgrid", false ]
                "margin", Figure.entries [ "l", 56; "r", 64; "t", 16; "b", 48 ]
            ]
