namespace Superposition.Analysis

/// Asymmetric superposition with inhibition. One neuron stores two features: it reads one strongly and writes it weakly,
/// reads the other weakly and writes it strongly. Alone, the first would appear in the output of the second; other neurons
/// that the first drives too write the second negatively, and the output ReLU cuts what is below zero.
type AsymmetricMotif =
    {
        /// The neuron that stores both.
        Neuron: int
        /// a, the feature with the greater encoder weight.
        Strong: int
        /// b, the feature with the smaller encoder weight and the greater decoder weight: it suffers the interference.
        Weak: int
        /// |e_a / e_b|; 4 for the paper's W₁ = [2, −1/2].
        Asymmetry: float
        /// |e_a| d_b > 0: what the neuron adds to the output of b when a is at 1 (with the sign of e_a).
        Interference: float
        /// The other neurons that a, with the same sign, drives and that write b negatively, ascending.
        Inhibitors: int[]
        /// Σ |e_a| d_b ≤ 0 over the inhibitors.
        Inhibition: float
    }

    /// Interference + inhibition: what is left of a in the output of b; negative where it is overdone, at no cost.
    member motif.Remaining = motif.Interference + motif.Inhibition

    /// Whether no more than a tenth of the interference is left: trained models stop about where nothing is.
    member motif.IsInhibited = motif.Remaining <= 0.1 * motif.Interference

/// Patterns in the weights of one hidden layer, y = ReLU(D h + b) with h = ReLU(Eᵀx). Both matrices are [n, m], row i is
/// feature i and column j is neuron j. All is measured by products of an encoder and a decoder weight of one neuron, so
/// that a neuron's scale (encoder · α, decoder / α) and the order of features and neurons change nothing.
/// Toy Models of Superposition, "The Asymmetric Superposition Motif".
[<RequireQualifiedAccess>]
module Motifs =
    /// The two features of a motif are returned alike, within this factor: the weights are reciprocal.
    [<Literal>]
    let Balance = 2.0

    /// An inhibitor takes away at least this share of the interference.
    [<Literal>]
    let InhibitingShare = 0.1

    /// Each neuron scaled so that its greatest |encoder weight| is 1, its decoder weights by the inverse: the same model,
    /// in the form in which neurons can be compared. A neuron without encoder weights stays as it is.
    let normalised (encoder: float[,]) (decoder: float[,]) : float[,] * float[,] =
        let scales =
            Array.init (Array2D.length2 encoder) (fun j ->
                match encoder[*, j] |> Array.map abs |> Array.fold max 0.0 with
                | 0.0 -> 1.0
                | greatest -> greatest)

        encoder |> Array2D.mapi (fun _ j e -> e / scales[j]), decoder |> Array2D.mapi (fun _ j d -> d * scales[j])

    /// The neurons that carry exactly two features (see NeuronCode) with reciprocal weights, |e_a / e_b| at least the given asymmetry
    /// (above 1; the paper's is 4), and what inhibits them. The decoder weights of both are positive.
    let asymmetric (asymmetry: float) (encoder: float[,]) (decoder: float[,]) : AsymmetricMotif list =
        let returned = NeuronCode.returned encoder decoder
        let code = NeuronCode.ofWeights encoder decoder
        let m = code.Carried.Length

        if not (asymmetry > 1.0) then
            invalidArg (nameof asymmetry) $"The asymmetry is {asymmetry}; it must be above 1."

        /// What neuron j adds to output b when a, with the given sign, is at 1.
        let through j sign a b =
            max 0.0 (sign * encoder[a, j]) * decoder[b, j]

        let inhibitors neuron sign a b interference =
            [|
                for j in 0 .. m - 1 do
                    let effect = through j sign a b

                    if j <> neuron && effect <= -InhibitingShare * interference then
                        j, effect
            |]

        [
            for j in 0 .. m - 1 do
                match code.Carried[j] |> Array.sortByDescending (fun i -> abs encoder[i, j]) with
                | [| a; b |] when
                    max returned[a, j] returned[b, j] <= Balance * min returned[a, j] returned[b, j]
                    && abs encoder[a, j] >= asymmetry * abs encoder[b, j]
                    ->
                    let sign = float (sign encoder[a, j])
                    let interference = through j sign a b
                    let found = inhibitors j sign a b interference

                    {
                        Neuron = j
                        Strong = a
                        Weak = b
                        Asymmetry = abs (encoder[a, j] / encoder[b, j])
                        Interference = interference
                        Inhibitors = Array.map fst found
                        Inhibition = Array.sumBy snd found
                    }
                | _ -> ()
        ]
