namespace Superposition.Analysis

/// Which neurons of a layer carry which features.
type NeuronCode =
    {
        /// [m] The features that each neuron carries, ascending; none for a silent neuron.
        Carried: int[][]
        /// [n] How many neurons carry each feature; 0 for one that is not represented.
        Carriers: int[]
        /// Features that polysemantic neurons carry and no monosemantic one does, ascending: those in superposition.
        Shared: int[]
    }

    /// [m] Whether a neuron carries one feature and no other.
    member code.IsMonosemantic =
        code.Carried |> Array.map (fun features -> features.Length = 1)

    /// How many neurons carry one feature.
    member code.Monosemantic = code.IsMonosemantic |> Array.filter id |> Array.length

    /// How many neurons carry two features or more.
    member code.Polysemantic =
        code.Carried
        |> Array.filter (fun features -> features.Length > 1)
        |> Array.length

    /// How many features some neuron carries.
    member code.Represented =
        code.Carriers |> Array.filter (fun carriers -> carriers > 0) |> Array.length

/// What neurons carry, by what they return: of feature i at 1, neuron j of y = ReLU(D h + b), h = ReLU(Eᵀx) puts |e_ij| d_ij
/// into output i (with the sign of e_ij). Both matrices are [n, m]. A neuron's scale (encoder · α, decoder / α) changes nothing.
/// Toy Models of Superposition, "Superposition in a Privileged Basis" and "Computation in Superposition".
[<RequireQualifiedAccess>]
module NeuronCode =
    /// A neuron carries a feature when it returns at least this share of what it returns of its greatest. In a tied model
    /// that is half of its greatest weight, as Polysemanticity.HalfMaximum has it.
    [<Literal>]
    let CarriedShare = 0.25

    /// A neuron that returns less than this of every feature is silent; one that stores a feature whole returns 1.
    [<Literal>]
    let SilentReturn = 0.05

    /// [n, m] max(0, |e_ij| d_ij), what neuron j returns of feature i.
    let returned (encoder: float[,]) (decoder: float[,]) : float[,] =
        let n, m = Array2D.length1 encoder, Array2D.length2 encoder

        if (Array2D.length1 decoder, Array2D.length2 decoder) <> (n, m) then
            invalidArg
                (nameof decoder)
                $"The encoder is [{n}, {m}], the decoder [{Array2D.length1 decoder}, {Array2D.length2 decoder}]; both must be features × neurons."

        encoder |> Array2D.mapi (fun i j e -> max 0.0 (abs e * decoder[i, j]))

    /// Who carries what in an untied model.
    let ofWeights (encoder: float[,]) (decoder: float[,]) : NeuronCode =
        let returned = returned encoder decoder
        let n = Array2D.length1 returned

        let carried =
            Array.init (Array2D.length2 returned) (fun j ->
                match Array.fold max 0.0 returned[*, j] with
                | greatest when greatest < SilentReturn -> [||]
                | greatest ->
                    [| 0 .. n - 1 |]
                    |> Array.filter (fun i -> returned[i, j] >= CarriedShare * greatest))

        let isAlone =
            let alone =
                carried |> Array.filter (fun features -> features.Length = 1) |> Array.concat

            fun i -> Array.contains i alone

        let carriers = Array.zeroCreate n

        for i in Array.concat carried do
            carriers[i] <- carriers[i] + 1

        {
            Carried = carried
            Carriers = carriers
            Shared = [| 0 .. n - 1 |] |> Array.filter (fun i -> carriers[i] > 0 && not (isAlone i))
        }

    /// Who carries what in a tied model, y = ReLU(W ReLU(Wᵀx) + b), whose inputs are not negative.
    let ofTied (W: float[,]) : NeuronCode = ofWeights W W
