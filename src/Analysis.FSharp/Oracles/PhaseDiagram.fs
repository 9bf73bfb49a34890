namespace Superposition.Analysis.Oracles

/// The optimum at one density and one importance of the extra feature.
type PhaseCell =
    {
        /// p, of every feature.
        Density: float
        /// r, of the extra feature; the others have 1.
        ExtraImportance: float
        Optimum: Solution
        /// The phases that some start ended in and the least loss in each, best first.
        Losses: (Phase * float)[]
    }

    /// The phase of the optimum.
    member this.Phase = fst this.Losses[0]

    /// How much worse the best solution of another phase is, as a share of the optimum's loss: near 0 on an edge where the optimum jumps
    /// and a trained model may take either; ∞ when every start ended in one phase, as it may on an edge that weights cross
    /// continuously (Phase.clearance tells those).
    member this.Margin =
        if this.Losses.Length = 1 then
            infinity
        else
            snd this.Losses[1] / snd this.Losses[0] - 1.0

/// Which phase is optimal, with W and b free; units = 1 is the paper's n = 2, d = 1, units = 2 its n = 3, d = 2.
[<RequireQualifiedAccess>]
module PhaseDiagram =
    /// A start in every phase: one direction a feature, two features on one axis, or a triangle.
    let private ansatz (units: int) : (float[,] * float[])[] =
        let axes placed =
            Array2D.init (units + 1) units (fun i c ->
                match List.tryFind (fun (feature, axis, _) -> feature = i && axis = c) placed with
                | Some(_, _, length) -> length
                | None -> 0.02 * float (1 + i))

        let unit = [ for i in 0 .. units - 1 -> i, i, 1.0 ]
        let last = units - 1

        [|
            axes unit
            axes ((units, last, 1.0) :: List.take last unit)
            axes ((units, last, -1.0) :: unit)
            axes ((units, last, 0.7) :: (last, last, 0.7) :: List.take last unit)
            if units = 2 then
                axes [ 0, 0, 1.0; 1, 0, -1.0; 2, 1, 1.0 ]
                axes [ 0, 0, 0.7; 1, 0, 0.7; 2, 1, 1.0 ]
                axes [ 0, 0, 0.8; 0, 1, -0.5; 1, 0, -0.8; 1, 1, -0.5; 2, 1, 0.9 ]
        |]
        |> Array.map (fun W -> W, Array.create (units + 1) 0.05)

    /// The optimum over the ansatz of each phase and so many random starts besides.
    let cell (seed: int) (starts: int) (units: int) (r: float) (p: float) : PhaseCell =
        if units < 1 || units > 2 then
            invalidArg
                (nameof units)
                $"There are {units} unit features; phases are named for 1 (n = 2, d = 1) and 2 (n = 3, d = 2)."

        let features =
            {
                Density = Array.create (units + 1) p
                Importance = Array.init (units + 1) (fun i -> if i = units then r else 1.0)
            }

        let solutions =
            Array.append (ansatz units) (Optimum.starts seed starts (units + 1) units)
            |> Array.map (Optimum.from features)

        {
            Density = p
            ExtraImportance = r
            Optimum = solutions |> Array.minBy _.Loss
            Losses =
                solutions
                |> Array.groupBy (fun solution -> Phase.ofWeights solution.W)
                |> Array.map (fun (phase, found) -> phase, found |> Array.map _.Loss |> Array.min)
                |> Array.sortBy snd
        }

    /// [importances, densities] every cell of a grid, the cells side by side; each from the same seed, so a cell alone is the cell of the grid.
    let grid (seed: int) (starts: int) (units: int) (importances: float[]) (densities: float[]) : PhaseCell[,] =
        let cells =
            Array.allPairs importances densities
            |> Array.Parallel.map (fun (r, p) -> cell seed starts units r p)

        Array2D.init importances.Length densities.Length (fun row column -> cells[row * densities.Length + column])
