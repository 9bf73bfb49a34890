using System.Text.Json;
using System.Text.Json.Serialization;

namespace Superposition.Features;

/// <summary>
/// [n] One number per feature: the same for all, a geometric sequence, a power law, or a list. Densities and importances are
/// given so. In JSON a number, an array, <c>{"powers": 0.9}</c> or <c>{"zipf": [0.1, 1]}</c>.
/// </summary>
[JsonConverter(typeof(Json))]
public sealed class PerFeature : IEquatable<PerFeature>
{
    readonly double[]? list;
    readonly double? all, ratio;
    readonly (double First, double Exponent)? zipf;

    PerFeature(double[]? list = null, double? all = null, double? ratio = null, (double, double)? zipf = null) =>
        (this.list, this.all, this.ratio, this.zipf) = (list, all, ratio, zipf);

    /// <summary>The same value for every feature.</summary>
    public static PerFeature All(double value) => new(all: value);

    /// <summary>Feature i gets ratioⁱ (i from 0); the importance of the paper's introductory figure is <c>Powers(0.9)</c>.</summary>
    public static PerFeature Powers(double ratio) => new(ratio: ratio);

    /// <summary>Feature i gets first · (i + 1)^−exponent (i from 0): Zipf's law, as the frequencies of words follow it.</summary>
    public static PerFeature Zipf(double first, double exponent) => new(zipf: (first, exponent));

    /// <summary>One value a feature, in order.</summary>
    public static PerFeature Of(params ReadOnlySpan<double> values) => new(list: values.ToArray());

    /// <summary>The same value for every feature.</summary>
    public static implicit operator PerFeature(double value) => All(value);

    /// <summary>[n] The numbers themselves.</summary>
    /// <exception cref="OptionsException">A list of another length than n.</exception>
    public double[] Expand(int n)
    {
        OptionsException.ThrowIfAny(nameof(PerFeature), LengthProblems("The list", n));
        return list is not null ? [.. list] : [.. Enumerable.Range(0, n).Select(Rule)];
    }

    double Rule(int i) =>
        all ?? (zipf is var (first, exponent) ? first * Math.Pow(i + 1, -exponent) : Math.Pow(ratio!.Value, i));

    internal IEnumerable<string> LengthProblems(string name, int n)
    {
        if (list is not null && list.Length != n)
            yield return $"{name} lists {list.Length} values; expected {n}, one each.";
    }

    internal IEnumerable<string> Problems(string name, int n, double low, double high)
    {
        if (n < 1) yield break;   // said elsewhere
        if (LengthProblems(name, n).FirstOrDefault() is { } wrongLength)
        {
            yield return wrongLength;
            yield break;
        }
        var values = Expand(n);
        for (var i = 0; i < n; i++)
            if (!(values[i] >= low && values[i] <= high))
            {
                yield return $"{name} of feature {i} is {values[i]}; it must be a finite number in [{low}, {(high < double.MaxValue ? high : "∞")}].";
                yield break;   // one example says it
            }
    }

    /// <inheritdoc/>
    public bool Equals(PerFeature? other) => other is not null && all == other.all && ratio == other.ratio && zipf == other.zipf
        && (list is null ? other.list is null : other.list is not null && list.AsSpan().SequenceEqual(other.list));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PerFeature);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(all, ratio, zipf, list?.Length, list?.FirstOrDefault());

    /// <inheritdoc/>
    public override string ToString() => JsonSerializer.Serialize(this);

    sealed class Json : JsonConverter<PerFeature>
    {
        const string Expected = "Expected a number, an array of numbers, {\"powers\": ratio}, or {\"zipf\": [first, exponent]}.";

        public override PerFeature Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.Number:
                    return All(reader.GetDouble());
                case JsonTokenType.StartArray:
                    return Of(JsonSerializer.Deserialize<double[]>(ref reader, options)!);
                case JsonTokenType.StartObject:
                    var rule = JsonElement.ParseValue(ref reader);
                    if (rule.GetPropertyCount() != 1) throw new JsonException(Expected);
                    if (rule.TryGetProperty("powers", out var ratio)) return Powers(ratio.Deserialize<double>(options));
                    return rule.TryGetProperty("zipf", out var zipf) && zipf.Deserialize<double[]>(options) is [var first, var exponent]
                        ? Zipf(first, exponent)
                        : throw new JsonException(Expected);
                default:
                    throw new JsonException(Expected);   // the caller adds the place
            }
        }

        public override void Write(Utf8JsonWriter writer, PerFeature value, JsonSerializerOptions options)
        {
            if (value.list is not null) JsonSerializer.Serialize(writer, value.list, options);
            else if (value.all is { } all) writer.WriteNumberValue(all);
            else if (value.zipf is var (first, exponent))
                JsonSerializer.Serialize(writer, new Dictionary<string, double[]> { ["zipf"] = [first, exponent] }, options);
            else JsonSerializer.Serialize(writer, new Dictionary<string, double> { ["powers"] = value.ratio!.Value }, options);
        }
    }
}
