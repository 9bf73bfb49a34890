/// How correlated features find their arrangement: in stages, each a change of shape.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Experiments.LearningGeometry

open System
open Deedle
open Superposition.Analysis
open Superposition.Features
open Superposition.Storage
open Superposition.ToyModels

[<Literal>]
let private Name = "E15"

[<Literal>]
let private Source =
    "Toy Models of Superposition, \"Learning as Geometric Transformations\""

let private features, dimensions = 6, 3

/// Where a training starts.
type private Start =
    /// Near the origin, from where a direction grows the faster the more variance it holds.
    | Small
    /// Xavier's weights, half as long as stored features: most of the way to an arrangement.
    | Xavier

/// The paper's two sets of three features, and the three pairs that others read in it. It does not say where they start.
let private trainings =
    [|
        "triples", [| 3; 3 |], Small
        "pairs", [| 2; 2; 2 |], Small
        "triples-xavier", [| 3; 3 |], Xavier
    |]

/// Standard deviation of the weights of a small start.
[<Literal>]
let private SmallDeviation = 0.01

/// A plateau lasts a twentieth of the training, over which the loss falls by less than 5 %, and ends with a fall by 20 %.
let private flat, drop, lasting = 0.05, 0.2, 0.05

/// What follows from the scale, as run.json holds it.
type Recipe =
    {
        /// Of every set; its features are active together.
        Density: float
        Instances: int
        Steps: int
        BatchSize: int
        /// Steps whose losses are one point of the curve.
        Window: int
        SnapshotEvery: int
        Seed: int64
    }

let private recipeOf scale =
    let full =
        {
            Density = 0.05
            Instances = 10
            Steps = 10_000
            BatchSize = 8_192
            Window = 50
            SnapshotEvery = 50
            Seed = 15L
        }

    match scale with
    | Quick ->
        { full with
            Instances = 4
            BatchSize = 1_024
            Steps = 5_000
        }
    | Daily
    | Full -> full

/// [instances] Models near the origin.
let private small recipe =
    let random = Random(int recipe.Seed)

    Array.init recipe.Instances (fun _ ->
        let W =
            Array2D.init features dimensions (fun _ _ -> float32 (SmallDeviation * Statistics.normal random))

        ToyModel(W, Array.zeroCreate features, nan))

let private cell recipe (_, sizes: int[], start) =
    let world =
        Toys.dependentWorld (CorrelatedSets sizes) (UniformValues()) features recipe.Density recipe.Seed

    ToyModelOptions(
        Dimensions = dimensions,
        Instances = recipe.Instances,
        Seed = recipe.Seed,
        Steps = recipe.Steps,
        BatchSize = recipe.BatchSize,
        HistoryEvery = 1,
        SnapshotEvery = recipe.SnapshotEvery,
        Initial = (if start = Small then small recipe else [||])
    )
    |> Toys.cell world

/// One seed's training.
type private Training =
    {
        Final: string
        Collapsed: bool
        Plateaus: (int * int)[]
        Loss: float
    }

/// [windows] the loss, mean over the steps of each.
let private curve recipe (cell: ToyModelCell) j =
    Array.init (recipe.Steps / recipe.Window) (fun t ->
        Array.init recipe.Window (fun s -> float cell.History.Loss[t * recipe.Window + s, j])
        |> Array.average)

let private measure recipe sizes (cell: ToyModelCell) =
    cell.Instances
    |> Seq.mapi (fun place model ->
        let j = cell.Kept[place]
        let looks = cell.History.SnapshotSteps.Length

        let least =
            lasting * float recipe.Steps / float recipe.Window |> round |> int |> max 1

        {
            Final = SetShapes.shape sizes (Toys.weights model)
            Collapsed =
                Seq.init looks (fun look -> cell.History.Snapshots[look, j] |> Array2D.map float)
                |> Seq.exists (SetShapes.isCollapsed sizes)
            Plateaus = curve recipe cell j |> Stages.plateaus flat drop least
            Loss = model.Loss
        })
    |> Seq.toArray

/// A first run started from Xavier's weights alone and showed no stages; starts near the origin came in then, and both are judged.
let private claims (recipe: Recipe) (trainings: (string * Training[])[]) =
    let share (fits: Training -> bool) (trainings: Training[]) =
        Statistics.share (trainings |> Array.filter fits |> Array.length) trainings.Length

    let isOctahedron (training: Training) =
        training.Final = "octahedron, antipodal pairs across sets"

    [
        for name, ofWorld in trainings do
            let of' =
                $"{name} of correlated features, n = {features}, d = {dimensions}, p = {recipe.Density}"

            ofWorld
            |> Array.map (fun training -> float training.Plateaus.Length)
            |> Statistics.estimate
            |> Verdicts.atLeast
                $"{Name}.{name}-plateaus"
                $"The loss falls in stages: a stretch of {lasting:P0} of the steps over which it falls by less than {flat:P0}, then by {drop:P0} ({of'}; such plateaus before the last, mean over seeds)."
                $"{Source}; the bar is our own"
                1.0

            ofWorld
            |> share _.Collapsed
            |> Verdicts.atLeast
                $"{Name}.{name}-collapse"
                $"At some time every set is one direction, as principal components would have it: all cosines within sets above {SetShapes.CollapsedCosine} ({of'}; share of seeds)."
                $"{Source}; the bar is our own"
                0.5

            ofWorld
            |> share (fun training -> isOctahedron training || training.Final = "triangular antiprism")
            |> Verdicts.atLeast
                $"{Name}.{name}-final"
                (if name = "triples" then
                     $"It ends in a triangular antiprism, such as an octahedron with antipodal pairs across sets ({of'}; share of seeds)."
                 else
                     $"It ends in an octahedron with antipodal pairs across sets ({of'}; share of seeds).")
                $"{Source}; the bar is our own"
                0.5
    ]

let private run (settings: RunSettings) =
    let recipe = recipeOf settings.Scale

    let cells = trainings |> Array.map (cell recipe) |> Toys.train Name None settings

    let measured =
        Array.map2 (fun (name, sizes, _) cell -> name, measure recipe sizes cell) trainings cells

    let table = CsvTable("sets", "seed", "final", "collapsed", "plateaus", "loss")

    for name, ofWorld in measured do
        ofWorld
        |> Array.iteri (fun seed training ->
            table.Add(
                name,
                seed,
                training.Final,
                (if training.Collapsed then 1 else 0),
                training.Plateaus.Length,
                training.Loss
            ))

    let watched (name, _, _) (cell: ToyModelCell) =
        let j =
            cell.Kept[Seq.findIndex (fun model -> obj.ReferenceEquals(model, cell.Best)) cell.Instances]

        let history = cell.History

        dict
            [
                "step", history.SnapshotSteps |> Array.map float |> Toys.vector
                "W",
                Array.init history.SnapshotSteps.Length (fun look -> history.Snapshots[look, j] |> Array2D.map float)
                |> Toys.stack
                "loss",
                [| for instance in cell.Kept -> curve recipe cell instance |]
                |> array2D
                |> StoredArray.Of
                "best", Toys.vector [| float (Seq.findIndex ((=) j) cell.Kept) |]
            ]
        |> fun tensors -> $"{name}.safetensors", tensors

    settings
    |> Settings.leave Name recipe (claims recipe measured) (fun folder ->
        folder.WriteCsv("trainings.csv", table)

        for file, tensors in Array.map2 watched trainings cells do
            folder.WriteSafetensors(file, tensors))

let private trajectory (folder: RunFolder) recipe (name: string, sizes: int[]) =
    let tensors = folder.Safetensors $"{name}.safetensors"
    let snapshots = Toys.unstack tensors["W"]
    let x, y = SetShapes.plane sizes (Array.last snapshots)

    let project (W: float[,]) =
        Array2D.init features 2 (fun i c -> Array.map2 (*) W[i, *] (if c = 0 then x else y) |> Array.sum)

    let best = int (tensors["best"].ToDoubles()[0])
    let loss = tensors["loss"].ToMatrix()[best, *]
    let middle t = (float t + 0.5) * float recipe.Window

    let steps = tensors["step"].ToDoubles()
    // Little moves late; early on every look is shown.
    let shown =
        [| 0 .. steps.Length - 1 |]
        |> Array.filter (fun look -> look < 20 || look % 5 = 0 || look = steps.Length - 1)

    let members =
        sizes
        |> Array.mapi (fun s size ->
            let first = Array.sum sizes[.. s - 1]
            $"set {s + 1}", [| first .. first + size - 1 |])

    Charts.trajectory
        members
        (shown |> Array.map (fun look -> steps[look], project snapshots[look]))
        (Series.Of("loss", Array.init loss.Length middle, loss))

let private finding (folder: RunFolder) : Finding =
    let recipe = Settings.recipe<Recipe> folder
    let table = folder.Csv "trainings.csv"

    let rows =
        [|
            for row in 0 .. table.Count - 1 -> table[row, "sets"], table[row, "final"], table.Number(row, "plateaus")
        |]

    let finals =
        rows
        |> Array.countBy (fun (sets, final, _) -> sets, final)
        |> Array.sortByDescending snd

    let summary name =
        let ofWorld = rows |> Array.filter (fun (sets, _, _) -> sets = name)
        let plateaus = ofWorld |> Array.averageBy (fun (_, _, plateaus) -> plateaus)
        let (_, final), count = finals |> Array.find (fun ((sets, _), _) -> sets = name)
        $"{plateaus:F1} plateaus on average, and {count} of {ofWorld.Length} seeds end as \"{final}\""

    let triples, pairs, xavier =
        summary "triples", summary "pairs", summary "triples-xavier"

    let column values =
        values |> Series.ofValues :> ISeries<int>

    {
        Lead =
            $"From weights near the origin, two sets of three correlated features learn with {triples}; three pairs with {pairs}. "
            + $"From Xavier's weights, the two sets of three learn with {xavier}."
        Figures =
            [
                for name, sizes, _ in trainings[..1] do
                    trajectory folder recipe (name, sizes)
                    |> Figure.captioned
                        $"Features of the best seed as they move, {name}, projected from {dimensions} dimensions onto the line between the centres of the first two sets (horizontal) and one across it; beside it the loss. Step through to see each fall of the loss go with a change of shape."
            ]
        Tables =
            [
                Frame.ofColumns
                    [
                        "sets", finals |> Array.map (fst >> fst) |> column
                        "final arrangement", finals |> Array.map (fst >> snd) |> column
                        "seeds", finals |> Array.map snd |> Series.ofValues :> ISeries<int>
                    ]
                |> Table.ofFrame "Where the seeds ended." 12
            ]
    }

let experiment: Experiment =
    {
        Name = Name
        Title = "Learning as changes of shape"
        Part = Part.Paper
        Answers = []
        IsLong = true
        Recipe = recipeOf >> Settings.json
        Run = run
        Finding = finding
    }
