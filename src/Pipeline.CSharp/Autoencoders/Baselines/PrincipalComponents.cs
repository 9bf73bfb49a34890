using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// PCA: the directions of largest variance, at right angles to one another, largest first; encoder and decoder are the same. With k = d it
/// reconstructs all there is. What a dictionary finds beyond it owes to more than variance: where features have equal ones, any rotation of
/// them is as principal.
/// </summary>
public sealed record PrincipalComponents : ComponentBaseline
{
    internal override (Tensor Encoder, Tensor Decoder) Components(CentredRows rows, int count)
    {
        var directions = PrincipalAxes.Of(rows).Directions.narrow(0, 0, count);
        return (directions, directions);
    }
}
