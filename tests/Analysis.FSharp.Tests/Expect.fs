/// Assertions on numbers, and properties over generated sizes and seeds.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Tests.Expect

open FsCheck
open FsCheck.FSharp
open Xunit

let near tolerance (expected: float) (actual: float) =
    Assert.True(abs (expected - actual) <= tolerance, $"Expected {expected} within {tolerance}, found {actual}.")

let allNear tolerance (expected: float[]) (actual: float[]) =
    Assert.Equal(expected.Length, actual.Length)
    Array.iter2 (near tolerance) expected actual

/// The property holds for 100 triples (seed, rows, dimensions), rows in 1…12 and dimensions in 1…6.
let forAllMatrices (property: int -> int -> int -> unit) =
    let sizes =
        gen {
            let! seed = Gen.choose (0, 1_000_000)
            let! n = Gen.choose (1, 12)
            let! d = Gen.choose (1, 6)
            return seed, n, d
        }

    Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithReplay(1UL, 1UL),
        Prop.forAll (Arb.fromGen sizes) (fun (seed, n, d) -> property seed n d)
    )
