module Superposition.Analysis.Tests.SubjectTests

open Superposition.Analysis
open Superposition.Analysis.Experiments
open Xunit

let private subject (hidden: float[,]) (dictionary: float[,]) : Subject =
    {
        Residual = Array2D.init 20_000 2 (fun r c -> float (r + c))
        Dictionary = array2D [ [ 1.0; 0.0 ] ]
        Second = array2D [ [ 0.0; 1.0 ] ]
        Hidden = hidden
        HiddenDictionary = dictionary
        Effects = Array.init (Array2D.length2 hidden) float
        Layers = []
        Labels = [||]
        Window = 4
        Train = id
    }

[<Fact>]
let ``Silent neurons leave the hidden layer, its dictionary and its effects together`` () =
    let hidden = array2D [ [ 1.0; 0.0; -2.0 ]; [ 3.0; 0.0; 0.0 ] ]
    // The second direction lies on the silent neuron alone, and is none without it.
    let dictionary = array2D [ [ 3.0; 9.0; 4.0 ]; [ 0.0; 1.0; 0.0 ] ]
    let kept = subject hidden dictionary |> Subject.withoutSilent

    Assert.Equal(array2D [ [ 1.0; -2.0 ]; [ 3.0; 0.0 ] ], kept.Hidden)
    Assert.Equal(array2D [ [ 0.6; 0.8 ] ], kept.HiddenDictionary)
    Assert.Equal<float[]>([| 0.0; 2.0 |], kept.Effects)
    Assert.Equal<float[]>([| 2.0; 1.0 |], Subject.activations kept)

[<Fact>]
let ``Few rows are the first`` () =
    let few = subject (array2D [ [ 1.0 ] ]) (array2D [ [ 1.0 ] ]) |> Subject.few
    Assert.Equal(16_384, Array2D.length1 few)
    Assert.Equal(16_383.0, few[16_383, 0])

/// The quickest of recipes that has two of everything.
let private toy: ToySubjectRecipe =
    {
        Features = 12
        Dimensions = 4
        Neurons = 8
        Importance = 0.9
        Density = 0.1
        Steps = 300
        Seed = 3L
        Rows = 2048
        HeldOut = 512
        Dictionary =
            {
                Latents = 12
                L0 = 1.2
                Samples = 20_000L
                LearningRate = 1e-3
                Seeds = [| 1L; 2L |]
            }
    }

[<Fact>]
let ``A toy is asked on rows whose strongest feature is their label`` () =
    let settings =
        { Trial.settings "" Quick with
            Cancellation = TestContext.Current.CancellationToken
        }

    let measured = ToySubject.measure settings toy
    let found = measured.Subject
    let rows = Toys.world 12 0.1 (toy.Seed + 2L) |> Toys.rows 512

    for r in 0..511 do
        match found.Labels[r] with
        | 0 -> Assert.Equal(0.0, Array.max rows[r, *])
        | label -> Assert.Equal(Array.max rows[r, *], rows[r, label - 1])

    // The bottleneck is linear: each activation is what the features on it point to.
    let expected = Gram.between rows (Gram.transposed measured.Directions)
    Assert.Equal((512, 4), (Array2D.length1 found.Residual, Array2D.length2 found.Residual))

    for r in 0..511 do
        for c in 0..3 do
            Assert.Equal(expected[r, c], found.Residual[r, c], 1e-4)

    // Neurons do not fire below 0, and those that never do are left out.
    Assert.True(found.Hidden |> Seq.cast<float> |> Seq.forall (fun a -> a >= 0.0))
    Assert.True(Subject.activations found |> Array.forall (fun mean -> mean > 0.0))
    Assert.Equal(Array2D.length2 found.Hidden, found.Effects.Length)
    Assert.Equal(found.Effects.Length, Array2D.length2 found.HiddenDictionary)
