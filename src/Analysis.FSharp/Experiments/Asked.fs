namespace Superposition.Analysis.Experiments

open Superposition.Analysis

/// A number beside its null, and the points of its picture; a series of no name is the subject's own.
type internal Asked =
    {
        Measurement: Measurement
        Picture: Series list
    }

/// A question, and what is known of a toy that it could be told by.
type internal Question =
    {
        Name: string
        Words: string
        Ask: Subject -> Asked
        /// What is true of the toy, in words.
        Truth: ToySubject -> string
    }

[<RequireQualifiedAccess>]
module internal Asked =
    /// The series of what chance gives, in every picture.
    [<Literal>]
    let ByChance = "by chance"

    /// Every question's random numbers.
    [<Literal>]
    let Seed = 1

    /// Quantiles that a picture can show.
    let private shares = Array.init 101 (fun i -> float i / 100.0)

    /// The quantiles of values.
    let distribution name (values: float[]) =
        Series.Of(name, shares, shares |> Array.map (fun share -> Statistics.quantile share values))
