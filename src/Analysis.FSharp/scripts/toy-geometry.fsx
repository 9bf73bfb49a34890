// How do twenty equally important features share five dimensions? Train, then look at D_i as the features get sparser.
//   dotnet fsi src/Analysis.FSharp/scripts/toy-geometry.fsx
#load "load.fsx"

open Load

open Deedle
open Microsoft.ML
open Superposition
open Superposition.Analysis
open Superposition.Features
open Superposition.ToyModels

let ml = MLContext()

let train (p: float) =
    let world =
        ml.Data.SparseFeatures(SparseFeatureOptions(Features = 20, Density = PerFeature.All p, Seed = 1L))

    let options =
        ToyModelOptions(Dimensions = 5, Instances = 4, Seed = 2L, Steps = 4_000)

    let fitted = ml.Transforms.ToyModel("Activations", "Features", options).Fit world
    fitted.Model.W |> Array2D.map float

let trained = [| 1.0; 0.3; 0.1; 0.03 |] |> Array.map (fun p -> p, train p)

for p, W in trained do
    let features = Tables.features W
    let represented = Geometry.represented W
    printfn $"p = {p}: {represented.Length} of 20 features represented, D* = {Dimensionality.perFeature W:F2}"

    features.Columns[[ "Norm"; "Dimensionality"; "Interference" ]]
    |> Frame.take 5
    |> (fun frame -> frame.Print())

show
    "toy-geometry"
    "The sparser the features, the more of them share a dimension."
    [
        trained
        |> Array.map (fun (p, W) -> p, Dimensionality.ofWeights W)
        |> Charts.dimensionality
        |> Figure.captioned "Dᵢ of twenty features in five dimensions at four densities."
        trained
        |> Array.map (fun (p, W) -> $"p = {p}", W)
        |> Charts.gram
        |> Figure.captioned "WWᵀ at the same densities."
    ]
    []
