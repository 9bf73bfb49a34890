namespace Superposition.Analysis.Experiments

open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

/// Cells a side of a phase diagram, instances and steps a cell, random starts of the reference besides those of each phase.
/// Public with its fields, as all that run.json holds.
type PhaseChangeRecipe =
    {
        Cells: int
        Instances: int
        Steps: int
        Starts: int
        Seed: int64
    }

/// One feature more than there are dimensions, over its importance r and the density p of all: what the two phase diagrams
/// of Toy Models of Superposition, "Superposition as a Phase Change", share. d unit features in d dimensions, and the extra one behind them.
[<RequireQualifiedAccess>]
module internal PhaseChange =
    [<Literal>]
    let Source = "Toy Models of Superposition, \"Superposition as a Phase Change\""

    [<Literal>]
    let private File = "phases.safetensors"

    /// A cell is decided when the best solution of another phase is worse by more than this share.
    [<Literal>]
    let private Margin = 0.01

    /// And clear of the continuous edges when no norm or cosine of the optimum lies this near to a threshold of the labels.
    [<Literal>]
    let private Clearance = 0.05

    let recipe (scale: Scale) : PhaseChangeRecipe =
        let full =
            {
                Cells = 32
                Instances = 10
                Steps = 10_000
                Starts = 32
                Seed = 1L
            }

        match scale with
        | Quick ->
            { full with
                Cells = 8
                Instances = 3
                Steps = 1_500
                Starts = 8
            }
        | Daily
        | Full -> full

    let private spaced low high count =
        Array.init count (fun at -> low * (high / low) ** (float at / float (count - 1)))

    let private importances recipe = spaced 0.1 10.0 recipe.Cells
    let private densities recipe = spaced 0.01 1.0 recipe.Cells

    /// What the instances of a cell came to.
    type private Trained =
        {
            /// Of the instance of least exact loss: the choice has no noise of sampling.
            W: float[,]
            /// Means of ‖W_extra‖ and of the extra feature's interference over all instances but the worst, as the paper averages.
            Norm: float
            Interference: float
        }

    let private summary (features: IndependentFeatures) (cell: ToyModelCell) =
        let byLoss =
            cell.Instances
            |> Seq.map (fun instance -> Toys.weights instance, Array.map float instance.B)
            |> Seq.sortBy (fun (W, b) -> (ExactLoss.lossAndGradient features W b).Loss)
            |> Seq.map fst
            |> Seq.toArray

        let averaged = byLoss |> Array.take (max 1 (byLoss.Length - 1))

        {
            W = byLoss[0]
            Norm = averaged |> Array.averageBy (Geometry.norms >> Array.last)
            Interference = averaged |> Array.averageBy (Geometry.interference >> Array.last)
        }

    /// [importances, densities]; a seed of its own for each cell, so that cells agree or fail independently.
    let private train name units recipe settings =
        let importances, densities = importances recipe, densities recipe
        let places = Array.allPairs importances densities

        let features =
            places
            |> Array.map (fun (r, p) ->
                {
                    Density = Array.create (units + 1) p
                    Importance = Array.init (units + 1) (fun i -> if i = units then r else 1.0)
                })

        let trained =
            features
            |> Array.mapi (fun at world ->
                let seed = recipe.Seed * 1_000_000L + int64 at

                ToyModelOptions(
                    Dimensions = units,
                    Instances = recipe.Instances,
                    Seed = seed,
                    Importance = PerFeature.Of world.Importance,
                    Steps = recipe.Steps,
                    HistoryEvery = recipe.Steps
                )
                |> Toys.cell (Toys.world (units + 1) world.Density[0] seed))
            |> Toys.train name None settings
            |> Array.map2 summary features

        Array2D.init recipe.Cells recipe.Cells (fun row column -> trained[row * recipe.Cells + column])

    /// [rows] The density at which the weakest feature's ‖W_i‖ falls through 0.5 for the last time on the way from sparse to
    /// dense, between two cells by interpolation; nan where it does not.
    let private edges (densities: float[]) (models: float[,][,]) : float[] =
        let least =
            models
            |> Array2D.map (Geometry.norms >> Array.min >> (+) -Geometry.RepresentedNorm)

        Array.init (Array2D.length1 models) (fun row ->
            Seq.pairwise (Seq.indexed least[row, *])
            |> Seq.choose (fun ((at, before), (_, after)) ->
                if before > 0.0 && after <= 0.0 then
                    let step = log (densities[at + 1] / densities[at])
                    Some(densities[at] * exp (step * before / (before - after)))
                else
                    None)
            |> Seq.tryLast
            |> Option.defaultValue nan)

    /// The density at which superposition ends when biases are 0.
    let private ansatzEdge units r =
        if r <= 1.0 then Ansatz.extraStored r
        elif units = 1 then Ansatz.unitStored r
        else Ansatz.triplePoint

    /// Where an edge is found and where it was expected, as a relative shift on the rows that have both.
    let private shift (found: float[]) (expected: float[]) (rows: int[]) =
        rows
        |> Array.map (fun row -> found[row] / expected[row] - 1.0)
        |> Array.filter System.Double.IsFinite
        |> Statistics.estimate

    /// What a diagram's edges of superposition are called in its claims, on which side of r = 1 they lie, and between which
    /// shares their shift is expected: the reference's own, found before any training, with room for a grid's coarse steps.
    type Edge =
        {
            Id: string
            Statement: string
            IsWithin: float -> bool
            Low: float
            High: float
        }

    let private claims name units expectedPhases edgesOf recipe (trained: Trained[,]) (reference: PhaseCell[,]) =
        let cells =
            Seq.zip (Seq.cast<Trained> trained) (Seq.cast<PhaseCell> reference)
            |> Seq.toArray

        let agreement (considered: (Trained * PhaseCell)[]) =
            let agreeing =
                considered
                |> Array.filter (fun (trained, reference) -> Phase.ofWeights trained.W = reference.Phase)

            Statistics.share agreeing.Length considered.Length

        let decided =
            cells |> Array.filter (fun (_, reference) -> reference.Margin > Margin)

        let clear =
            decided
            |> Array.filter (fun (_, reference) -> Phase.clearance reference.Optimum.W > Clearance)

        let held phase =
            let count =
                cells
                |> Array.filter (fun (trained, _) -> Phase.ofWeights trained.W = phase)
                |> Array.length

            float count >= 0.02 * float cells.Length

        let importances, densities = importances recipe, densities recipe
        let foundEdges = trained |> Array2D.map _.W |> edges densities
        let referenceEdges = reference |> Array2D.map _.Optimum.W |> edges densities
        let ansatzEdges = importances |> Array.map (ansatzEdge units)
        let rows = [| 0 .. recipe.Cells - 1 |]
        let n, d = units + 1, units

        [
            agreement decided
            |> Verdicts.atLeast
                $"{name}.agreement"
                $"n = {n}, d = {d}: the best of the trained instances has the phase of the exact optimum (share of the cells whose best two phases differ by more than 1 %% in loss; Wilson interval)."
                "A bar of our own; the reference is the exact loss, W and b free, best of many starts"
                0.98
            agreement clear
            |> Verdicts.atLeast
                $"{name}.agreement-off-edges"
                $"n = {n}, d = {d}: the same on the cells that also lie off the edges which weights cross continuously: no norm and no cosine of the optimum within {Clearance} of a label's threshold."
                "A bar of our own"
                0.99
            Statistics.estimate [| expectedPhases |> List.filter held |> List.length |> float |]
            |> Verdicts.near
                $"{name}.regions"
                $"n = {n}, d = {d}: regions of the paper's diagram that the trained best hold, each with at least 2 %% of the cells."
                Source
                (float (List.length expectedPhases))
                0.0
            shift foundEdges referenceEdges rows
            |> Verdicts.near
                $"{name}.edge-of-optimum"
                $"n = {n}, d = {d}: superposition ends at the density where it does in the exact optimum (mean relative difference over importances)."
                "A bar of our own"
                0.0
                0.02
            for edge in edgesOf do
                rows
                |> Array.filter (fun row -> edge.IsWithin importances[row])
                |> shift foundEdges ansatzEdges
                |> Verdicts.within
                    $"{name}.{edge.Id}"
                    edge.Statement
                    "Derived from the paper's closed forms with b = 0; the range is the reference's"
                    edge.Low
                    edge.High
        ]

    let run name units expectedPhases edgesOf (settings: RunSettings) =
        let recipe = recipe settings.Scale
        let trained = train name units recipe settings

        let reference =
            PhaseDiagram.grid (int recipe.Seed) recipe.Starts units (importances recipe) (densities recipe)

        settings.Cancellation.ThrowIfCancellationRequested()

        let stack (models: float[,][,]) =
            models |> Seq.cast<float[,]> |> Seq.toArray |> Toys.stack

        let tensors =
            dict
                [
                    "importance", Toys.vector (importances recipe)
                    "density", Toys.vector (densities recipe)
                    "W", trained |> Array2D.map _.W |> stack
                    "norm", trained |> Array2D.map _.Norm |> StoredArray.Of
                    "interference", trained |> Array2D.map _.Interference |> StoredArray.Of
                    "reference.W", reference |> Array2D.map _.Optimum.W |> stack
                    "reference.margin", reference |> Array2D.map _.Margin |> StoredArray.Of
                ]

        settings
        |> Settings.leave name recipe (claims name units expectedPhases edgesOf recipe trained reference) (fun folder ->
            folder.WriteSafetensors(File, tensors))

    let private called (phase: Phase) =
        match phase with
        | ExtraDropped -> "extra feature dropped"
        | UnitDropped -> "unit feature dropped"
        | ExtraPaired -> "extra opposite a unit feature"
        | UnitsPaired -> "two unit features opposite"
        | Triangle -> "triangle"
        | Confused
        | Unsettled -> "other"

    /// The edges of the closed forms with b = 0, and the edge of the exact optimum.
    let private boundaries units (importances: float[]) (optimum: float[]) =
        let from low high edge =
            let r = spaced low high 41
            Array.map edge r, r

        let low, high = Array.head importances, Array.last importances
        let extra, extraAt = from low 1.0 Ansatz.extraStored

        [
            Series.Of("b = 0: 4r/(2 + 5r)", extra, extraAt)
            if units = 1 then
                let unit, unitAt = from 1.0 high Ansatz.unitStored
                Series.Of("b = 0: 4/(5 + 2r)", unit, unitAt)
            else
                let unit, unitAt = from 1.0 high (fun _ -> Ansatz.triplePoint)
                Series.Of("b = 0: 4/7", unit, unitAt)
            Series.Of("optimum", optimum, importances)
        ]

    /// The claim of a run that ends so.
    let claim (folder: RunFolder) (id: string) =
        Claims.Read folder
        |> Seq.find (fun claim -> claim.Id.EndsWith(id, System.StringComparison.Ordinal))

    let figures units (folder: RunFolder) : Figure list =
        let tensors = folder.Safetensors File

        let importances, densities =
            tensors["importance"].ToDoubles(), tensors["density"].ToDoubles()

        let grid =
            {
                X = Axis.Log "density p"
                Xs = densities
                Y = Axis.Log "importance r of the extra feature"
                Ys = importances
            }

        let cells name =
            let models = Toys.unstack tensors[name]
            Array2D.init importances.Length densities.Length (fun row column -> models[row * densities.Length + column])

        let trained, optimum = cells "W", cells "reference.W"
        let margin = tensors["reference.margin"].ToMatrix()
        let norm = tensors["norm"].ToMatrix()
        let phases = trained |> Array2D.map Phase.ofWeights

        let names =
            let found = phases |> Seq.cast<Phase> |> set
            Phase.all |> Array.filter found.Contains |> Array.map called |> Array.distinct

        let differing =
            [|
                for row in 0 .. importances.Length - 1 do
                    for column in 0 .. densities.Length - 1 do
                        if
                            margin[row, column] > Margin
                            && phases[row, column] <> Phase.ofWeights optimum[row, column]
                        then
                            densities[column], importances[row]
            |]

        let lines = boundaries units importances (edges densities optimum)

        let models =
            if units = 1 then
                "two features in one dimension"
            else
                "three features in two dimensions"

        // Its direction means nothing where it is not stored.
        let interference =
            tensors["interference"].ToMatrix()
            |> Array2D.mapi (fun row column value ->
                if norm[row, column] > Geometry.RepresentedNorm then
                    value
                else
                    nan)

        [
            phases
            |> Array2D.map (fun phase -> System.Array.IndexOf(names, called phase))
            |> Charts.phaseDiagram grid names
            |> Charts.withBoundaries lines
            |> Charts.withMarks "the exact optimum is of another phase" differing
            |> Figure.captioned
                $"What becomes of {models}: the phase of the best of the trained instances in each cell. Dashed are the edges of the closed forms without biases and of the exact optimum with them; a dot marks a decided cell where training and optimum differ ({differing.Length} of them)."
            Charts.phaseField grid [| "‖W_extra‖", norm; "interference with the extra feature", interference |]
            |> Charts.withBoundaries (List.truncate (lines.Length - 1) lines)
            |> Figure.captioned
                "As the paper shows it, averaged over the instances of a cell without the worst: how long the extra feature is, and how strongly the others lie in its direction (blank where it is not stored). Speckles are cells whose instances end in different local optima."
        ]
