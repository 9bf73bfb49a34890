using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Superposition.DataViews;

/// <summary>
/// Writes an ONNX model (opset 13) of float inputs and outputs [N, width]: as much of the format as our stages need to be
/// saved for programs that do not have this assembly (onnx.proto3; field numbers beside the calls).
/// </summary>
internal sealed class OnnxGraph
{
    const int Float = 1, Int64 = 7;

    readonly MemoryStream graph = new();
    readonly CodedOutputStream output;
    int names;

    public OnnxGraph()
    {
        output = new(graph, leaveOpen: true);
        Text(output, 2, "superposition");
    }

    /// <summary>A model input [N, width].</summary>
    public string Input(string name, int width) => Value(11, name, width);

    /// <summary>A model input [N, width] of 64-bit integers, such as tokens.</summary>
    public string WholeInput(string name, int width) => Value(11, name, width, Int64);

    /// <summary>Declares a computed value as a model output [N, width].</summary>
    public void Output(string name, int width) => Value(12, name, width);

    /// <summary>A constant of single precision.</summary>
    public string Constant(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(Float, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A constant of 64-bit integers.</summary>
    public string Constant(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Constant(Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A node with one output of the name given, or of a fresh one.</summary>
    public string Node(string op, string[] inputs, string? name = null, (string Name, long Value)? attribute = null) =>
        Nodes(op, inputs, [name ?? Fresh(op)], attribute)[0];

    /// <summary>A node with several outputs.</summary>
    public string[] Nodes(string op, string[] inputs, string[] outputs, (string Name, long Value)? attribute = null)
    {
        Message(output, 1, node =>
        {
            foreach (var input in inputs) Text(node, 1, input);
            foreach (var result in outputs) Text(node, 2, result);
            Text(node, 4, op);
            if (attribute is { } a)
                Message(node, 5, m => { Text(m, 1, a.Name); Number(m, 3, a.Value); Number(m, 20, 2); });
        });
        return outputs;
    }

    /// <summary>The model's bytes.</summary>
    public byte[] ToModel()
    {
        output.Flush();
        return Bytes(model =>
        {
            Number(model, 1, 7);   // IR version
            Text(model, 2, "Superposition.ML");
            model.WriteTag(7, WireFormat.WireType.LengthDelimited);
            model.WriteBytes(UnsafeByteOperations.UnsafeWrap(graph.GetBuffer().AsMemory(0, (int)graph.Length)));
            Message(model, 8, opset => Number(opset, 2, 13));
        });
    }

    string Constant(int type, ReadOnlySpan<byte> values, ReadOnlySpan<long> shape)
    {
        var (name, raw, dimensions) = (Fresh("Constant"), values.ToArray(), shape.ToArray());
        Message(output, 5, tensor =>
        {
            foreach (var dimension in dimensions) Number(tensor, 1, dimension);
            Number(tensor, 2, type);
            Text(tensor, 8, name);
            tensor.WriteTag(9, WireFormat.WireType.LengthDelimited);
            tensor.WriteBytes(UnsafeByteOperations.UnsafeWrap(raw));
        });
        return name;
    }

    string Value(int field, string name, int width, int type = Float)
    {
        Message(output, field, value =>
        {
            Text(value, 1, name);
            Message(value, 2, kind => Message(kind, 1, tensor =>
            {
                Number(tensor, 1, type);
                Message(tensor, 2, shape =>
                {
                    Message(shape, 1, rows => Text(rows, 2, "N"));
                    Message(shape, 1, columns => Number(columns, 1, width));
                });
            }));
        });
        return name;
    }

    string Fresh(string op) => $"{op}:{names++}";

    static void Text(CodedOutputStream to, int field, string text)
    {
        to.WriteTag(field, WireFormat.WireType.LengthDelimited);
        to.WriteString(text);
    }

    static void Number(CodedOutputStream to, int field, long number)
    {
        to.WriteTag(field, WireFormat.WireType.Varint);
        to.WriteInt64(number);
    }

    static void Message(CodedOutputStream to, int field, Action<CodedOutputStream> write)
    {
        to.WriteTag(field, WireFormat.WireType.LengthDelimited);
        to.WriteBytes(UnsafeByteOperations.UnsafeWrap(Bytes(write)));
    }

    static byte[] Bytes(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var message = new CodedOutputStream(stream, leaveOpen: true)) write(message);
        return stream.ToArray();
    }
}
