/// A picture of each question: the points that a model and a toy gave, each beside its chance.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.QuestionPictures

open System
open Superposition.Analysis
open Superposition.Storage

let private columns = [| "question"; "series"; "x"; "y"; "low"; "high" |]

let write (pictures: (string * Series list) list) =
    let table = CsvTable columns

    for question, series in pictures do
        for one in series do
            for i in 0 .. one.X.Length - 1 do
                let edge (band: float[]) =
                    if band.Length = 0 then nan else band[i]

                table.Add [| box question; one.Name; one.X[i]; one.Y[i]; edge one.Low; edge one.High |]

    table

/// The series of each question, in order.
let read (table: CsvTable) : (string * Series list) list =
    [ for r in 0 .. table.Count - 1 -> table[r, "question"], table[r, "series"], r ]
    |> List.groupBy (fun (question, _, _) -> question)
    |> List.map (fun (question, rows) ->
        question,
        rows
        |> List.groupBy (fun (_, series, _) -> series)
        |> List.map (fun (name, rows) ->
            let column of' =
                [| for _, _, r in rows -> table.Number(r, of') |]

            let low, high = column "low", column "high"

            { Series.Of(name, column "x", column "y") with
                Low = (if Array.forall Double.IsNaN low then [||] else low)
                High = (if Array.forall Double.IsNaN high then [||] else high)
            }))

/// What stands beside what: the subject's name before each of its series.
let ofSubject (subject: string) (series: Series list) : Series list =
    series
    |> List.map (fun one ->
        { one with
            Name = if one.Name = "" then subject else $"{subject}, {one.Name}"
        })

let private quantiles measure series =
    Charts.line (Axis.Linear "share of the directions, the least first") (Axis.Linear measure) series

let private counts (series: Series list) =
    [|
        for one in series ->
            one.Name,
            Array.map2
                (fun (x: float) y -> AskedOfDirections.shapeNames[int x], Statistics.estimate [| y |])
                one.X
                one.Y
    |]
    |> Charts.bars "" (Axis.Linear "groups found")

let private drawn (question: string) (series: Series list) : Figure option =
    match question with
    | "how-much" -> Some(quantiles "greatest cosine with another direction" series)
    | "agreement" -> Some(quantiles "cosine with the nearest direction of another seed" series)
    | "planted" -> Some(quantiles "cosine of a planted direction with the nearest found" series)
    | "aligned-neurons" -> Some(quantiles "greatest cosine with a neuron" series)
    | "aligned-residual" -> Some(quantiles "greatest cosine with an axis" series)
    | "polytopes" -> Some(counts series)
    | "spread" ->
        Charts.line
            (Axis.Linear "neurons ablated, the strongest first")
            (Axis.Linear "share of the feature lost")
            series
        |> Some
    | "smuggling" ->
        Charts.scatter (Axis.Log "mean activation of a neuron") (Axis.Log "direct effect on the output") series
        |> Some
    | name when name.StartsWith "monosemantic" ->
        Charts.scatter (Axis.Linear "purity of its strongest places") (Axis.Linear "purity over the whole range") series
        |> Some
    | _ -> None

/// Below each question's picture stands the question, and what was measured of both.
let figure (answer: Answer) (series: Series list) : Figure option =
    drawn answer.Name series
    |> Option.map (
        Figure.captioned
            $"{answer.Question} The model: {answer.Model.Measured:G3} ({answer.Model.Verdict}); the toy: {answer.Toy.Measured:G3} ({answer.Toy.Verdict})."
    )

/// How far a measure lies from the middle of its null, in half widths of it: below 1 is what chance gives 19 times in 20.
let private distance (m: Measurement) =
    let middle, half = (m.NullLow + m.NullHigh) / 2.0, (m.NullHigh - m.NullLow) / 2.0
    // A tenth is the least that is drawn.
    max 0.1 (abs (m.Measured - middle) / half)

let distances (answers: Answer list) : Figure =
    [|
        for name, of' in
            [
                "the model", (fun (answer: Answer) -> answer.Model)
                "the toy", (fun answer -> answer.Toy)
            ] ->
            name,
            [|
                for answer in answers -> answer.Name, Statistics.estimate [| distance (of' answer) |]
            |]
    |]
    |> Charts.bars
        ""
        {
            Title = "distance from chance"
            IsLog = true
        }
    |> Charts.withLevels [ "the edge of chance", 1.0 ]
    |> Figure.captioned
        "How far each answer lies from the middle of its own null, in units of the null's half width: below 1 lies what chance gives 19 times in 20."
