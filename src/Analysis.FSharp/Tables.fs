namespace Superposition.Analysis

open System.IO
open Deedle

/// The measurements as Deedle frames, one row per feature, latent or unit; the row key is its index, and the first
/// column repeats it, so that a table saved without row keys still says what its rows are.
[<RequireQualifiedAccess>]
module Tables =
    let private frame (columns: (string * ISeries<int>) list) : Frame<int, string> = Frame.ofColumns columns

    let private column (values: 'T[]) : ISeries<int> =
        Series.ofValues (values: 'T seq) :> ISeries<int>

    let private optional (values: 'T option[]) : ISeries<int> =
        values |> Seq.indexed |> Series.ofOptionalObservations :> ISeries<int>

    /// One row per feature of W [n, d]: its norm, D_i, the level D_i lies at (within 0.01; missing between levels),
    /// the interference it suffers, and the feature most alike in direction with its cosine (missing for n = 1).
    let features (W: float[,]) : Frame<int, string> =
        let n = Array2D.length1 W
        let cosines = Geometry.cosines W
        let dimensionality = Dimensionality.ofWeights W

        let nearest =
            Array.init n (fun i ->
                match [| 0 .. n - 1 |] |> Array.filter (fun j -> j <> i) with
                | [||] -> None
                | others -> others |> Array.maxBy (fun j -> cosines[i, j]) |> Some)

        frame
            [
                "Feature", column [| 0 .. n - 1 |]
                "Norm", column (Geometry.norms W)
                "Dimensionality", column dimensionality
                "Level", optional (dimensionality |> Array.map (Dimensionality.level 0.01 >> Option.map _.Name))
                "Interference", column (Geometry.interference W)
                "Nearest", optional nearest
                "Cosine", optional (nearest |> Array.mapi (fun i j -> j |> Option.map (fun j -> cosines[i, j])))
            ]

    /// One row per true feature: its assigned latent, their cosine (both missing where no latent was left), and whether
    /// that counts as recovered.
    let recovery (recovery: Recovery) : Frame<int, string> =
        let reaches (pair: Match) = pair.Cosine >= recovery.Threshold

        frame
            [
                "Feature", column [| 0 .. recovery.Features - 1 |]
                "Latent", optional (recovery.Assigned |> Array.map (Option.map _.Partner))
                "Cosine", optional (recovery.Assigned |> Array.map (Option.map _.Cosine))
                "Recovered", column (recovery.Assigned |> Array.map (Option.exists reaches))
            ]

    /// One row per unit, neuron or latent: what it is tuned to. The favourite of a silent unit is missing.
    let units (tuning: Tuning[]) : Frame<int, string> =
        frame
            [
                "Unit", column (tuning |> Array.map _.Index)
                "Favourite",
                optional (
                    tuning
                    |> Array.map (fun unit -> if unit.Favourite < 0 then None else Some unit.Favourite)
                )
                "Responding", column (tuning |> Array.map _.Responding)
                "Participation ratio", column (tuning |> Array.map _.ParticipationRatio)
                "Selectivity", column (tuning |> Array.map _.Selectivity)
                "Share", column (tuning |> Array.map _.Share)
            ]

    /// The results of the sweep in a folder, one row per cell: the values of its axes, and what came of it; what was not
    /// measured of a cell that failed is missing.
    let sweep (folder: string) : Frame<int, string> =
        let rows =
            Frame.ReadCsv(Path.Combine(folder, "results.csv"), hasHeaders = true, culture = "")

        rows.IndexRows<int>("cell", keepColumn = true)
