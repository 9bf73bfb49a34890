using System.Globalization;

namespace Superposition.Storage;

/// <summary>The claims of a run, in its claims.csv: a row each, numbers to the last bit.</summary>
public static class Claims
{
    /// <summary>The file's name in a run folder.</summary>
    public const string FileName = "claims.csv";

    static readonly string[] Columns =
        ["id", "statement", "measured", "low", "high", "seeds", "expected", "tolerance", "verdict", "source"];

    /// <summary>Adds claims.csv to a run.</summary>
    /// <exception cref="FileWriteException">The file cannot be written.</exception>
    public static void Write(RunFolderWriter run, IEnumerable<Claim> claims) => run.WriteCsv(FileName, ToTable(claims));

    /// <summary>Reads claims.csv of a run.</summary>
    /// <exception cref="RunFolderException">The run has none.</exception>
    /// <exception cref="CsvException">The file is no table of claims.</exception>
    public static IReadOnlyList<Claim> Read(RunFolder run) => OfTable(run.Csv(FileName));

    /// <summary>One row a claim.</summary>
    public static CsvTable ToTable(IEnumerable<Claim> claims)
    {
        var table = new CsvTable(Columns);
        foreach (var claim in claims)
            table.Add(
                claim.Id, claim.Statement, claim.Measured, claim.Low, claim.High, claim.Seeds, claim.Expected, claim.Tolerance,
                Claim.Word(claim.Verdict), claim.Source);
        return table;
    }

    /// <summary>One claim a row.</summary>
    /// <exception cref="CsvException">A column is missing, or a field is not what its column holds.</exception>
    public static IReadOnlyList<Claim> OfTable(CsvTable table) =>
        [.. Enumerable.Range(0, table.Count).Select(row => new Claim(
            table[row, "id"],
            table[row, "statement"],
            table.Number(row, "measured"),
            table.Number(row, "low"),
            table.Number(row, "high"),
            SeedsOf(table, row),
            table[row, "expected"],
            table[row, "tolerance"].Length == 0 ? null : table.Number(row, "tolerance"),
            VerdictOf(table, row),
            table[row, "source"]))];

    static int SeedsOf(CsvTable table, int row) =>
        int.TryParse(table[row, "seeds"], NumberStyles.None, CultureInfo.InvariantCulture, out var seeds)
            ? seeds
            : throw table.BadValue(row, "seeds", "a count");

    static Verdict VerdictOf(CsvTable table, int row)
    {
        foreach (var verdict in Enum.GetValues<Verdict>())
            if (table[row, "verdict"] == Claim.Word(verdict)) return verdict;
        throw table.BadValue(row, "verdict", "reproduced or not-reproduced");
    }
}
