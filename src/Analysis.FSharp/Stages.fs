namespace Superposition.Analysis

/// A training that comes in stages: stretches in which little happens, and what ends them.
[<RequireQualifiedAccess>]
module Stages =
    /// The plateaus of a loss curve, [first, end) of its points: stretches of at least so many points over which the loss
    /// falls by less than the share flat, and within the next so many points of whose end it falls by at least the share
    /// drop. What a training ends with is none, for nothing follows. Noise must be smaller than flat: give means over steps.
    let plateaus (flat: float) (drop: float) (least: int) (loss: float[]) : (int * int)[] =
        if least < 1 || not (0.0 < flat && flat < drop && drop < 1.0) then
            invalidArg
                (nameof least)
                $"A plateau of {least} points, flat within {flat}, ended by a drop of {drop}, was asked for; expected at least one point and 0 < flat < drop < 1."

        /// The first point from which on the loss has fallen by so much since a point.
        let leaves first =
            seq { first .. loss.Length - 1 }
            |> Seq.tryFind (fun t -> loss[t] < (1.0 - flat) * loss[first])

        let rec from first =
            seq {
                match if first < loss.Length then leaves first else None with
                | None -> ()
                | Some last when last - first < least -> yield! from (first + 1)
                | Some last ->
                    let after = min (last + least) loss.Length

                    if Array.min loss[last .. after - 1] <= (1.0 - drop) * loss[first] then
                        yield first, last

                    yield! from last
            }

        from 0 |> Seq.toArray
