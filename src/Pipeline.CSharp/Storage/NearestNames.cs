namespace Superposition.Storage;

/// <summary>Which names someone may have meant who wrote one that is not there.</summary>
static class NearestNames
{
    const int LongestCompared = 200;   // names come out of files; the table below grows with their square

    /// <summary>All names, those with the fewest letters to change first (Levenshtein 1966), case aside; equals in the order given.</summary>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> names) =>
        [.. names.OrderBy(name => Distance(Start(wanted), Start(name)))];

    static string Start(string name) => name[..Math.Min(name.Length, LongestCompared)].ToUpperInvariant();

    static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();   // from nothing to each beginning of the other
        foreach (var letter in from)
        {
            var diagonal = row[0]++;
            for (var j = 0; j < to.Length; j++)
                (diagonal, row[j + 1]) = (row[j + 1], Math.Min(Math.Min(row[j], row[j + 1]) + 1, diagonal + (letter == to[j] ? 0 : 1)));
        }
        return row[^1];
    }
}
