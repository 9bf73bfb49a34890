// Trains a toy model and an autoencoder with the package as it is installed, and saves the chain with what it answers.
// Arguments: the zip to save, the table of its answers to save.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition;
using Superposition.Autoencoders;

const int Features = 6, Dimensions = 3, Latents = 8;
var ml = new MLContext(seed: 1);
var world = ml.Data.SparseFeatures(new() { Features = Features, Density = 0.2, Rows = 20_000, Seed = 1 });
var chain = ml.Transforms.ToyModel("Activations", "Features", new() { Dimensions = Dimensions, Steps = 300, Seed = 2 })
    .Append(ml.Transforms.SparseAutoencoder("Latents", "Activations",
        new TopKOptions { Latents = Latents, K = 2, Samples = 100_000, Seed = 3, ReconstructionColumn = "Decoded" }))
    .Append(ml.Transforms.NormalizeMinMax("Normal", "Latents"))
    .Fit(world);

// A view that any ML.NET program can make, so that the other side can put the same questions.
var questions = ml.Data.CreateEnumerable<Question>(ml.Data.TakeRows(world, 200), reuseRowObject: false).ToArray();
var rows = ml.Data.LoadFromEnumerable(questions);
var answers = ml.Data.CreateEnumerable<Answer>(chain.Transform(rows), reuseRowObject: false);
ml.Model.Save(chain, rows.Schema, args[0]);
File.WriteAllLines(args[1], questions.Zip(answers, (q, a) => string.Join(',',
    q.Features.Concat(a.Activations).Concat(a.Reconstruction).Concat(a.Latents).Concat(a.Decoded).Concat(a.Normal)
        .Select(value => value.ToString("R", CultureInfo.InvariantCulture)))));
Console.WriteLine($"Trained and saved; {questions.Length} answers.");

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
