module Superposition.Analysis.Tests.Oracles.MergedPairTests

open System
open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

let private dot (a: float[]) (b: float[]) = a[0] * b[0] + a[1] * b[1]

/// min_{c≥0} ‖y − Ψc‖²/(2λ) + ‖c‖₁ for two unit atoms by coordinate descent; at λ = 0 the one c with y = Ψc, which must not be negative.
let private cost penalty (atoms: float[][]) (y: float[]) =
    if penalty = 0.0 then
        let a, b = atoms[0], atoms[1]
        let det = a[0] * b[1] - a[1] * b[0]
        let c, e = (y[0] * b[1] - y[1] * b[0]) / det, (a[0] * y[1] - a[1] * y[0]) / det
        Assert.True(c >= -1e-12 && e >= -1e-12)
        c + e
    else
        let codes = [| 0.0; 0.0 |]

        let residual () =
            Array.init 2 (fun i -> y[i] - codes[0] * atoms[0][i] - codes[1] * atoms[1][i])

        for _ in 1..20_000 do
            for j in 0..1 do
                codes[j] <- max 0.0 (codes[j] + dot (residual ()) atoms[j] - penalty)

        dot (residual ()) (residual ()) / (2.0 * penalty) + codes[0] + codes[1]

[<Fact>]
let ``Both costs are those of the small problems solved one by one`` () =
    for penalty in [ 0.0; 0.05; 0.5; 0.95 ] do
        for share in [ 0.0; 0.1; 0.5; 1.0 ] do
            for angle in [ 0.4; 1.0; Math.PI / 3.0; Math.PI / 2.0 ] do
                let parent, child = [| 1.0; 0.0 |], [| cos angle; sin angle |]
                let both = Array.map2 (+) parent child
                let bisector = both |> Array.map (fun c -> c / sqrt (dot both both))

                let expected atoms =
                    (1.0 - share) * cost penalty atoms parent + share * cost penalty atoms both

                Expect.near 1e-9 (expected [| parent; child |]) (MergedPair.ofTruth penalty share angle)
                Expect.near 1e-9 (expected [| parent; bisector |]) (MergedPair.ofMerged penalty share angle)

[<Fact>]
let ``Without noise the truth costs 1 + ρ and the merged dictionary 1 + ρ(2 cos(θ/2) − 1)`` () =
    Expect.near 1e-12 1.3 (MergedPair.ofTruth 0.0 0.3 1.2)
    Expect.near 1e-12 (1.0 + 0.3 * (2.0 * cos 0.6 - 1.0)) (MergedPair.ofMerged 0.0 0.3 1.2)

[<Fact>]
let ``Merging is cheaper for every penalty, share and angle`` () =
    for penalty in 0.0..0.099..0.999 do
        for share in 0.05..0.05..1.0 do
            for angle in 0.1..0.1..1.5 do
                Assert.True(MergedPair.ofMerged penalty share angle < MergedPair.ofTruth penalty share angle)

[<Fact>]
let ``An obtuse pair is refused`` () =
    Assert.Throws<ArgumentException>(fun () -> MergedPair.ofTruth 0.1 0.5 2.0 |> ignore)
    |> ignore
