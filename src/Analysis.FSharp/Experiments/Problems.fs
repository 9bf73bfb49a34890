namespace Superposition.Analysis.Experiments

/// How a problem of the list stands here.
[<RequireQualifiedAccess>]
type ProblemState =
    /// An experiment of the catalog answers it.
    | Answered
    /// Toy models or small dictionaries could answer it.
    | Open
    /// It asks about a language model, or the weights of one.
    | NeedsLargerModel

    /// In words, for a table.
    member state.Words =
        match state with
        | Answered -> "answered"
        | Open -> "open"
        | NeedsLargerModel -> "needs a larger model"

/// A problem of Neel Nanda's list.
type Problem =
    {
        /// As the list has it, such as "4.7".
        Number: string
        /// The question, shortened.
        Title: string
        State: ProblemState
        /// The name of the experiment that answers it.
        Experiment: string option
    }

/// Neel Nanda, "200 Concrete Open Problems in Mechanistic Interpretability: Exploring Polysemanticity and Superposition" (2023).
[<RequireQualifiedAccess>]
module Problems =
    type private Reach =
        | Here
        | LargerModel

    let private titles =
        [
            "Does dropout on the hidden layer create a privileged basis in the ReLU output model?", Here
            "The absolute-value model with the variants of the ReLU output model: new motifs?", Here
            "Neuron superposition on a harder function, x²", Here
            "The ReLU output model with features of unequal sparsity", Here
            "Neuron superposition on functions of several variables: AND and OR of binary inputs", Here
            "Neuron superposition on max(x, y) of inputs in [0, 1]", Here
            "The ReLU output model with binary features", Here
            "The ReLU output model with discrete features: 1, 2 or 3", Here
            "The ReLU output model with features uniform on [0.5, 1]", Here
            "GELU in place of ReLU: just a smoother ReLU?", Here
            "A toy model in which GELU is really different from ReLU", Here
            "A toy model of classification with cross-entropy loss", Here
            "Neuron superposition with many more features to compute than outputs", Here
            "Neuron superposition through several layers of ReLU", Here
            "Superposition or polysemanticity of attention heads", Here
            "A model that must deal with simultaneous interference", Here
            "A toy model that learns a non-linear representation", Here
            "A network without a discrete number of features", Here
            "A network with a non-decomposable representation", Here
            "A task on which different runs learn different sets of features", Here
            "How do induction heads store some 50,000 token identities in 64 dimensions?", LargerModel
            "How does a previous-token head hand over the token's value?", LargerModel
            "How does the IOI circuit encode names and positions, and in how many dimensions?", LargerModel
            "Do absolute positional embeddings get dimensions of their own?", LargerModel
            "The geometric configurations of Toy Models in a real residual stream", LargerModel
            "Locally almost-orthogonal bases in a real model", LargerModel
            "Genre directions that make room for bottleneck superposition", LargerModel
            "A real model that deals with simultaneous interference", LargerModel
            "How is a polysemantic neuron of a one-layer language model disambiguated?", LargerModel
            "The same in a two-layer language model", LargerModel
            "All neurons that carry one feature of such a neuron: is it sparse?", LargerModel
            "That feature fully reverse engineered", LargerModel
            "An adversarial example made out of superposition", Here
            "The asymmetric superposition motif in the MLP of a one- or two-layer model", LargerModel
            "Is a linear probe for a simple feature sparse on the neurons of an MLP?", Here
            "Features shared by several neurons: probe against neuron", LargerModel
            "SoLU against GELU under the SoLU paper's measure of polysemanticity", LargerModel
            "Better measures of polysemanticity", Here
            "Does LayerNorm smuggle superposition through in SoLU models?", Here
            "SoLU and GELU models from the same initial weights: what differs?", Here
            "GELU against ReLU: which is more polysemantic?", Here
            "A language model with d_mlp = 100 d_model: does superposition vanish?", LargerModel
            "A study of T5 XXL and its very wide MLPs", LargerModel
            "Freeze all but one MLP, make it ten times wider, and train on", Here
            "Take an open question of Toy Models and push it further", Here
        ]

    /// The 45 problems, as a list of experiments leaves them.
    let among (experiments: Experiment list) : Problem list =
        titles
        |> List.mapi (fun i (title, reach) ->
            let number = $"4.{i + 1}"

            let answer =
                experiments
                |> List.tryFind (fun experiment -> List.contains number experiment.Answers)

            {
                Number = number
                Title = title
                State =
                    match answer, reach with
                    | Some _, _ -> ProblemState.Answered
                    | None, Here -> ProblemState.Open
                    | None, LargerModel -> ProblemState.NeedsLargerModel
                Experiment = answer |> Option.map _.Name
            })

    /// The 45 problems in their order.
    let all: Problem list = among Catalog.all
