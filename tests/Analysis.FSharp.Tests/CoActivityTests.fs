module Superposition.Analysis.Tests.CoActivityTests

open System
open Superposition.Analysis
open Xunit

/// Ten rows: 0 and 1 always together, 2 only where they are not, 3 always.
let private codes =
    Array.init 10 (fun r ->
        [|
            (if r < 4 then [| 0; 1; 3 |] else [| 2; 3 |]) |> Array.map (fun j -> j, 1.0)
        |]
        |> Array.concat)
    |> SparseCodes.ofPairs 4

[<Fact>]
let ``Rows on which two latents are on are counted, and on the diagonal those of one`` () =
    let counts = CoActivity.counts codes
    Assert.Equal(4, counts[0, 1])
    Assert.Equal(0, counts[0, 2])
    Assert.Equal((4, 4, 6, 10), (counts[0, 0], counts[1, 1], counts[2, 2], counts[3, 3]))
    Assert.Equal(counts[2, 3], counts[3, 2])

[<Fact>]
let ``The correlation of being on is that of zeros and ones`` () =
    let counts = CoActivity.counts codes

    let phi a b =
        CoActivity.phi 10 counts[a, b] counts[a, a] counts[b, b]

    Assert.Equal(1.0, phi 0 1, 12)
    Assert.Equal(-1.0, phi 0 2, 12)
    Assert.True(Double.IsNaN(phi 0 3))
    // Independent: half of the rows each, together on a quarter.
    Assert.Equal(0.0, CoActivity.phi 100 25 50 50, 12)
    let on = [| 1.0; 1.0; 0.0; 0.0; 0.0 |]
    let other = [| 1.0; 0.0; 1.0; 1.0; 0.0 |]
    Assert.Equal(Statistics.pearson on other, CoActivity.phi 5 1 2 3, 12)
