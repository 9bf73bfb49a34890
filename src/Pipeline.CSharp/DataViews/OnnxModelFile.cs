using Google.Protobuf;
using Superposition.Storage;

namespace Superposition.DataViews;

/// <summary>
/// An .onnx file: its bytes, and the names of what its graph computes (onnx.proto3; field numbers beside the calls). What else is in it,
/// OnnxRuntime reads. Nodes inside the branches and loops of others are not looked at.
/// </summary>
internal sealed class OnnxModelFile
{
    const int MostTensors = 100_000, GraphField = 7, NodeField = 1, OutputField = 12;

    readonly byte[] bytes;
    readonly List<string> computed = [];
    readonly HashSet<string> outputs = new(StringComparer.Ordinal);

    OnnxModelFile(byte[] bytes) => this.bytes = bytes;

    /// <summary>The tensors that nodes compute, in the graph's order.</summary>
    public IReadOnlyList<string> Tensors => computed;

    /// <exception cref="OnnxModelException">The file is no ONNX model.</exception>
    public static OnnxModelFile Read(string path)
    {
        if (new FileInfo(path) is { Exists: true } found && found.Length > Array.MaxLength)
            throw new OnnxModelException(path, OnnxModelReason.NotOnnx,
                $"an .onnx file has at most 2 GB, with its weights beside it if need be; this one has {found.Length} bytes. Is it a model?");
        return Of(File.ReadAllBytes(path), path);
    }

    /// <inheritdoc cref="Read"/>
    public static OnnxModelFile Of(byte[] bytes, string path)
    {
        var file = new OnnxModelFile(bytes);
        try
        {
            file.ReadModel(new(file.bytes));
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or InvalidDataException)
        {
            throw new OnnxModelException(path, OnnxModelReason.NotOnnx,
                $"an ONNX model is a protocol buffer; this file is none. Is it another format, or cut short? {error.Message}", error);
        }
        return file.computed.Count > 0 ? file : throw new OnnxModelException(path, OnnxModelReason.NotOnnx,
            "an ONNX model has a graph of nodes; this file has none. Is it another format?");
    }

    /// <summary>
    /// The model with a tensor among its outputs. A message that stands twice in a protocol buffer is one message with the lists of both
    /// (protobuf.dev, "Encoding: last one wins"), so a graph with that output alone is put behind what is there.
    /// </summary>
    public byte[] WithOutput(string tensor)
    {
        if (outputs.Contains(tensor)) return bytes;
        var output = Field(OutputField, Field(1, System.Text.Encoding.UTF8.GetBytes(tensor)));
        return [.. bytes, .. Field(GraphField, output)];
    }

    static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var message = new CodedOutputStream(stream, leaveOpen: true))
        {
            message.WriteTag(number, WireFormat.WireType.LengthDelimited);
            message.WriteBytes(UnsafeByteOperations.UnsafeWrap(content));
        }
        return stream.ToArray();
    }

    void ReadModel(CodedInputStream model)
    {
        while (model.ReadTag() is var tag and not 0)
            if (IsMessage(tag, GraphField)) Each(model, ReadGraphField);
            else model.SkipLastField();
    }

    void ReadGraphField(CodedInputStream graph, uint tag)
    {
        if (IsMessage(tag, NodeField)) Each(graph, (node, field) => ReadName(node, field, 2, Add));
        else if (IsMessage(tag, OutputField)) Each(graph, (value, field) => ReadName(value, field, 1, name => outputs.Add(name)));
        else graph.SkipLastField();
    }

    void Add(string tensor)
    {
        if (computed.Count == MostTensors) throw new InvalidDataException($"It computes more than {MostTensors} tensors.");
        computed.Add(tensor);
    }

    static void ReadName(CodedInputStream message, uint tag, int field, Action<string> take)
    {
        if (!IsMessage(tag, field))
        {
            message.SkipLastField();
            return;
        }
        if (message.ReadString() is { Length: > 0 } name) take(name);   // an output that a node leaves out has the name ""
    }

    static bool IsMessage(uint tag, int field) => tag == WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);

    // The fields of the message that begins here, without a copy of it: weights are most of a model.
    static void Each(CodedInputStream stream, Action<CodedInputStream, uint> read)
    {
        var length = stream.ReadLength();
        var end = stream.Position + length;
        while (stream.Position < end)
            read(stream, stream.ReadTag() is var tag and not 0 ? tag : throw new InvalidDataException("It ends within a message."));
        if (length < 0 || stream.Position > end) throw new InvalidDataException($"A message ends at byte {end}, within another.");
    }
}
