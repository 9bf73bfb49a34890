namespace Superposition.Analysis

/// What the latents of a hidden layer's dictionary put on its neurons.
[<RequireQualifiedAccess>]
module CarriedFeatures =
    /// [neurons, k] mean of z_i over the places where latent i fires, times d_ij: what the feature adds to each neuron when it is there, with its
    /// sign. directions: [m, neurons]; codes: of m latents; latents: [k] those that are asked about, each of which fires somewhere.
    let contributions (directions: float[,]) (codes: SparseCodes) (latents: int[]) : float[,] =
        let byLatent = codes.Transposed()

        let strengths =
            latents
            |> Array.map (fun latent ->
                match byLatent.ValuesOf latent with
                | values when values.Length = 0 ->
                    invalidArg (nameof latents) $"Latent {latent} fires nowhere; leave it out."
                | values ->
                    let mutable sum = 0.0

                    for value in values do
                        sum <- sum + float value

                    sum / float values.Length)

        Array2D.init (Array2D.length2 directions) latents.Length (fun j i -> strengths[i] * directions[latents[i], j])

    /// [units] The columns of each row that reach half of its greatest magnitude, the greatest first: the features that a neuron carries, or of the
    /// transpose the neurons that carry a feature. None for a row of zeros. The threshold is Polysemanticity.HalfMaximum.
    let carried (contributions: float[,]) : int[][] =
        Array.init (Array2D.length1 contributions) (fun unit ->
            let row = contributions[unit, *] |> Array.map abs

            match Array.fold max 0.0 row with
            | 0.0 -> [||]
            | greatest ->
                Array.init row.Length id
                |> Array.filter (fun i -> row[i] >= Polysemanticity.HalfMaximum * greatest)
                |> Array.sortByDescending (fun i -> row[i]))
