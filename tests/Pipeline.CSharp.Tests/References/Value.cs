namespace Superposition.Tests.References;

/// <summary>
/// A number that remembers what it was made of, in double precision, so that the chain rule gives the slope of an end by every number
/// before it, backwards (reverse-mode differentiation). Slow and plain; it knows nothing of tensors.
/// </summary>
public sealed class Value
{
    readonly (Value Of, double Slope)[] parents;
    readonly int depth;   // above that of all parents

    Value(double number, params (Value Of, double Slope)[] parents)
    {
        (Number, this.parents) = (number, parents);
        foreach (var (of, _) in parents) depth = Math.Max(depth, of.depth + 1);
    }

    /// <summary>What it is.</summary>
    public double Number { get; }

    /// <summary>The slope of the number that <see cref="Backward"/> was called on by this one.</summary>
    public double Gradient { get; private set; }

    /// <summary>A number with slopes of its own, whatever it was made by: a straight-through estimate; without any, a constant.</summary>
    public static Value Of(double number, params (Value Of, double Slope)[] along) => new(number, along);

    public static implicit operator Value(double number) => new(number);

    public static Value operator +(Value a, Value b) => new(a.Number + b.Number, (a, 1), (b, 1));

    public static Value operator -(Value a, Value b) => new(a.Number - b.Number, (a, 1), (b, -1));

    public static Value operator *(Value a, Value b) => new(a.Number * b.Number, (a, b.Number), (b, a.Number));

    public static Value Sum(IEnumerable<Value> values)
    {
        Value[] all = [.. values];
        return new(all.Sum(value => value.Number), [.. all.Select(value => (value, 1.0))]);
    }

    public static Value Dot(IEnumerable<Value> x, IEnumerable<Value> y) => Sum(x.Zip(y, (a, b) => a * b));

    public static Value Squares(IEnumerable<Value> values) => Sum(values.Select(value => value.Square()));

    public static Value Max(Value a, Value b) => a.Number >= b.Number ? new(a.Number, (a, 1)) : new(b.Number, (b, 1));

    public Value Relu() => Max(this, 0);

    public Value Exp() => new(Math.Exp(Number), (this, Math.Exp(Number)));

    public Value Tanh() => new(Math.Tanh(Number), (this, 1 - Math.Pow(Math.Tanh(Number), 2)));

    public Value Pow(double power) => new(Math.Pow(Number, power), (this, power * Math.Pow(Number, power - 1)));

    public Value Square() => Pow(2);

    /// <summary>Gives every number this one was made of its gradient.</summary>
    public void Backward()
    {
        var (before, left) = (new HashSet<Value>(), new Stack<Value>([this]));
        while (left.TryPop(out var value))
            if (before.Add(value))
                foreach (var (of, _) in value.parents) left.Push(of);
        foreach (var value in before) value.Gradient = 0;
        Gradient = 1;
        foreach (var value in before.OrderByDescending(value => value.depth))
            foreach (var (of, slope) in value.parents) of.Gradient += slope * value.Gradient;
    }
}
