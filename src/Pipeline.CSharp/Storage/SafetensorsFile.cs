using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Superposition.Storage;

/// <summary>The tensors of a safetensors file by name, in the order of their bytes in the file, and its metadata.</summary>
public sealed class SafetensorsFile : IReadOnlyDictionary<string, StoredArray>
{
    readonly string where;
    readonly OrderedDictionary<string, StoredArray> tensors;

    internal SafetensorsFile(
        string where, OrderedDictionary<string, StoredArray> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        this.where = where;
        this.tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>What the writer noted beside the tensors; empty if nothing.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public int Count => tensors.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => tensors.Keys;

    /// <inheritdoc/>
    public IEnumerable<StoredArray> Values => tensors.Values;

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="SafetensorsException">There is none; the message names those there are.</exception>
    public StoredArray this[string key] => tensors.TryGetValue(key, out var array)
        ? array
        : throw SafetensorsException.Missing(where, key, tensors.Keys);

    /// <summary>The tensor of that name, which must have that shape.</summary>
    /// <exception cref="SafetensorsException">There is none, or its shape is another.</exception>
    public StoredArray Shaped(string key, params long[] shape)
    {
        var array = this[key];
        return array.Shape.SequenceEqual(shape)
            ? array
            : throw new SafetensorsException(where, SafetensorsReason.ShapeUnexpected,
                $"tensor {ErrorText.Quote(key)}: expected shape {ErrorText.Shape(shape)}, found {array}. Is it another run's file?");
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out StoredArray value) => tensors.TryGetValue(key, out value);

    /// <summary>The tensors whose names begin so, without that.</summary>
    internal SafetensorsFile Part(string prefix) => new(where, new(tensors
        .Where(tensor => tensor.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(tensor => KeyValuePair.Create(tensor.Key[prefix.Length..], tensor.Value))), Metadata);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, StoredArray>> GetEnumerator() => tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
