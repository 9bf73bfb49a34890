using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Activations;

/// <summary>
/// Rows of one file after another, all of one width, mapped and never wholly in memory: an .npy, a safetensors, or a folder of either, its
/// files by name as <see cref="StringComparer.Ordinal"/> has it (shard-10 before shard-2: write shard-02).
/// </summary>
internal sealed class ActivationShards : IRowBlocks, IDisposable
{
    const string Npys = ".npy", Tensors = ".safetensors";

    readonly List<MappedMatrix> shards = [];
    readonly List<long> ends = [];   // rows up to the end of each shard

    ActivationShards(IEnumerable<string> paths, string? tensor)
    {
        try
        {
            foreach (var path in paths)
            {
                var shard = Open(path, tensor);
                shards.Add(shard);
                ends.Add(Rows + shard.Rows);
                if (shard.Columns != Width)
                    throw new InputDataException(InputDataReason.WrongSize,
                        $"{path}: expected rows of {Width} numbers, as {shards[0].Name} has, found rows of {shard.Columns}. "
                        + "Shards of one recording have one width: move those of another elsewhere.");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Numbers in a row.</summary>
    public int Width => shards[0].Columns;

    /// <summary>Rows of all shards.</summary>
    public long Rows => ends.Count == 0 ? 0 : ends[^1];

    /// <exception cref="StorageException">A file is damaged, or lacks the tensor.</exception>
    /// <exception cref="InputDataException">A file holds no matrix, or one of another width; or the folder has no files.</exception>
    public static ActivationShards Open(string path, RecordedActivationOptions options)
    {
        if (!Directory.Exists(path)) return new([path], options.Tensor);
        string[] shards = [.. Directory.EnumerateFiles(path).Where(IsShard).Order(StringComparer.Ordinal)];
        return shards.Length > 0
            ? new(shards, options.Tensor)
            : throw new InputDataException(InputDataReason.Empty, $"{path}: expected files {Npys} or {Tensors}, found none in the folder. Name another.");
    }

    public void Fill(long firstRow, int rows, Span<float> destination)
    {
        for (var shard = ShardOf(firstRow); rows > 0; shard++)
        {
            var here = (int)Math.Min(rows, ends[shard] - firstRow);
            if (here == 0) continue;   // a shard without rows
            shards[shard].CopyTo(firstRow - (ends[shard] - shards[shard].Rows), here, destination);
            firstRow += here;
            rows -= here;
            destination = destination[(here * Width)..];
        }
    }

    // The first whose end lies beyond the row.
    int ShardOf(long row)
    {
        var (low, high) = (0, ends.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ends[middle] > row) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    public void Dispose() => shards.ForEach(shard => shard.Dispose());

    static bool IsShard(string path) => Path.GetExtension(path) is Npys or Tensors;

    static MappedMatrix Open(string path, string? tensor)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        try
        {
            var array = Path.GetExtension(path) == Tensors ? TensorOf(stream, path, tensor) : ArrayOf(stream, path, tensor);
            // A row must fit in a span, whatever its type.
            return array.Shape is [_, >= 1 and <= 1 << 27]
                ? new(stream, array, path)
                : throw new InputDataException(InputDataReason.WrongSize,
                    $"{path}: expected an array [rows, d] with d at least 1, found {array}. Reshape it before saving.");
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    static ArrayLayout ArrayOf(FileStream stream, string path, string? tensor)
    {
        if (tensor is not null)
            OptionsException.ThrowIfAny(nameof(RecordedActivationOptions),
                [$"Tensor is \"{tensor}\", but {path} is one array without a name: leave it out."]);
        return Npy.ReadLayout(stream, stream.Length, path);
    }

    static ArrayLayout TensorOf(FileStream stream, string path, string? name)
    {
        var file = Safetensors.ReadLayouts(stream, stream.Length, path);
        if (name is not null)
            return file.TryGetValue(name, out var named) ? named : throw SafetensorsException.Missing(path, name, [.. file.Keys]);
        string[] matrices = [.. file.Keys.Where(key => file[key].Shape.Length == 2)];
        return matrices is [var only]
            ? file[only]
            : throw new SafetensorsException(path, SafetensorsReason.TensorMissing,
                $"expected one tensor [rows, d], found {(matrices.Length == 0 ? "none" : ErrorText.List(matrices))} "
                + $"among {ErrorText.List([.. file.Keys])}. Name one as Tensor.");
    }
}
