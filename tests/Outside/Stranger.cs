// Loads a chain with ML.NET and its ONNX packages alone, and compares what it answers. Arguments: the zip, the table of answers.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

const double Tolerance = 1e-5;
if (AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name!.StartsWith("Superposition")) || File.Exists(Path.Combine(AppContext.BaseDirectory, "Superposition.ML.dll")))
    throw new InvalidOperationException("The stranger knows the library.");

var table = File.ReadAllLines(args[1])
    .Select(line => line.Split(',').Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray()).ToArray();
var ml = new MLContext();
var chain = ml.Model.Load(args[0], out _);
var rows = ml.Data.LoadFromEnumerable(table.Select(line => new Question { Features = line[..6] }));
var answers = ml.Data.CreateEnumerable<Answer>(chain.Transform(rows), reuseRowObject: false).ToArray();

var worst = table.Zip(answers, (line, a) => line[6..]
    .Zip(a.Activations.Concat(a.Reconstruction).Concat(a.Latents).Concat(a.Decoded).Concat(a.Normal), (x, y) => Math.Abs((double)x - y))
    .Max()).Max();
Console.WriteLine(FormattableString.Invariant($"{answers.Length} answers, largest difference {worst:G3}, allowed {Tolerance:G3}."));
return answers.Length == table.Length && worst <= Tolerance ? 0 : 1;

public sealed class Question
{
    [VectorType(6)] public float[] Features { get; set; } = [];
}

public sealed class Answer
{
    public float[] Activations { get; set; } = [];
    public float[] Reconstruction { get; set; } = [];
    public float[] Latents { get; set; } = [];
    public float[] Decoded { get; set; } = [];
    public float[] Normal { get; set; } = [];
}
