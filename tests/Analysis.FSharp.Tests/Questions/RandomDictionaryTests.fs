module Superposition.Analysis.Tests.RandomDictionaryTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

let private spread = Array.init 6 (fun c -> 1.0 / float (c + 1))

let private crooked seed =
    KnownDictionaries.directions spread 40 (Random seed)

let private eigenvalues (W: float[,]) =
    (Eigen.symmetric (Spectrum.frameOperator W)).Values

[<Fact>]
let ``A draw has unit rows, the same second moment and the same mean squared cosine, and other angles`` () =
    for seed in 1..5 do
        let W = crooked seed
        let drawn = RandomDictionary.withSecondMoment W (Random seed)
        Expect.allNear 1e-12 (Array.create 40 1.0) (Gram.norms drawn)
        // Lengths are within a thousandth before they are set.
        Expect.allNear 0.05 (eigenvalues W) (eigenvalues drawn)

        let potential (W: float[,]) =
            eigenvalues W |> Array.sumBy (fun value -> value * value)

        Expect.near (1e-3 * potential W) (potential W) (potential drawn)
        Assert.NotEqual((Coherence.ofRows W).Max, (Coherence.ofRows drawn).Max)

[<Fact>]
let ``A draw spans no more than the rows do`` () =
    let flat = Shapes.beside (crooked 3) (Array2D.zeroCreate 0 5)
    let drawn = RandomDictionary.withSecondMoment flat (Random 1)
    Assert.Equal((40, 6), (Array2D.length1 drawn, Array2D.length2 drawn))

[<Fact>]
let ``Rows at right angles stay at right angles`` () =
    let drawn = RandomDictionary.withSecondMoment (Alignment.rotation 5 6) (Random 1)
    Expect.near 1e-9 0.0 (Coherence.ofRows drawn).Max

[<Fact>]
let ``Draws follow from the random numbers, whatever lengths the rows have and however they are turned round`` () =
    let W = crooked 1

    let stretched =
        W |> Array2D.mapi (fun i _ w -> (if i % 2 = 0 then -3.0 else 0.5) * w)

    let ofRandom (W: float[,]) =
        let drawn = RandomDictionary.withSecondMoment W (Random 9)
        Array.init 40 (fun i -> drawn[i, 0])

    Assert.Equal<float[]>(ofRandom W, ofRandom W)
    // Eigenvectors may point either way, the cosines of the draw stay.
    let cosines (W: float[,]) =
        (Coherence.ofRows (RandomDictionary.withSecondMoment W (Random 9))).Mean

    Expect.near 1e-6 (cosines W) (cosines stretched)

[<Fact>]
let ``Uniform directions have length one and a mean squared cosine of 1 over d`` () =
    let rows = RandomDictionary.uniform 300 5 (Random 1)
    Expect.allNear 1e-12 (Array.create 300 1.0) (Gram.norms rows)
    let squares = Gram.ofRows rows

    let mean =
        Seq.average (seq { for i in 0..299 -> squares.SumOfSquaresOfOthers i / 299.0 })
    // 44,850 pairs of sd √(2·4 / (7·25)): standard error 0.001.
    Expect.near 0.005 0.2 mean

[<Fact>]
let ``Rows of length zero are left out`` () =
    let W = array2D [ [ 0.0; 0.0 ]; [ 3.0; 4.0 ] ]
    Assert.Equal<float[,]>(array2D [ [ 0.6; 0.8 ] ], RandomDictionary.unit W)
