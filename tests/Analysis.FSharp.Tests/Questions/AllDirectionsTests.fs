module Superposition.Analysis.Tests.AllDirectionsTests

open System
open Superposition.Analysis
open Superposition.Analysis.Questions
open Xunit

/// [500, 6] correlated, off the origin.
let private activations =
    let mixing = Shapes.random 1 6 6
    Gram.between (Shapes.random 2 500 6) mixing |> Array2D.map ((+) 3.0)

let private covariance (rows: float[,]) =
    let d = Array2D.length2 rows
    let means = Array.init d (fun c -> Array.average rows[*, c])

    Array2D.init d d (fun a b ->
        Array.init (Array2D.length1 rows) (fun s -> (rows[s, a] - means[a]) * (rows[s, b] - means[b]))
        |> Array.average)

[<Fact>]
let ``Rows that lie as the activations do have their covariance and no mean`` () =
    let rows = AllDirections.likeActivations activations 1 60_000
    let expected, found = covariance activations, covariance rows
    let scale = expected |> Seq.cast<float> |> Seq.map abs |> Seq.max

    expected
    |> Array2D.iteri (fun a b value -> Expect.near (0.03 * scale) value found[a, b])

    for c in 0..5 do
        Expect.near (0.03 * sqrt scale) 0.0 (Array.average rows[*, c])

    Assert.Equal<float[,]>(rows[0..9, *], AllDirections.likeActivations activations 1 10)

[<Fact>]
let ``Where activations fill a plane, what lies as they do lies in it`` () =
    let plane = Gram.between (Shapes.random 4 100 2) (Shapes.random 5 6 2)
    let rows = AllDirections.likeActivations plane 3 20
    let values = (Eigen.symmetric (Gram.ofRows rows).Products).Values
    Assert.True(values[1] > 1e-3 * values[0] && values[2] < 1e-9 * values[0])

[<Fact>]
let ``A dictionary agrees wholly with itself, in any order and length, and with random rows no more than chance`` () =
    let first = Matching.random 7 10 6

    let same =
        first
        |> Shapes.rowsAt (Shapes.permutation 1 10)
        |> Array2D.mapi (fun i _ x -> float (i + 1) * x)

    let found = AllDirections.agreement 1 99 activations first same
    Expect.near 1e-9 1.0 found.FoundAgain.Value
    Expect.near 1e-9 1.0 found.Paired.Value
    Assert.Equal((0.01, 0.01), (found.FoundAgain.P, found.Paired.P))

    let stranger = AllDirections.likeActivations activations 12345 10
    let chance = AllDirections.agreement 1 99 activations first stranger
    Assert.InRange(chance.FoundAgain.Value, chance.FoundAgain.NullLow, chance.FoundAgain.NullHigh)
    Assert.InRange(chance.FoundAgain.Value, chance.FoundInterval.Low, chance.FoundInterval.High)
    Assert.Equal(chance, AllDirections.agreement 1 99 activations first stranger)

[<Fact>]
let ``A smaller dictionary within a larger is found again whole`` () =
    let large = Matching.random 8 20 6
    let found = AllDirections.agreement 1 19 activations large[4..9, *] large
    Assert.Equal<int[]>([| 4..9 |], found.Nearest |> Array.map _.Partner)
    Expect.near 1e-9 1.0 found.FoundAgain.Value
    Assert.True((AllDirections.agreement 1 19 activations large large[4..9, *]).FoundAgain.Value < 0.99)

[<Fact>]
let ``Planting adds the directions, as often and as much as was said, and leaves the rest alone`` () =
    let options =
        { AllDirections.defaults with
            Directions = 1
            Frequency = 0.2
            Magnitude = 2.0
            Seed = 3
        }

    let before = Array2D.copy activations
    let planted = AllDirections.plant options activations
    Assert.Equal<float[,]>(before, activations)
    Expect.allNear 1e-12 [| 1.0 |] (Gram.norms planted.Added)

    let sizes =
        Array.init 500 (fun s ->
            let added = Array.init 6 (fun c -> planted.Activations[s, c] - activations[s, c])
            let size = Array.map2 (*) added planted.Added[0, *] |> Array.sum
            Expect.allNear 1e-9 added (planted.Added[0, *] |> Array.map ((*) size))
            size)

    let on = sizes |> Array.filter (fun size -> size > 1e-9)
    // Binomial(500, 0.2) has a standard deviation of 9.
    Assert.InRange(on.Length, 65, 135)

    let length =
        covariance activations
        |> fun c -> sqrt (Seq.sum (seq { for i in 0..5 -> c[i, i] }))

    Assert.InRange(Array.min on, length - 1e-9, 1.2 * length)
    Assert.InRange(Array.max on, 2.8 * length, 3.0 * length + 1e-9)

[<Fact>]
let ``A training that knows the directions brings all back, one that is blind none`` () =
    let options =
        { AllDirections.defaults with
            Directions = 12
            Draws = 99
        }

    let wide = Matching.random 1 200 40
    let planted = AllDirections.plant options wide

    let knowing =
        AllDirections.recover options wide (fun given ->
            Assert.Equal<float[,]>(planted.Activations, given)
            planted.Added)

    Assert.Equal((1.0, 0.0, 0.01), (knowing.CameBack.Mean, knowing.Decoys.Mean, knowing.MeanReturned.P))
    Assert.Equal<int[]>([| 0..11 |], knowing.Returned |> Array.map _.Partner)
    let blind = AllDirections.recover options wide (fun _ -> Matching.random 99 60 40)
    Assert.Equal((0.0, 0.0), (blind.CameBack.Mean, blind.Decoys.Mean))
    Assert.InRange(blind.MeanReturned.Value, blind.MeanReturned.NullLow, blind.MeanReturned.NullHigh)

[<Fact>]
let ``Lines through rows find the directions they come from`` () =
    let options = KnownAnswers.planting 1

    let found =
        AllDirections.recover options (Matching.random 3 1000 12) (KnownAnswers.lines 2 24)

    Assert.True(found.CameBack.Mean >= 0.75, string found.CameBack)
    Assert.Equal(0.0, found.Decoys.Mean)

[<Fact>]
let ``What does not fit is refused, all at once`` () =
    let problem =
        Assert.Throws<ArgumentException>(fun () ->
            AllDirections.plant
                { AllDirections.defaults with
                    Directions = 0
                    Frequency = 2.0
                    Magnitude = -1.0
                }
                activations
            |> ignore)

    for part in [ "0 directions"; "frequency is 2"; "magnitude is -1" ] do
        Assert.Contains(part, problem.Message)

    Assert.Throws<ArgumentException>(fun () ->
        AllDirections.agreement 1 9 activations (Array2D.zeroCreate 0 6) (Matching.random 1 2 6)
        |> ignore)
    |> ignore
