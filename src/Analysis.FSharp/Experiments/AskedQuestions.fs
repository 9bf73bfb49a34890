/// The questions of the list.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.AskedQuestions

/// All of them, in the order of the report.
let all (nulls: NullRecipe) : Question list =
    [
        AskedOfDirections.howMuch nulls
        AskedOfNeurons.monosemantic nulls "gate" "the gate, silu of its pre-activation"
        AskedOfNeurons.monosemantic nulls "value" "what the gate multiplies"
        AskedOfNeurons.monosemantic nulls "product" "what is written"
        AskedOfDirections.polytopes nulls
        AskedOfNeurons.spread nulls
        AskedOfDirections.agreement nulls
        AskedOfDirections.planted nulls
        AskedOfDirections.aligned nulls "neurons" "hidden layer" _.HiddenDictionary _.Neurons
        AskedOfDirections.aligned nulls "residual" "residual stream" _.Dictionary _.Directions
        AskedOfNeurons.smuggling nulls
    ]
