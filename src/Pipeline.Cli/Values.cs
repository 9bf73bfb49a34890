using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Superposition.Features;

namespace Superposition.Cli;

/// <summary>Options whose errors say what was expected in words, not in the names of types.</summary>
static class Values
{
    /// <summary>A whole number; 5e6 is one.</summary>
    public static Option<T> Whole<T>(string name, string symbol, string description) where T : struct, IBinaryInteger<T> =>
        Of(name, symbol, description, "a whole number such as 1000 or 5e6",
            text => T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : (T?)null);

    /// <summary>A number.</summary>
    public static Option<double> Number(string name, string symbol, string description) =>
        Of<double>(name, symbol, description, "a number such as 0.001 or 1e-3", Number);

    /// <summary>One number a feature: <c>0.05</c> for all, <c>0.9^i</c> for powers, <c>zipf:0.1,1</c> for Zipf's law, <c>1,0.5,0.25</c> for a list.</summary>
    public static Option<PerFeature> EachFeature(string name, string symbol, string description)
    {
        var option = Named<PerFeature>(name, symbol, description);
        option.CustomParser = result => PerFeatureOf(result.Tokens[0].Value)
            ?? Refuse<PerFeature>(result, name, "a number, powers such as 0.9^i, a power law such as zipf:0.1,1, or a list such as 1,0.5,0.25");
        return option;
    }

    /// <summary>One of a few words.</summary>
    public static Option<string> Choice(string name, string symbol, string description, IReadOnlyCollection<string> choices)
    {
        var option = Named<string>(name, symbol, description);
        option.CustomParser = result => choices.Contains(result.Tokens[0].Value)
            ? result.Tokens[0].Value
            : Refuse<string>(result, name, $"one of {string.Join(", ", choices)}");
        option.CompletionSources.Add([.. choices]);
        return option;
    }

    /// <summary>A path or another text.</summary>
    public static Option<string> Text(string name, string symbol, string description) => Named<string>(name, symbol, description);

    static Option<T> Of<T>(string name, string symbol, string description, string expected, Func<string, T?> parse) where T : struct
    {
        var option = Named<T>(name, symbol, description);
        option.CustomParser = result => parse(result.Tokens[0].Value) ?? Refuse<T>(result, name, expected);
        return option;
    }

    static Option<T> Named<T>(string name, string symbol, string description) =>
        new(name) { HelpName = symbol, Description = description, Arity = ArgumentArity.ExactlyOne };

    static T? Refuse<T>(ArgumentResult result, string name, string expected)
    {
        result.AddError($"{name}: expected {expected}, found \"{result.Tokens[0].Value}\".");
        return default;
    }

    static PerFeature? PerFeatureOf(string text)
    {
        if (text.EndsWith("^i", StringComparison.Ordinal)) return Number(text[..^2]) is { } ratio ? PerFeature.Powers(ratio) : null;
        if (text.StartsWith("zipf:", StringComparison.Ordinal))
            return Numbers(text[5..]) is [var first, var exponent] ? PerFeature.Zipf(first, exponent) : null;
        return Numbers(text) switch
        {
            null => null,
            [var all] => PerFeature.All(all),
            var list => PerFeature.Of(list),
        };
    }

    static double[]? Numbers(string text)
    {
        var numbers = text.Split(',').Select(Number).ToArray();
        return numbers.Any(number => number is null) ? null : [.. numbers.Select(number => number!.Value)];
    }

    static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
}
