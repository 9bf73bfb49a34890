using System.Text;

namespace Superposition.Storage;

/// <summary>How names and shapes out of a file are shown in an error: on one line and short, whatever the file holds.</summary>
static class ErrorText
{
    const int LongestName = 80;
    const int LongestList = 20;

    /// <summary>In double quotes, control characters as \u0000, cut after 80 characters.</summary>
    public static string Quote(string name)
    {
        var text = new StringBuilder("\"");
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, LongestName)))
            if (char.IsControl(c) || char.IsSurrogate(c)) text.Append($"\\u{(int)c:x4}");
            else text.Append(c);
        return text.Append(name.Length > LongestName ? "…\"" : "\"").ToString();
    }

    /// <summary>[4096, 512]; [] for a scalar.</summary>
    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The first twenty names in quotes, and how many more; "none" if there are none.</summary>
    public static string List(IReadOnlyCollection<string> names) => names.Count switch
    {
        0 => "none",
        <= LongestList => string.Join(", ", names.Select(Quote)),
        _ => $"{string.Join(", ", names.Take(LongestList).Select(Quote))} and {names.Count - LongestList} more",
    };
}
