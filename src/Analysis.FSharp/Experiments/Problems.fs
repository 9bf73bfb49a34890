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
        /// What a model larger than the one at hand would be needed for; None where toys tell all that is asked.
        Needs: string option
    }

/// Neel Nanda, "200 Concrete Open Problems in Mechanistic Interpretability: Exploring Polysemanticity and Superposition" (2023).
[<RequireQualifiedAccess>]
module Problems =
    type private Reach =
        | Here
        /// What it would be needed for.
        | LargerModel of string

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
            "How do induction heads store some 50,000 token identities in 64 dimensions?",
            LargerModel "induction heads over a vocabulary of 50,000, as GPT-2 small has"
            "How does a previous-token head hand over the token's value?",
            LargerModel
                "a previous-token head that feeds an induction head, in a model of two layers or more trained on common text"
            "How does the IOI circuit encode names and positions, and in how many dimensions?",
            LargerModel "a model that does indirect object identification, as GPT-2 small does"
            "Do absolute positional embeddings get dimensions of their own?",
            LargerModel "learned absolute positions, as GPT-2 has: a rotary model adds none to its residual stream"
            "The geometric configurations of Toy Models in a real residual stream",
            LargerModel
                "more features than 64 dimensions can keep as near to exact shapes, and the sparser ones of common text"
            "Locally almost-orthogonal bases in a real model",
            LargerModel "texts of several kinds, whose features come in groups: stories for children are one"
            "Genre directions that make room for bottleneck superposition",
            LargerModel "a model trained on several genres or languages"
            "A real model that deals with simultaneous interference",
            LargerModel
                "features known well enough to say when two of one neuron are on, as in a model with a public dictionary"
            "How is a polysemantic neuron of a one-layer language model disambiguated?",
            LargerModel
                "one layer, which writes to the logits alone, and the rare words and topics that neurons of models of common text mix"
            "The same in a two-layer language model", LargerModel "two layers, whose second reads what the first wrote"
            "All neurons that carry one feature of such a neuron: is it sparse?",
            LargerModel "hidden layers of thousands of neurons, where a tenth of them is not yet a handful"
            "That feature fully reverse engineered",
            LargerModel "attention heads that can be read, and a feature of meaning rather than of one token"
            "An adversarial example made out of superposition", Here
            "The asymmetric superposition motif in the MLP of a one- or two-layer model",
            LargerModel "an MLP without a gate, as the toy has: SwiGLU reads by two matrices"
            "Is a linear probe for a simple feature sparse on the neurons of an MLP?",
            LargerModel "features of meaning; here they are of spelling and grammar"
            "Features shared by several neurons: probe against neuron",
            LargerModel "features of meaning, such as the languages and topics that public neuron pages show"
            "SoLU against GELU under the SoLU paper's measure of polysemanticity",
            LargerModel "language models trained alike with SoLU and with GELU"
            "Better measures of polysemanticity", Here
            "Does LayerNorm smuggle superposition through in SoLU models?", Here
            "SoLU and GELU models from the same initial weights: what differs?", Here
            "GELU against ReLU: which is more polysemantic?", Here
            "A language model with d_mlp = 100 d_model: does superposition vanish?",
            LargerModel "a language model trained with a hidden layer a hundred times as wide as its residual stream"
            "A study of T5 XXL and its very wide MLPs", LargerModel "T5 XXL itself, of 11 billion parameters"
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
                    | None, LargerModel _ -> ProblemState.NeedsLargerModel
                Experiment = answer |> Option.map _.Name
                Needs =
                    match reach with
                    | Here -> None
                    | LargerModel needs -> Some needs
            })

    /// The 45 problems in their order.
    let all: Problem list = among Catalog.all
