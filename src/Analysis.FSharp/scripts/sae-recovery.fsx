// A whole pipeline from F#, without casts: world → toy model → autoencoder; then, how many features came back?
//   dotnet fsi src/Analysis.FSharp/scripts/sae-recovery.fsx
#load "load.fsx"

open Load

open Deedle
open Microsoft.ML
open Superposition
open Superposition.Analysis
open Superposition.Autoencoders
open Superposition.Features
open Superposition.ToyModels
open Superposition.Training

let ml = MLContext()

let world =
    ml.Data.SparseFeatures(
        SparseFeatureOptions(Features = 32, Density = PerFeature.All 0.03, Rows = 100_000_000L, Seed = 1L)
    )

let toy = ToyModelOptions(Dimensions = 16, Seed = 2L, Steps = 4_000)

let sae =
    TopKOptions(Latents = 32, K = 2, Seed = 3L, Samples = 1_000_000L, Optimizer = AdamWOptions(LearningRate = 1e-3))

let chain =
    ml.Transforms
        .ToyModel("Activations", "Features", toy)
        .Append(ml.Transforms.SparseAutoencoder("Latents", "Activations", sae))
        .Fit
        world

let truth =
    chain
    |> Seq.pick (function
        | :? ToyModelTransformer as toy -> Some toy.Model.W
        | _ -> None)

let dictionary = chain.LastTransformer.Autoencoder.Decoder

let recovery =
    Recovery.measure Recovery.defaults (truth |> Array2D.map float) (dictionary |> Array2D.map float)

printfn
    $"mean max cosine {recovery.FeaturesFound:F3}, {recovery.Recovered:P0} of the features recovered (cosine ≥ {recovery.Threshold})"

(Tables.recovery recovery |> Frame.take 8).Print()

show
    "sae-recovery"
    $"{recovery.Recovered:P0} of 32 features in 16 dimensions come back with a cosine of 0.9 or more."
    [
        Charts.histogram
            "cosine of a feature to its assigned latent"
            20
            [| "features", recovery.Assigned |> Array.choose id |> Array.map _.Cosine |]
        |> Figure.captioned "How close each feature's latent comes to it."
    ]
    [ Tables.recovery recovery |> Table.ofFrame "Feature by feature." 32 ]
