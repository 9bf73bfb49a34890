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
        /// Whether that is a number beyond chance.
        ToyIsBeyond: bool
    }

    /// Whether chance does as well at most once in twenty times.
    member answer.IsBeyond = answer.P <= 0.05

    /// Whether toy and model say the same.
    member answer.Agrees = answer.IsBeyond = answer.ToyIsBeyond

    /// beyond-chance or chance.
    member answer.Verdict = if answer.IsBeyond then "beyond-chance" else "chance"

    /// One line: question NAME measured=… interval=[…] null=[…] p=… verdict=…
    override answer.ToString() =
        let n (x: float) = x.ToString("G4", CultureInfo.InvariantCulture)

        $"question {answer.Name} measured={n answer.Measured} interval=[{n answer.Low}, {n answer.High}] null=[{n answer.NullLow}, {n answer.NullHigh}] p={n answer.P} verdict={answer.Verdict}"

[<RequireQualifiedAccess>]
module internal Answer =
    let create name question measure (interval: Interval) (chance: AgainstChance) toyIsBeyond toy =
        {
            Name = name
            Question = question
            Measure = measure
            Measured = interval.Value
            Low = interval.Low
            High = interval.High
            NullLow = chance.NullLow
            NullHigh = chance.NullHigh
            P = chance.P
            Toy = toy
            ToyIsBeyond = toyIsBeyond
        }

    /// The same found on the side of chance that the toy says: p of both sides.
    let twoSided p (answer: Answer) = { answer with P = p }

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
            "toy_is_beyond"
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
                    (if answer.ToyIsBeyond then 1 else 0)
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
                ToyIsBeyond = table.Number(r, "toy_is_beyond") = 1.0
            })
