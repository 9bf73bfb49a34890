module Superposition.Analysis.Tests.FeatureChartsTests

open System
open Superposition.Analysis
open Superposition.Analysis.Tests.Drawn
open Xunit

[<Fact>]
let ``Every model has W Wᵀ and, on the same rows, a bar a feature as long as it and coloured by its interference`` () =
    // Row 2 is dropped; rows 0 and 1 lie opposite, each at 1 in the other's direction.
    let pair = array2D [ [ 1.0; 0.0 ]; [ -1.0; 0.0 ]; [ 0.0; 0.0 ] ]
    let figure = Charts.featureBars [| "sparse", pair; "dense", Shapes.triangle |]
    let maps, bars = ofType "heatmap" figure, ofType "bar" figure
    Assert.Equal((2, 2), (maps.Length, bars.Length))
    Assert.Equal<float[]>([| -1.0; 1.0; 0.0 |], (get "z" maps[0] |> items)[1] |> numbers)
    Assert.Equal<float[]>([| 1.0; 1.0; 0.0 |], get "x" bars[0] |> numbers)
    Assert.Equal<float[]>([| 1.0; 1.0; 0.0 |], get "marker" bars[0] |> get "color" |> numbers)

    // Σ_{j≠i}(Ŵ_i·W_j)² of the triangle is 2·(1/2)²; the colour is its root.
    Expect.allNear 1e-4 (Array.create 3 (sqrt 0.5)) (get "marker" bars[1] |> get "color" |> numbers)

    for panel in 0..1 do
        Assert.Equal(get "yaxis" maps[panel] |> words, get "yaxis" bars[panel] |> words)

    Assert.Equal<bool[]>(
        [| false; true |],
        bars
        |> Array.map (fun bar -> (get "marker" bar |> get "showscale").GetBoolean())
    )

[<Fact>]
let ``Interference beyond 1 takes the colour of 1`` () =
    let alike = Array2D.init 5 1 (fun _ _ -> 1.0)
    let bar = ofType "bar" (Charts.featureBars [| "p = 1", alike |]) |> Array.exactlyOne
    Assert.Equal<float[]>(Array.create 5 1.0, get "marker" bar |> get "color" |> numbers)

/// [features, neurons] Neuron 0 speaks for features 1 and 2, neuron 1 for feature 0 alone.
let private neurons = array2D [ [ 0.0; 1.5 ]; [ 0.5; 0.0 ]; [ -2.0; 0.0 ] ]

[<Fact>]
let ``Neurons of one feature stand first, and every neuron's boxes are its weights, the largest at the bottom`` () =
    let ranks =
        Charts.neuronBars [| "p = 0.1", neurons, [| false; true |] |] |> ofType "bar"

    Assert.Equal<float[][]>(
        [| [| 1.5; 2.0 |]; [| 0.0; 0.5 |]; [| 0.0; 0.0 |] |],
        ranks |> Array.map (get "y" >> numbers)
    )

    Assert.Equal<string[]>([| "0"; "2" |], get "text" ranks[0] |> items |> Array.map words)
    Assert.Equal("neuron 0, feature 2, 2", (get "hovertext" ranks[0] |> items)[1] |> words)

[<Fact>]
let ``What is beyond the twelfth box of a neuron is one box, so that the stack is as high as all weights`` () =
    let W = Array2D.init 30 1 (fun i _ -> 1.0 / float (i + 1))
    let ranks = Charts.neuronBars [| "p = 1", W, [| false |] |] |> ofType "bar"
    Assert.Equal(13, ranks.Length)

    let height = ranks |> Array.sumBy (fun rank -> (get "y" rank |> numbers)[0])
    Expect.near 1e-3 (Seq.cast<float> W |> Seq.sum) height

[<Fact>]
let ``Both kinds of neuron are in the legend once, with shapes of their own`` () =
    let panel title = title, neurons, [| true; true |]

    let marks =
        Charts.neuronBars [| panel "p = 1"; panel "p = 0.1" |]
        |> ofType "scatter"
        |> Array.filter (fun mark -> (get "showlegend" mark).GetBoolean())

    Assert.Equal<string[]>([| "monosemantic neuron"; "polysemantic neuron" |], marks |> Array.map (get "name" >> words))

    Assert.Equal<string[]>([| "circle"; "diamond" |], marks |> Array.map (get "marker" >> get "symbol" >> words))

[<Fact>]
let ``Neurons and what is said of them must be as many`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () -> Charts.neuronBars [| "p = 1", neurons, [| true |] |] |> ignore)

    Assert.Contains("W is [3, 2], features by neurons; 1 neurons are said", error.Message)
