using System.Runtime.InteropServices;
using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Models;

/// <summary>
/// The tensors of model.safetensors, or of the files that model.safetensors.index.json names, taken one by one: a tensor's bytes become
/// numbers a row at a time, and the file is never in memory beside them.
/// </summary>
internal sealed class LlamaFolderTensors : IDisposable
{
    public const string Single = "model.safetensors", Index = "model.safetensors.index.json";

    readonly Dictionary<string, (FileStream File, ArrayLayout Layout)> tensors = new(StringComparer.Ordinal);
    readonly HashSet<string> left = new(StringComparer.Ordinal);
    readonly List<FileStream> files = [];

    LlamaFolderTensors(string where) => Where = where;

    /// <summary>The file that stands for all.</summary>
    public string Where { get; }

    /// <summary>Reads the headers, each checked as a whole.</summary>
    /// <exception cref="ModelFileException">A file that is named is not there, or its name is no plain one.</exception>
    /// <exception cref="SafetensorsException">A file breaks a rule of its format.</exception>
    public static LlamaFolderTensors Open(string folder)
    {
        var (single, index) = (Path.Combine(folder, Single), Path.Combine(folder, Index));
        var tensors = new LlamaFolderTensors(File.Exists(single) ? single : index);
        try
        {
            // Where both lie there, transformers takes the one.
            if (File.Exists(single)) tensors.Add(single);
            else tensors.AddAll(folder, index);
            return tensors;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    void AddAll(string folder, string index)
    {
        var map = ModelJson.Read(index).Object("weight_map")
            ?? throw new ModelFileException(index, ModelFileReason.Missing, "expected \"weight_map\", which names the file of each tensor. Copy it again.");
        var names = map.Keys.ToDictionary(tensor => tensor, tensor => map.Text(tensor), StringComparer.Ordinal);
        foreach (var name in names.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (!IsPlain(name))
                throw new ModelFileException(index, ModelFileReason.NameInvalid,
                    $"expected the names of .safetensors files beside it, found {ErrorText.Quote(name)}. It is not opened: copy the file again, from whom you trust.");
            var path = Path.Combine(folder, name);
            if (!File.Exists(path)) throw new ModelFileException(path, ModelFileReason.Missing, $"expected it beside {Index}, which names it. Copy it too.");
            Add(path);
        }
        foreach (var (tensor, name) in names)
            if (!tensors.TryGetValue(tensor, out var found) || Path.GetFileName(found.File.Name) != name)
                throw new ModelFileException(index, ModelFileReason.Missing,
                    $"expected {ErrorText.Quote(tensor)} in {name}, which has not got it. The files are of two models: copy all of one.");
    }

    static bool IsPlain(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal) && !name.StartsWith('.') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    void Add(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        files.Add(file);
        foreach (var (name, layout) in Safetensors.ReadLayouts(file, file.Length, path))
        {
            if (!tensors.TryAdd(name, (file, layout)))
                throw new ModelFileException(path, ModelFileReason.Unexpected, $"{ErrorText.Quote(name)} stands in two files. They are of two models: copy all of one.");
            left.Add(name);
        }
    }

    /// <summary>Whether there is one of that name.</summary>
    public bool Has(string name) => tensors.ContainsKey(name);

    /// <summary>[rows, columns]</summary>
    public float[,] Matrix(string name, int rows, int columns)
    {
        var (file, layout) = Taken(name, rows, columns);
        var matrix = new float[rows, columns];
        Fill(name, file, layout, Rows.Flat(matrix), columns);
        return matrix;
    }

    /// <summary>[length]</summary>
    public float[] Vector(string name, int length)
    {
        var (file, layout) = Taken(name, length);
        var vector = new float[length];
        Fill(name, file, layout, vector, length);
        return vector;
    }

    /// <summary>Passes over tensors that are computed here instead.</summary>
    public void PassOver(Func<string, bool> which) => left.RemoveWhere(name => which(name));

    /// <summary>Finds tensors that nobody took: the model would be another than the one that was read.</summary>
    /// <exception cref="ModelFileException">There are some.</exception>
    public void EnsureNoneLeft()
    {
        if (left.Count > 0)
            throw new ModelFileException(Where, ModelFileReason.Unexpected,
                $"expected the tensors of a Llama, found also {ErrorText.List([.. left.Order(StringComparer.Ordinal)])}. "
                + "Is the model another, or were adapters or biases left in it?");
    }

    (FileStream, ArrayLayout) Taken(string name, params long[] shape)
    {
        if (!tensors.TryGetValue(name, out var tensor))
            throw new ModelFileException(Where, ModelFileReason.Missing,
                $"expected a tensor {ErrorText.Quote(name)} {ErrorText.Shape(shape)}; there are {ErrorText.List(NearestNames.Of(name, tensors.Keys))}. "
                + $"Does {LlamaFolderConfig.Name} belong to these weights?");
        if (!tensor.Layout.Shape.SequenceEqual(shape))
            throw new ModelFileException(tensor.File.Name, ModelFileReason.WrongShape,
                $"tensor {ErrorText.Quote(name)}: expected shape {ErrorText.Shape(shape)}, found {tensor.Layout}. "
                + $"Does {LlamaFolderConfig.Name} belong to these weights?");
        if (tensor.Layout.Type is not (ElementType.F32 or ElementType.F16 or ElementType.BF16))
            throw new ModelFileException(tensor.File.Name, ModelFileReason.NotSupported,
                $"tensor {ErrorText.Quote(name)}: expected F32, F16 or BF16, found {tensor.Layout}. Save it as one of these; a quantised model lacks its scales here.");
        if (tensor.Layout.Length / tensor.Layout.Type.Size() > Array.MaxLength)
            throw new ModelFileException(tensor.File.Name, ModelFileReason.NotSupported,
                $"tensor {ErrorText.Quote(name)}: {tensor.Layout} has more numbers than one array holds, {Array.MaxLength}. Take a smaller model.");
        left.Remove(name);
        return tensor;
    }

    static void Fill(string name, FileStream file, ArrayLayout layout, Span<float> values, int columns)
    {
        file.Position = layout.Offset;
        var bytes = new byte[layout.Type == ElementType.F32 ? 0 : columns * layout.Type.Size()];
        for (var first = 0; first < values.Length; first += columns)
        {
            var row = values.Slice(first, columns);
            if (layout.Type == ElementType.F32) file.ReadExactly(MemoryMarshal.AsBytes(row));   // little-endian, as every system here
            else
            {
                file.ReadExactly(bytes);
                ElementConversion.Convert<float>(layout.Type, bytes, row);
            }
        }
        if (Rows.FirstNotFinite(values) is >= 0 and var at)
            throw new ModelFileException(file.Name, ModelFileReason.NotFinite,
                $"{ErrorText.Quote(name)}: number {at} is {values[at]}. The file is damaged, or its training diverged.");
    }

    public void Dispose()
    {
        foreach (var file in files) file.Dispose();
    }
}
