using System.Globalization;

namespace Superposition.Storage;

/// <summary>
/// One published statement held against a measurement. The verdict is made once, by whoever measured, and read everywhere else.
/// </summary>
/// <param name="Id">Experiment and claim, such as "E6.sticky-half".</param>
/// <param name="Statement">The claim in a sentence.</param>
/// <param name="Measured">What was found.</param>
/// <param name="Low">Lower end of the interval around it, over seeds.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Seeds">How many were measured: seeds, or what the statement counts.</param>
/// <param name="Expected">What the source says, such as "0.4" or "at least 0.9".</param>
/// <param name="Tolerance">How far from it still agrees; null where the expectation is a bound.</param>
/// <param name="Verdict">Whether it agrees.</param>
/// <param name="Source">Paper and section, or the closed form.</param>
public sealed record Claim(
    string Id,
    string Statement,
    double Measured,
    double Low,
    double High,
    int Seeds,
    string Expected,
    double? Tolerance,
    Verdict Verdict,
    string Source)
{
    /// <summary>The verdict as it is written: reproduced or not-reproduced.</summary>
    internal static string Word(Verdict verdict) => verdict == Verdict.Reproduced ? "reproduced" : "not-reproduced";

    /// <summary>
    /// One line, <c>claim Id measured=0.4 interval=[0.39, 0.41] expected=0.4 tolerance=0.02 verdict=reproduced source=TMS</c>:
    /// numbers to six digits (claims.csv has all), text with blanks in quotes; none for a tolerance that is not, and for the interval of a
    /// single number.
    /// </summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"claim {Shown(Id)} measured={Measured:G6} interval={Interval} expected={Shown(Expected)} "
        + $"tolerance={Tolerance?.ToString("G6", CultureInfo.InvariantCulture) ?? "none"} "
        + $"verdict={Word(Verdict)} source={Shown(Source)}");

    string Interval => double.IsFinite(Low) && double.IsFinite(High)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Low:G6}, {High:G6}]")
        : "none";

    static string Shown(string text) =>
        text.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || c == '"') ? text : $"\"{text.Replace("\"", "\\\"")}\"";
}
