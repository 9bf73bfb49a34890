namespace Superposition.Analysis.Experiments

open System
open System.Globalization
open Superposition.Analysis
open Superposition.Storage

/// What a question came to on a real model.
type Answer =
    {
        /// "how-much", "monosemantic", …
        Name: string
        /// The question in words.
        Question: string
        /// What the measured number is.
        Measure: string
        Measured: float
        /// The 95 % interval of it.
        Low: float
        High: float
        /// The middle 95 % of what chance gives.
        NullLow: float
        NullHigh: float
        P: float
        /// What a toy model whose answer is known says, in a sentence.
        Toy: string
        /// What the model must show to say the same, such as "beyond chance".
        Expected: string
        /// Whether it does.
        Agrees: bool
    }

    /// Whether chance does as well at most once in twenty times.
    member answer.IsBeyond = answer.P <= 0.05

    /// beyond-chance or chance.
    member answer.Verdict = if answer.IsBeyond then "beyond-chance" else "chance"

    /// One line: question NAME measured=… interval=[…] null=[…] p=… verdict=…
    override answer.ToString() =
        let n (x: float) =
            x.ToString("G4", CultureInfo.InvariantCulture)

        $"question {answer.Name} measured={n answer.Measured} interval=[{n answer.Low}, {n answer.High}] null=[{n answer.NullLow}, {n answer.NullHigh}] p={n answer.P} verdict={answer.Verdict}"

[<RequireQualifiedAccess>]
module internal Answer =
    let private asked name question measure (interval: Interval) (chance: AgainstChance) p toy expected agrees =
        {
            Name = name
            Question = question
            Measure = measure
            Measured = interval.Value
            Low = interval.Low
            High = interval.High
            NullLow = chance.NullLow
            NullHigh = chance.NullHigh
            P = p
            Toy = toy
            Expected = expected
            Agrees = agrees
        }

    /// The toy shows a number beyond chance.
    let beyond name question measure interval (chance: AgainstChance) toy =
        asked name question measure interval chance chance.P toy "beyond chance" (chance.P <= 0.05)

    /// The toy shows what chance gives.
    let chance name question measure interval (chance: AgainstChance) toy =
        asked name question measure interval chance chance.P toy "as chance" (chance.P > 0.05)

    /// The toy says more than that chance does worse.
    let expecting expected agrees p name question measure interval chance toy =
        asked name question measure interval chance p toy expected agrees

    let private columns =
        [|
            "name"
            "question"
            "measure"
            "measured"
            "low"
            "high"
            "null_low"
            "null_high"
            "p"
            "toy"
            "expected"
            "agrees"
        |]

    let write (answers: Answer list) =
        let table = CsvTable columns

        for answer in answers do
            table.Add
                [|
                    box answer.Name
                    answer.Question
                    answer.Measure
                    answer.Measured
                    answer.Low
                    answer.High
                    answer.NullLow
                    answer.NullHigh
                    answer.P
                    answer.Toy
                    answer.Expected
                    (if answer.Agrees then 1 else 0)
                |]

        table

    let read (table: CsvTable) : Answer list =
        List.init table.Count (fun r ->
            {
                Name = table[r, "name"]
                Question = table[r, "question"]
                Measure = table[r, "measure"]
                Measured = table.Number(r, "measured")
                Low = table.Number(r, "low")
                High = table.Number(r, "high")
                NullLow = table.Number(r, "null_low")
                NullHigh = table.Number(r, "null_high")
                P = table.Number(r, "p")
                Toy = table[r, "toy"]
                Expected = table[r, "expected"]
                Agrees = table.Number(r, "agrees") = 1.0
            })
