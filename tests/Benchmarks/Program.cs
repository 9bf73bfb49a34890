using Superposition.Benchmarks;

// Benchmarks [NAME…]: each answers one question, checks its result, and prints a line "bench NAME key=value … ratio=…".
Benchmark[] all = [new WorldCursor(), new SaeTransform()];
var chosen = args.Length == 0 ? all : [.. all.Where(benchmark => args.Contains(benchmark.Name))];
if (chosen.Length < args.Length)
{
    Console.Error.WriteLine($"Expected names out of {string.Join(", ", all.Select(b => b.Name))}; found {string.Join(", ", args)}.");
    return 2;
}
foreach (var benchmark in chosen) Console.WriteLine(benchmark.Run());
return 0;
