namespace Superposition.Analysis.Experiments

open Superposition.Analysis

/// The neuron of a block that most features are written in, and these features: latents of its hidden layer's dictionary.
type internal PolysemanticNeuron =
    {
        Neuron: int
        /// Latents that it carries, those on most often first.
        Features: int[]
        /// [m][…] rows on which each latent of the dictionary is on.
        On: int[][]
    }

[<RequireQualifiedAccess>]
module internal PolysemanticNeuron =
    /// A neuron carries a feature when it is among so many with most of it.
    [<Literal>]
    let Carriers = 3

    /// Rows on which a feature must be on to be looked at: enough for two halves.
    [<Literal>]
    let Rows = 60

    /// Latents that are on often enough.
    let private often (on: int[][]) =
        [| 0 .. on.Length - 1 |]
        |> Array.filter (fun latent -> on[latent].Length >= Rows)

    /// [neurons] all of them, those with most of a feature first.
    let carriersOf (block: BlockOfModel) (feature: int) : int[] =
        [| 0 .. Array2D.length2 block.Hidden.Directions - 1 |]
        |> Array.sortByDescending (fun j -> abs block.Hidden.Directions[feature, j])

    /// By rule: the neuron that carries most features, the first of equals.
    let ofBlock (block: BlockOfModel) : PolysemanticNeuron =
        let on = BlockOfModel.rowsOf block.Hidden

        let neuron, features =
            often on
            |> Array.collect (fun i -> (carriersOf block i)[.. Carriers - 1] |> Array.map (fun j -> j, i))
            |> Array.groupBy fst
            |> Array.sortBy fst
            |> Array.maxBy (fun (_, features) -> features.Length)

        {
            Neuron = neuron
            Features = features |> Array.map snd |> Array.sortByDescending (fun i -> on[i].Length)
            On = on
        }
