namespace Superposition.Analysis.Experiments

open Superposition.Analysis

/// Neurons of a layer as they are read.
type internal NeuronLayer =
    {
        /// "gate", "value", "product"; a toy has one.
        Name: string
        /// [N, neurons].
        Activations: float[,]
    }

/// What the questions are asked of: a language model at a block, or a toy whose answers are known.
type internal Subject =
    {
        /// [N, d] of the residual stream, or of a toy's bottleneck.
        Residual: float[,]
        /// [m, d] the live directions of its dictionary.
        Dictionary: float[,]
        /// The same of another seed.
        Second: float[,]
        /// [N, neurons] what a hidden layer writes; silent neurons left out.
        Hidden: float[,]
        /// [m, neurons] the live directions of its dictionary.
        HiddenDictionary: float[,]
        /// [neurons] mean |activation|, over whatever a last norm divides by, times what a unit of it does to the outputs.
        Effects: float[]
        /// Every layer of neurons that can be read; the first where another subject has none of a name.
        Layers: NeuronLayer list
        /// [N] what a row is of, from 0: its token, or its strongest feature.
        Labels: int[]
        /// Rows that hang together; such groups can be exchanged.
        Window: int
        /// Trains a dictionary [m, d] on other rows as Dictionary was.
        Train: float[,] -> float[,]
    }

[<RequireQualifiedAccess>]
module internal Subject =
    /// [neurons] mean |activation|.
    let activations (subject: Subject) : float[] =
        Array.init (Array2D.length2 subject.Hidden) (fun j -> subject.Hidden[*, j] |> Array.averageBy abs)

    /// Rows that are enough for a covariance, and few enough to plant in and train on again.
    let few (subject: Subject) : float[,] =
        subject.Residual[.. min 16_384 (Array2D.length1 subject.Residual) - 1, *]

    /// The subject without the neurons that never speak, about which nothing can be asked.
    let withoutSilent (subject: Subject) : Subject =
        let speaking =
            activations subject
            |> Array.indexed
            |> Array.filter (fun (_, mean) -> mean > 0.0)
            |> Array.map fst

        let kept (rows: float[,]) =
            Array2D.init (Array2D.length1 rows) speaking.Length (fun r j -> rows[r, speaking[j]])

        { subject with
            Hidden = kept subject.Hidden
            HiddenDictionary = kept subject.HiddenDictionary |> Questions.RandomDictionary.unit
            Effects = speaking |> Array.map (fun j -> subject.Effects[j])
        }
