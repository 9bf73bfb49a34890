using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Models;

namespace Superposition.Benchmarks;

/// <summary>
/// How many tokens a second does stories260K give at context 256, one hook, through the view's cursor, in order and shuffled; and how many
/// does it write? Asked for: 50,000 in order.
/// </summary>
sealed class ModelTokens : Benchmark
{
    const int Window = 256, Windows = 256, Stories = 64;
    const double Target = 50_000;

    public override string Name => "model-tokens";

    public override string Run()
    {
        using var model = LanguageModel.Load(Path.Combine(Path.GetDirectoryName(Source())!, "..", "..", "data", "stories260k"));
        // What the tokens are does not change how long they take.
        var random = new Random(1);
        var text = new TokenText(Enumerable.Range(0, Window * Windows).Select(_ => random.Next(model.Config.Vocabulary)), Window);
        var view = new MLContext().Data.ModelActivations(model, text, "blocks.2.hook_resid_post");
        CheckLast(model, text, Consume(view, null));
        var written = 0;
        var times = Medians(5, () => Consume(view, null), () => Consume(view, new(1)),
            () => written = model.Sample(new() { Texts = Stories, Seed = 1 }).Max(story => story.Length) * Stories);
        var rate = text.Count / times[0] * 1000;
        return Line(("ours", times[0]), ("tokens", text.Count), ("tokens/s", rate), ("shuffled-tokens/s", text.Count / times[1] * 1000),
            ("written-tokens/s", written / times[2] * 1000), ("target", Target), ("ratio", rate / Target));
    }

    static float[] Consume(IDataView view, Random? random)
    {
        using var cursor = view.GetRowCursor([view.Schema["Activations"]], random);
        var read = cursor.GetGetter<VBuffer<float>>(view.Schema["Activations"]);
        VBuffer<float> row = default;
        while (cursor.MoveNext()) read(ref row);
        return [.. row.DenseValues()];
    }

    // Against the last window alone.
    static void CheckLast(LanguageModel model, TokenText text, float[] row)
    {
        var last = new int[1, Window];
        for (var t = 0; t < Window; t++) last[0, t] = text[text.Count - Window + t];
        using var cache = model.RunWithCache(last, "blocks.2.hook_resid_post");
        var alone = cache["blocks.2.hook_resid_post"].data<float>().ToArray()[^row.Length..];
        for (var i = 0; i < row.Length; i++) Check(Math.Abs(alone[i] - row[i]) < 1e-3, $"{alone[i]} at {i}, not {row[i]}");
    }

    static string Source([CallerFilePath] string path = "") => path;
}
