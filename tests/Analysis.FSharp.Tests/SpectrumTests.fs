module Superposition.Analysis.Tests.SpectrumTests

open System
open Superposition.Analysis
open Xunit

let private spectrum = Spectrum.ofWeights Spectrum.MergedWithin

[<Fact>]
let ``A triangle beside a digon has two eigenspaces and every vertex lies in one`` () =
    let W =
        Shapes.times (Shapes.beside Shapes.triangle Shapes.digon) (Shapes.rotation 3 3)

    let found = spectrum W
    // F of a unit tight frame is k/r: 2 for the digon, 3/2 for the triangle.
    Expect.allNear 1e-12 [| 2.0; 1.5 |] found.Eigenvalues
    Assert.Equal<int[]>([| 1; 2 |], found.Multiplicities)
    Expect.allNear 1e-12 (Array.create 5 1.0) found.Localisation
    Expect.allNear 1e-12 (Array.create 5 1.0) found.Participation
    Expect.allNear 1e-12 [| 0.0; 0.0; 0.0; 1.0; 1.0 |] found.Measures[*, 0]
    Expect.near 1e-12 1.0 (Spectrum.saturation W)

[<Fact>]
let ``A feature between two eigenspaces is shared by them`` () =
    // F = diag(1 + 4, 4 + 4).
    let found =
        spectrum (array2D [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ]; [ 2.0; 2.0 ]; [ -2.0; 2.0 ]; [ 0.0; 0.0 ] ])

    Expect.allNear 1e-12 [| 12.0; 9.0 |] found.Eigenvalues
    Expect.allNear 1e-12 [| 1.0; 1.0; 0.5; 0.5; 0.0 |] found.Localisation
    Expect.allNear 1e-12 [| 1.0; 1.0; 2.0; 2.0; 0.0 |] found.Participation

[<Fact>]
let ``Dimensionality is norm squared over the mean eigenvalue under the spectral measure`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d
        let found = Spectrum.ofWeights 0.0 W
        let norms = Gram.norms W

        Array.init n (fun i ->
            norms[i] ** 2.0
            / (Array.map2 (*) found.Eigenvalues found.Measures[i, *] |> Array.sum))
        |> Expect.allNear 1e-9 (Dimensionality.ofWeights W))

[<Fact>]
let ``Shares add up to one, multiplicities to the rank, and eigenvalues to the squared norm`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d
        let found = spectrum W
        Expect.allNear 1e-9 (Array.create n 1.0) (Array.init n (fun i -> Array.sum found.Measures[i, *]))
        Assert.Equal(min n d, Array.sum found.Multiplicities)

        Array.map2 (fun value count -> value * float count) found.Eigenvalues found.Multiplicities
        |> Array.sum
        |> Expect.near 1e-9 (Gram.norms W |> Array.sumBy (fun norm -> norm * norm)))

[<Fact>]
let ``Turning, scaling and permuting move eigenvalues and measures as they should`` () =
    Expect.forAllMatrices (fun seed n d ->
        let W = Shapes.random seed n d
        let order = Shapes.permutation (seed + 1) n
        let before = spectrum W

        let after =
            Shapes.times W (Shapes.rotation (seed + 2) d)
            |> Shapes.rowsAt order
            |> Array2D.map (fun w -> 3.0 * w)
            |> spectrum

        Expect.allNear 1e-9 (before.Eigenvalues |> Array.map (fun value -> 9.0 * value)) after.Eigenvalues
        Expect.allNear 1e-9 (order |> Array.map (fun i -> before.Localisation[i])) after.Localisation)

[<Fact>]
let ``Random directions do not saturate capacity and are spread over eigenspaces`` () =
    let W = Shapes.random 1 12 5
    Assert.InRange(Spectrum.saturation W, 0.5, 0.99)
    Assert.True(Array.average (spectrum W).Localisation < 0.9)

[<Fact>]
let ``Eigenvalues merge when they lie within the tolerance of the largest of their space`` () =
    // F = diag(1, 0.97, 0.94): the last is within 5 % of the second, but not of the first.
    let W =
        Array2D.init 3 3 (fun i c -> if i = c then sqrt (1.0 - 0.03 * float i) else 0.0)

    Assert.Equal<int[]>([| 1; 1; 1 |], (Spectrum.ofWeights 0.01 W).Multiplicities)
    Assert.Equal<int[]>([| 2; 1 |], (Spectrum.ofWeights 0.05 W).Multiplicities)
    Expect.allNear 1e-12 [| 0.985; 0.94 |] (Spectrum.ofWeights 0.05 W).Eigenvalues
    Assert.Equal<int[]>([| 3 |], (Spectrum.ofWeights 0.1 W).Multiplicities)

[<Fact>]
let ``Nothing represented has no eigenspaces, and a tolerance of one is refused`` () =
    let nothing = spectrum (Array2D.zeroCreate 3 2)
    Assert.Empty nothing.Eigenvalues
    Assert.Equal<float[]>([| 0.0; 0.0; 0.0 |], nothing.Localisation)

    Assert.Throws<ArgumentException>(fun () -> Spectrum.ofWeights 1.0 Shapes.pentagon |> ignore)
    |> ignore
