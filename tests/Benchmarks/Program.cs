using Superposition.Activations;
using Superposition.Autoencoders;
using Superposition.Benchmarks;

// Benchmarks [NAME…]: each answers one question, checks its result, and prints a line "bench NAME key=value … ratio=…".
AutoencoderStep[] steps =
[
    new("sae-topk-512", Dimensions: 512, Latents: 4096, K: 32, Target: 4) { UnitDecoder = true },
    new("sae-topk-768", Dimensions: 768, Latents: 16384, K: 32, Target: 4) { UnitDecoder = true },
    new("sae-batchtopk-768", Dimensions: 768, Latents: 4096, K: 25, Target: 4) { ByBatch = true, Clip = 1 },
    new("sae-jumprelu-512", Dimensions: 512, Latents: 4096, K: 32, Target: 3) { Threshold = 0.27f },
];
Benchmark[] all =
[
    new WorldCursor(), new SaeTransform(),
    new WorldSynthetic("world-synthetic-16k", SyntheticActivationOptions.SynthSaeBench16k, rows: 16384, target: 40_000),
    new WorldSynthetic("world-synthetic-1k", SyntheticActivationOptions.Small, rows: 131072, target: 200_000),
    new ToyTraining("toy-intro", instances: 10, n: 5, d: 2, target: 80),
    new ToyTraining("toy-basic", instances: 20, n: 100, d: 20, target: 12),
    new ToyTraining("toy-geometry", instances: 8, n: 400, d: 30, target: 15),
    new ToyTraining("toy-abs", instances: 8, n: 100, d: 40, target: 10, density: 0.03),
    .. steps.Select(step => new SaeTraining(step)),
    .. steps.Select(step => new SaeTraining(step with { Name = step.Name + "-bfloat16", Precision = EncoderPrecision.BFloat16 })),
    new ModelTokens(), new ToyPhase(), new ToyThreads(), new ToySnapshots(), new CheckpointCost(),
    new SweepScale(cells: 10_000, shards: 10), new SweepScale(cells: 1_000_000, shards: 1000),
];
var chosen = args.Length == 0 ? all : [.. all.Where(benchmark => args.Contains(benchmark.Name))];
if (chosen.Length < args.Length)
{
    Console.Error.WriteLine($"Expected names out of {string.Join(", ", all.Select(b => b.Name))}; found {string.Join(", ", args)}.");
    return 2;
}
Console.WriteLine(Machine.Description());
foreach (var benchmark in chosen) Console.WriteLine(benchmark.Run());
return 0;
