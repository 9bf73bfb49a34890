namespace Superposition.Analysis.Experiments

open Superposition.Analysis
open Superposition.Features
open Superposition.ToyModels

/// The toy that stands beside a language model: the same features squeezed through a bottleneck, and through a hidden layer.
type ToySubjectRecipe =
    {
        Features: int
        /// Of the bottleneck.
        Dimensions: int
        /// Of the hidden layer.
        Neurons: int
        /// Importance of feature i is its power i in the hidden layer, which without an order gives no feature a neuron of its own; in the
        /// bottleneck all are alike.
        Importance: float
        Density: float
        Steps: int
        Seed: int64
        /// Rows that autoencoders are trained on.
        Rows: int
        /// Rows of another stream, which everything is measured on.
        HeldOut: int
        Dictionary: DictionaryRecipe
    }

/// A toy as it is asked, and what is true of it.
type internal ToySubject =
    {
        Subject: Subject
        /// [n, d] where each feature lies in the bottleneck.
        Directions: float[,]
        /// [n, neurons] its weights in the hidden layer.
        Neurons: float[,]
    }

[<RequireQualifiedAccess>]
module internal ToySubject =
    /// Rows that labels may be exchanged among; rows of a toy know nothing of each other.
    [<Literal>]
    let private Window = 256

    let private train settings (recipe: ToySubjectRecipe) dimensions architecture importance : ToyModel =
        let cell =
            ToyModelOptions(
                Dimensions = dimensions,
                Architecture = architecture,
                Importance = importance,
                Seed = recipe.Seed,
                Steps = recipe.Steps,
                HistoryEvery = recipe.Steps
            )
            |> Toys.cell (Toys.world recipe.Features recipe.Density recipe.Seed)

        let cells = Toys.train "toy" None settings [ cell ]
        cells[0].Best

    /// 1 + the strongest feature of each row; 0 where none is on.
    let private strongest (rows: float[,]) =
        Array.init (Array2D.length1 rows) (fun r ->
            let row = rows[r, *]
            let greatest = Array.max row

            if greatest = 0.0 then
                0
            else
                1 + System.Array.IndexOf(row, greatest))

    let measure (settings: RunSettings) (recipe: ToySubjectRecipe) : ToySubject =
        let bottleneck =
            train settings recipe recipe.Dimensions ToyArchitecture.ReluOutput (PerFeature.All 1.0)

        let hidden =
            train settings recipe recipe.Neurons ToyArchitecture.ReluHidden (PerFeature.Powers recipe.Importance)

        let rows count seed =
            Toys.rows count (Toys.world recipe.Features recipe.Density seed)

        let trained, heldOut =
            rows recipe.Rows (recipe.Seed + 1L), rows recipe.HeldOut (recipe.Seed + 2L)

        let answers (model: ToyModel) rows = (Responses.answers rows model).Hidden
        let dictionary = Dictionaries.train settings recipe.Dictionary

        let ofBottleneck =
            answers bottleneck trained
            |> Array2D.map float32
            |> dictionary "toy, bottleneck" recipe.Dictionary.Seeds

        let ofHidden =
            answers hidden trained
            |> Array2D.map float32
            |> dictionary "toy, hidden layer" recipe.Dictionary.Seeds[..0]
            |> Array.head

        let residual, active = answers bottleneck heldOut, answers hidden heldOut

        let live autoencoder (values: float[,]) =
            values
            |> Array2D.map float32
            |> Dictionaries.evaluate settings autoencoder
            |> Dictionaries.live autoencoder

        let writes = Toys.decoder hidden |> Gram.transposed |> Gram.norms

        {
            Directions = Toys.weights bottleneck
            Neurons = Toys.weights hidden
            Subject =
                {
                    Residual = residual
                    Dictionary = live ofBottleneck[0] residual
                    Second = ofBottleneck[1].Decoder |> Array2D.map float
                    Hidden = active
                    HiddenDictionary = live ofHidden active
                    Effects =
                        writes
                        |> Array.mapi (fun j write -> write * (active[*, j] |> Array.averageBy abs))
                    Layers =
                        [
                            {
                                Name = "hidden"
                                Activations = active
                            }
                        ]
                    Labels = strongest heldOut
                    Window = Window
                    Train = Dictionaries.directions settings recipe.Dictionary "toy, planted directions"
                }
                |> Subject.withoutSilent
        }
