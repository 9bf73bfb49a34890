using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Activations;

/// <summary>
/// A model with one of its tensors led outside. Every run is of B rows, the last of a view filled up, so that what a row gives does not
/// depend on how many there are.
/// </summary>
internal sealed class OnnxTap : IDisposable
{
    readonly OnnxActivationOptions options;
    readonly InferenceSession session;
    // What goes wrong is thrown; OnnxRuntime would write it to the console as well.
    readonly RunOptions run = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };

    /// <exception cref="OnnxModelException">The model cannot be run, has no such tensor, or one of another form, or a column does not fit it.</exception>
    /// <exception cref="InputDataException">A column is missing.</exception>
    public OnnxTap(OnnxActivationOptions options, DataViewSchema schema)
    {
        OptionsException.ThrowIfAny(nameof(OnnxActivationOptions), options.Problems());
        this.options = options;
        var file = OnnxModelFile.Read(options.Model);
        if (!file.Tensors.Contains(options.Tensor))
            throw new OnnxModelException(options.Model, OnnxModelReason.TensorMissing,
                $"no node computes a tensor {ErrorText.Quote(options.Tensor)}; there are {ErrorText.List(NearestNames.Of(options.Tensor, file.Tensors))}.");
        session = Load(file.WithOutput(options.Tensor));
        try
        {
            Inputs = ReadInputs(schema);
            BatchSize = Inputs.Select(input => input.FixedBatch).FirstOrDefault(fixedBatch => fixedBatch is not null) ?? options.BatchSize;
            // The file may leave the tensor's axes open; what it is for columns as wide as these, a run on zeros says.
            var buffers = Buffers(null);
            Shape = [0, 0, 0];
            (_, Shape) = Run(buffers);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>B.</summary>
    public int BatchSize { get; }

    /// <summary>What the model reads.</summary>
    public IReadOnlyList<OnnxInput> Inputs { get; }

    /// <summary>d.</summary>
    public int Dimensions => (int)Shape[^1];

    /// <summary>T of [B, T, d]; none of [B, d].</summary>
    public int? Positions => Shape.Length == 3 ? (int)Shape[1] : null;

    long[] Shape { get; }

    /// <summary>Room for a batch of every input.</summary>
    public OnnxInputBuffer[] Buffers(DataViewRow? row) => [.. Inputs.Select(input => input.Buffer(BatchSize, row))];

    /// <summary>[B, d] or [B, T, d] The tensor for a batch.</summary>
    public float[] Of(OnnxInputBuffer[] batch)
    {
        var (values, shape) = Run(batch);
        return shape.SequenceEqual(Shape) ? values : throw Unfit($"{ErrorText.Shape(Shape)}, as for rows before", ErrorText.Shape(shape));
    }

    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
    }

    InferenceSession Load(byte[] model)
    {
        using var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        settings.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetDirectoryName(Path.GetFullPath(options.Model))!);
        try
        {
            return new(model, settings);
        }
        catch (OnnxRuntimeException error)
        {
            throw NotRun(error);
        }
    }

    OnnxInput[] ReadInputs(DataViewSchema schema)
    {
        foreach (var name in options.Inputs.Keys)
            if (!session.InputMetadata.ContainsKey(name))
                throw new OnnxModelException(options.Model, OnnxModelReason.InputMissing,
                    $"there is no input {ErrorText.Quote(name)}; there are {ErrorText.List(NearestNames.Of(name, session.InputNames))}.");
        return [.. session.InputNames.Select(name => OnnxInput.Of(options.Model, name, session.InputMetadata[name],
            SourceColumn.Named(schema, options.Inputs.GetValueOrDefault(name, name))))];
    }

    (float[] Values, long[] Shape) Run(OnnxInputBuffer[] batch)
    {
        var values = batch.Select(buffer => buffer.Value()).ToArray();
        try
        {
            using var results = session.Run(run, [.. Inputs.Select(input => input.Name)], values, [options.Tensor]);
            return Read(results[0]);
        }
        catch (OnnxRuntimeException error)
        {
            throw NotRun(error);
        }
        finally
        {
            foreach (var value in values) value.Dispose();
        }
    }

    (float[], long[]) Read(OrtValue result)
    {
        const string Expected = "[B, d] or [B, T, d] of Float, Double or Float16, B rows together";
        if (!result.IsTensor) throw Unfit(Expected, result.OnnxType);
        var about = result.GetTensorTypeAndShape();
        var (type, shape) = (about.ElementDataType, about.Shape);
        if (shape.Length is not (2 or 3) || shape[0] != BatchSize || shape.Any(axis => axis < 1)
            || type is not (TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16))
            throw Unfit(Expected, $"{type} {ErrorText.Shape(shape)} for a batch of {BatchSize}");
        return (type switch
        {
            TensorElementType.Float => result.GetTensorDataAsSpan<float>().ToArray(),
            TensorElementType.Double => Singles(result.GetTensorDataAsSpan<double>()),
            _ => Singles(MemoryMarshal.Cast<Float16, Half>(result.GetTensorDataAsSpan<Float16>())),
        }, shape);
    }

    static float[] Singles<T>(ReadOnlySpan<T> values) where T : System.Numerics.INumber<T>
    {
        var singles = new float[values.Length];
        for (var i = 0; i < values.Length; i++) singles[i] = float.CreateTruncating(values[i]);
        return singles;
    }

    OnnxModelException Unfit(string expected, object found) => new(options.Model, OnnxModelReason.TensorUnfit,
        $"tensor {ErrorText.Quote(options.Tensor)}: expected {expected}, found {found}. Name a tensor before it is reshaped, or after.");

    OnnxModelException NotRun(OnnxRuntimeException error) => new(options.Model, OnnxModelReason.NotRun,
        $"OnnxRuntime does not run the model: {error.Message}", error);
}
