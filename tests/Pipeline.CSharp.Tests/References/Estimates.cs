namespace Superposition.Tests.References;

/// <summary>
/// What a loss holds constant, and what it gives a slope of its own. Played back at parameters nearby, the constants stay, and the others
/// go along their slopes in straight lines: so the difference quotient of the loss is what its gradient claims to be.
/// </summary>
public sealed class Estimates
{
    readonly List<(double Number, (double From, double Slope)[] Along)> recorded = [];
    int next;
    bool replays;

    /// <summary>sg(value).</summary>
    public Value Constant(Value value) => Straight(value.Number);

    /// <summary>A number, and its slope by others.</summary>
    public Value Straight(double number, params (Value Of, double Slope)[] along)
    {
        if (!replays)
        {
            recorded.Add((number, [.. along.Select(a => (a.Of.Number, a.Slope))]));
            return Value.Of(number, along);
        }
        var (then, lines) = recorded[next++];
        return Value.Of(
            then + along.Zip(lines, (a, line) => line.Slope * (a.Of.Number - line.From)).Sum(),
            [.. along.Zip(lines, (a, line) => (a.Of, line.Slope))]);
    }

    /// <summary>From here on what was recorded is played back, from the beginning.</summary>
    public void Rewind() => (next, replays) = (0, true);
}
