namespace Superposition.ToyModels;

/// <summary>What an output is asked for: a function of one feature, or of a pair.</summary>
public enum TargetFunction
{
    /// <summary>x.</summary>
    Identity,

    /// <summary>|x|.</summary>
    Absolute,

    /// <summary>x².</summary>
    Square,

    /// <summary>max(x, y).</summary>
    Max,

    /// <summary>1 where x and y are both above 0, else 0.</summary>
    And,

    /// <summary>1 where x or y is above 0, else 0.</summary>
    Or,

    /// <summary>|x − y|.</summary>
    AbsoluteDifference,

    /// <summary>max(|x|, |y|), which is (|x + y| + |x − y|)/2: one layer of ReLUs does.</summary>
    MaxAbsolute,

    /// <summary>max(0, x, y): one layer of ReLUs and a linear read-out do not do, whatever its width, for its kinks end at 0.</summary>
    RectifiedMax,
}
