namespace Superposition.ToyModels;

/// <summary>How many rows, columns or vectors a kernel's loop holds in registers at once; known to the compiler, which drops the rest.</summary>
internal interface IWidth
{
    static abstract int Count { get; }
}

/// <summary>One at a time: what is left over of an odd number.</summary>
internal readonly struct One : IWidth
{
    public static int Count => 1;
}

/// <summary>Two at a time, so that what both need is read once.</summary>
internal readonly struct Two : IWidth
{
    public static int Count => 2;
}

/// <summary>Three at a time.</summary>
internal readonly struct Three : IWidth
{
    public static int Count => 3;
}
