namespace Superposition.Analysis.Experiments

open System
open System.Globalization
open Superposition.Analysis
open Superposition.Storage

/// How much chance is drawn for the questions.
type NullRecipe =
    {
        /// Draws of each null.
        Draws: int
        /// Draws of whole dictionaries, which are searched for polytopes.
        Dictionaries: int
        /// Directions that are planted.
        Planted: int
    }

/// What a question came to on a model, or on a toy.
type Measurement =
    {
        /// What the measured number is.
        Measure: string
        Measured: float
        /// The 95 % interval of it; NaN where there is none.
        Low: float
        High: float
        /// The middle 95 % of what chance gives.
        NullLow: float
        NullHigh: float
        P: float
        /// "above-chance", "below-chance", "chance"; of planted directions "found" or "some".
        Verdict: string
    }

/// A question asked of a real model, and of a toy whose answer is known.
type Answer =
    {
        /// "how-much", "monosemantic-gate", …
        Name: string
        /// The question in words.
        Question: string
        Model: Measurement
        Toy: Measurement
        /// What is true of the toy, in words; empty where nothing says.
        Truth: string
    }

    /// Whether the model shows what the toy predicts.
    member answer.Agrees = answer.Model.Verdict = answer.Toy.Verdict

    /// One line: question NAME measured=… interval=[…] null=[…] p=… verdict=… toy=… toy-verdict=…
    override answer.ToString() =
        let n (x: float) =
            x.ToString("G4", CultureInfo.InvariantCulture)

        let m = answer.Model

        $"question {answer.Name} measured={n m.Measured} interval=[{n m.Low}, {n m.High}] null=[{n m.NullLow}, {n m.NullHigh}] p={n m.P} verdict={m.Verdict} toy={n answer.Toy.Measured} toy-verdict={answer.Toy.Verdict}"

[<RequireQualifiedAccess>]
module internal Measurement =
    /// Chance does as well at most once in twenty times.
    [<Literal>]
    let private Alpha = 0.05

    let judged verdict p measure (interval: Interval) (chance: AgainstChance) =
        {
            Measure = measure
            Measured = interval.Value
            Low = interval.Low
            High = interval.High
            NullLow = chance.NullLow
            NullHigh = chance.NullHigh
            P = p
            Verdict = verdict
        }

    /// Chance seldom gives as much, which p is of; or so little that it lies below the middle 95 % of chance.
    let above measure interval (chance: AgainstChance) =
        let verdict =
            if chance.P <= Alpha then "above-chance"
            elif chance.Value < chance.NullLow then "below-chance"
            else "chance"

        judged verdict chance.P measure interval chance

    /// The same of a number that has no interval.
    let aboveAlone measure (chance: AgainstChance) =
        above
            measure
            {
                Value = chance.Value
                Low = nan
                High = nan
            }
            chance

    /// Chance is seldom as far from its middle, to either side; p counts both.
    let apart p measure (interval: Interval) (chance: AgainstChance) =
        let verdict =
            if p > Alpha then "chance"
            elif interval.Value > chance.NullMean then "above-chance"
            else "below-chance"

        judged verdict p measure interval chance

[<RequireQualifiedAccess>]
module internal Answer =
    let private numbers (m: Measurement) =
        [ m.Measured; m.Low; m.High; m.NullLow; m.NullHigh; m.P ]

    let private ofSubject = [ "measured"; "low"; "high"; "null_low"; "null_high"; "p" ]

    let private columns =
        [|
            yield! [ "name"; "question" ]
            for subject in [ "model"; "toy" ] do
                for column in ofSubject @ [ "verdict"; "measure" ] do
                    yield $"{subject}_{column}"
            yield "truth"
        |]

    let write (answers: Answer list) =
        let table = CsvTable columns

        for answer in answers do
            table.Add
                [|
                    yield! [ box answer.Name; answer.Question ]
                    for m in [ answer.Model; answer.Toy ] do
                        yield! numbers m |> List.map box
                        yield! [ box m.Verdict; m.Measure ]
                    yield answer.Truth
                |]

        table

    let read (table: CsvTable) : Answer list =
        List.init table.Count (fun r ->
            let measurement subject =
                let number column = table.Number(r, $"{subject}_{column}")

                {
                    Measure = table[r, $"{subject}_measure"]
                    Measured = number "measured"
                    Low = number "low"
                    High = number "high"
                    NullLow = number "null_low"
                    NullHigh = number "null_high"
                    P = number "p"
                    Verdict = table[r, $"{subject}_verdict"]
                }

            {
                Name = table[r, "name"]
                Question = table[r, "question"]
                Model = measurement "model"
                Toy = measurement "toy"
                Truth = table[r, "truth"]
            })

    /// That the model shows what the toy does.
    let claim (experiment: string) (source: string) (answer: Answer) : Claim =
        let m, toy = answer.Model, answer.Toy

        Claim(
            $"{experiment}.{answer.Name}",
            $"{answer.Question} The model shows what the toy does, each beside its own chance.",
            m.Measured,
            m.Low,
            m.High,
            1,
            $"{toy.Verdict} (model's chance {m.NullLow:G3} to {m.NullHigh:G3}; toy {toy.Measured:G3})",
            Nullable(),
            (if answer.Agrees then
                 Verdict.Reproduced
             else
                 Verdict.NotReproduced),
            source
        )
