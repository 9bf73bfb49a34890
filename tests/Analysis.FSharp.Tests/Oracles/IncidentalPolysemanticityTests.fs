module Superposition.Analysis.Tests.Oracles.IncidentalPolysemanticityTests

open System
open Superposition.Analysis
open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

[<Fact>]
let ``A neuron with two features of length one is polysemantic, one with a weak second is not`` () =
    array2D [ [ 1.0; 0.9; 0.0 ]; [ -1.1; 0.3; 0.0 ]; [ 0.0; 1.3; 1.0 ] ]
    |> IncidentalPolysemanticity.count
    |> fun count -> Assert.Equal(1, count)

[<Fact>]
let ``One feature sparsifies onto the neuron where it started largest`` () =
    let start, trained =
        Matching.random 3 1 32, IncidentalPolysemanticity.train 3 1 32 0.01 0.2 2000

    let largest = Seq.maxBy (fun j -> abs start[0, j]) [ 0..31 ]
    // (1 − w²) w = λ where the forces balance: w ≈ 1 − λ/2.
    trained
    |> Array2D.iteri (fun _ j w ->
        Expect.near
            1e-3
            (if j = largest then
                 float (sign start[0, j]) * 0.995
             else
                 0.0)
            w)

[<Fact>]
let ``Features sparsify at the rate of the penalty`` () =
    // ‖W_i‖₁ = 1/(1/√m + λt) up to a constant of order one while many weights are left (Lecomte et al. 2023); halfway, at λt = 3/√m.
    let m, penalty, step = 1024, 0.001, 0.2
    let steps = int (3.0 / sqrt (float m) / (penalty * step))
    let W = IncidentalPolysemanticity.train 5 4 m penalty step steps
    let expected = 1.0 / (4.0 / sqrt (float m))
    Assert.InRange((Seq.cast<float> W |> Seq.sumBy abs) / 4.0, expected / 1.5, 1.5 * expected)

[<Theory;
  Trait("Category", "Science");
  InlineData(64, 64);
  InlineData(64, 128);
  InlineData(64, 256);
  InlineData(128, 256)>]
let ``About n² / 4m neurons come to hold two features`` (n: int) (m: int) =
    let mean =
        Seq.averageBy
            (fun seed ->
                float (IncidentalPolysemanticity.count (IncidentalPolysemanticity.train seed n m 0.01 0.2 2000)))
            (if n = 64 then [ 1..10 ] else [ 1..4 ])

    let expected = IncidentalPolysemanticity.expected n m
    Assert.InRange(mean, expected / 1.5, 1.5 * expected)

[<Fact>]
let ``Two features share a neuron only with opposite signs, and each is read back`` () =
    let W = IncidentalPolysemanticity.train 2 32 32 0.01 0.2 2000
    let gram = Gram.ofRows W

    for i in 0..31 do
        Expect.near 0.05 1.0 gram[i, i]

        for j in 0 .. i - 1 do
            Assert.True(gram[i, j] < 0.05, $"{i} and {j} interfere by {gram[i, j]}")

[<Fact>]
let ``With fewer neurons than features polysemanticity is no accident`` () =
    Assert.Throws<ArgumentException>(fun () -> IncidentalPolysemanticity.train 1 3 2 0.01 0.1 1 |> ignore)
