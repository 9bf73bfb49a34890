using System.Text;
using System.Text.Json;
using Superposition.Autoencoders;
using Superposition.Storage;
using Superposition.Tests.Autoencoders;
using Superposition.Tests.Storage;

namespace Superposition.Tests.Hostile;

/// <summary>Autoencoders of others: what their files say and what their weights are must agree.</summary>
static class AutoencoderFormats
{
    /// <summary>params.npz, each of whose arrays is damaged by itself.</summary>
    public static FuzzedFormat GemmaScope => new("params.npz",
        [
            ZipDamage.Of(
                ("W_enc.npy", Array(4, 6)), ("b_enc.npy", Array(6)), ("W_dec.npy", Array(6, 3)), ("b_dec.npy", Array(3)), ("threshold.npy", Array(6))),
        ],
        bytes => GemmaScopeFile.Read(new MemoryStream(bytes), "x"), ReasonOf);

    /// <summary>A folder of SAELens whose configuration is damaged; before it stands which of the weights lie beside it.</summary>
    public static FuzzedFormat SaeLens
    {
        get
        {
            var (damages, weights) = (new List<Damage>(), new List<SafetensorsFile>());
            foreach (var form in AnyAutoencoder.Forms.Values)
            {
                string architecture;
                try
                {
                    architecture = SaeLensWriting.ArchitectureOf("x", form);
                }
                catch (SparseAutoencoderFileException)
                {
                    continue;   // it has no name there
                }
                var text = JsonSerializer.Serialize(SaeLensWriting.Config(architecture, form));
                var index = (byte)weights.Count;
                damages.AddRange([TextDamage.Of(text, json => [index, .. json]), ByteDamage.Of([index, .. Encoding.UTF8.GetBytes(text)])]);
                weights.Add(SafetensorsTests.Read(SafetensorsTests.Write(SaeLensWriting.Tensors(architecture, form))));
            }
            return new("SAELens", damages, bytes =>
            {
                var beside = weights[bytes.Length == 0 ? 0 : bytes[0] % weights.Count];
                var config = SaeLensConfig.Of(FormatConfig.Read(new MemoryStream(bytes, Math.Min(1, bytes.Length), Math.Max(0, bytes.Length - 1)), "x"));
                var tensors = new FormatTensors("x", beside);
                var read = SaeLensReading.Of(config, tensors);
                tensors.EnsureNoneLeft(config.Architecture);
                tensors.Finite(config.RescalesByNorm ? SaeLensReading.Folded(read) : read);
            }, ReasonOf);
        }
    }

    static Damage Array(params int[] shape) => ByteDamage.Of(NpzBytes.Npy([.. Enumerable.Repeat(0.5f, shape.Aggregate(1, (product, axis) => product * axis))], shape));

    static string? ReasonOf(Exception error) => ((error as SparseAutoencoderFileException)?.Reason ?? (object?)(error as NpyException)?.Reason)?.ToString();
}
