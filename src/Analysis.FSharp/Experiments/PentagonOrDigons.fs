/// Five features in the plane, trained from random starts: which seeds end in a pentagon, which in two digons, and what each is worth.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.PentagonOrDigons

open System
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.ToyModels

/// A seed: what it ended as, and the exact loss there.
type Seed =
    {
        /// [n, 2]
        W: float[,]
        Shape: Shape
        Loss: float
    }

/// The seeds of a cell, in order.
let seeds (features: IndependentFeatures) (cell: ToyModelCell) : Seed[] =
    cell.Instances
    |> Seq.map (fun model ->
        let W = Toys.weights model

        {
            W = W
            Shape = (Geometry.arrangement W).Shape
            Loss = Toys.exactLoss features model
        })
    |> Seq.toArray

/// The least exact loss of a shape; None where no seed has it.
let best (shape: Shape) (seeds: Seed[]) : float option =
    seeds
    |> Array.filter (fun seed -> seed.Shape = shape)
    |> Array.map _.Loss
    |> Array.sort
    |> Array.tryHead

/// The density at which the trained pentagon is as good as the trained digons: between the first and the last density the
/// difference of their best losses is taken for a line. NaN where fewer than two densities have both.
let crossing (byDensity: (float * Seed[])[]) : float =
    let leads =
        byDensity
        |> Array.choose (fun (p, seeds) ->
            match best (Polygon 5) seeds, best (AntipodalPairs 2) seeds with
            | Some pentagon, Some digons -> Some(p, (pentagon - digons) / p)
            | _ -> None)

    if leads.Length < 2 then
        nan
    else
        let line = LeastSquares.line (Array.map fst leads) (Array.map snd leads)
        -line.Intercept / line.Slope

/// A mean over those groups of seeds that have one; all NaN where none has.
let overGroups (values: float[]) : Estimate =
    match Array.filter Double.IsFinite values with
    | [||] ->
        {
            Mean = nan
            Low = nan
            High = nan
            Sd = nan
            Count = 0
        }
    | known -> Statistics.estimate known
