using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// Random directions, uniform on the sphere; encoder and decoder are the same. What chance finds: they are those that an autoencoder of
/// the same m and seed begins its training with.
/// </summary>
public sealed record RandomDictionary : DictionaryBaseline
{
    internal override (Tensor Encoder, Tensor Decoder) Directions(CentredRows rows)
    {
        var directions = tensor(SparseAutoencoderParameters.Directions(Latents, rows.Dimensions, 1, Seed), Latents, rows.Dimensions);
        return (directions, directions);
    }
}
