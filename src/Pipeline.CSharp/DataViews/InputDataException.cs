namespace Superposition.DataViews;

/// <summary>Why a view cannot be used.</summary>
public enum InputDataReason
{
    /// <summary>The view has no column of that name.</summary>
    MissingColumn,

    /// <summary>The column is not a vector of Single of known size.</summary>
    WrongType,

    /// <summary>The column's vectors have another size than the model's.</summary>
    WrongSize,

    /// <summary>A value is NaN or infinite.</summary>
    NotFinite,

    /// <summary>The view has no rows.</summary>
    Empty,

    /// <summary>All rows are alike, so there is nothing to learn.</summary>
    Constant,
}

/// <summary>A view that a stage cannot use: says what was expected, what was found, where, and what to do.</summary>
public sealed class InputDataException : Exception
{
    /// <summary>Why.</summary>
    public InputDataReason Reason { get; }

    internal InputDataException(InputDataReason reason, string message) : base($"{message} ({reason})") => Reason = reason;
}
