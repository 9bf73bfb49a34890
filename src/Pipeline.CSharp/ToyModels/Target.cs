namespace Superposition.ToyModels;

/// <summary>What a model is asked for, as a function of the features: each by itself, or in pairs.</summary>
public sealed record Target
{
    /// <summary>The function; the features themselves by default.</summary>
    public TargetFunction Function { get; init; } = TargetFunction.Identity;

    /// <summary>For functions of pairs: every pair i &lt; j instead of neighbours (0, 1), (2, 3), …; false by default.</summary>
    public bool AllPairs { get; init; }

    /// <summary>How many features an output looks at, 1 or 2.</summary>
    internal int Arity => Function <= TargetFunction.Square ? 1 : 2;

    /// <summary>How many outputs n features make; a feature without a partner makes none.</summary>
    public int Outputs(int features) => (Arity, AllPairs) switch
    {
        (1, _) => features,
        (_, false) => features / 2,
        _ => features * (features - 1) / 2,
    };

    /// <summary>[outputs] The targets of one row of features [n]; pairs (0, 1), (0, 2), …, (1, 2), … where all are asked for.</summary>
    public void Evaluate(ReadOnlySpan<float> x, Span<float> outputs)
    {
        var at = 0;
        if (Arity == 1)
            foreach (var value in x) outputs[at++] = Of(value, 0);
        else if (AllPairs)
            for (var i = 0; i < x.Length; i++)
                for (var j = i + 1; j < x.Length; j++) outputs[at++] = Of(x[i], x[j]);
        else
            for (var i = 0; i + 1 < x.Length; i += 2) outputs[at++] = Of(x[i], x[i + 1]);
    }

    float Of(float x, float y) => Function switch
    {
        TargetFunction.Absolute => Math.Abs(x),
        TargetFunction.Square => x * x,
        TargetFunction.Max => Math.Max(x, y),
        TargetFunction.And => x > 0 && y > 0 ? 1 : 0,
        TargetFunction.Or => x > 0 || y > 0 ? 1 : 0,
        TargetFunction.AbsoluteDifference => Math.Abs(x - y),
        TargetFunction.MaxAbsolute => Math.Max(Math.Abs(x), Math.Abs(y)),
        TargetFunction.RectifiedMax => Math.Max(0, Math.Max(x, y)),
        _ => x,
    };

    internal IEnumerable<string> Problems(int features)
    {
        if (!Enum.IsDefined(Function)) yield return $"Function is {Function}; it must be one of {string.Join(", ", Enum.GetNames<TargetFunction>())}.";
        else if (features >= 1 && Outputs(features) < 1) yield return $"Function {Function} takes pairs; there is {features} feature.";
    }
}
