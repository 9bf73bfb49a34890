using System.Buffers.Binary;
using System.Text;

namespace Superposition.Tests.Storage;

/// <summary>Safetensors files put together by hand, sound or not.</summary>
static class SafetensorsBytes
{
    /// <summary>The length of <paramref name="header"/>, the header, and a buffer of zeros.</summary>
    public static byte[] Of(string header, int bufferLength) =>
        Of((ulong)Encoding.UTF8.GetByteCount(header), Encoding.UTF8.GetBytes(header), bufferLength);

    /// <summary>The same with a length and a header that need not be true.</summary>
    public static byte[] Of(ulong claimedLength, byte[] header, int bufferLength)
    {
        var bytes = new byte[sizeof(ulong) + header.Length + bufferLength];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimedLength);
        header.CopyTo(bytes, sizeof(ulong));
        return bytes;
    }

    /// <summary>"name":{…} as it stands in a header.</summary>
    public static string Entry(string name, string type, string shape, string range) =>
        $$"""
        "{{name}}":{"dtype":"{{type}}","shape":[{{shape}}],"data_offsets":[{{range}}]}
        """;
}
