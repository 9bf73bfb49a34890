using CsCheck;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class ClaimTests
{
    static readonly Claim Sticky = new("E6.sticky-half", "Features stick at one half, \"antipodal\".", 0.4000001, 0.39, 0.41, 10,
        "at least 0.4", 0.02, Verdict.Reproduced, "TMS, Feature dimensionality");

    static readonly Gen<Claim> AnyClaim =
        from text in Gen.String.Array[4]
        from numbers in Gen.Double.Array[4]
        from seeds in Gen.Int[0, 100]
        from bound in Gen.Bool
        from verdict in Gen.Enum<Verdict>()
        let tolerance = bound ? null : (double?)numbers[3]
        select new Claim(text[0], text[1], numbers[0], numbers[1], numbers[2], seeds, text[2], tolerance, verdict, text[3]);

    [Fact]
    public void Claims_come_back_from_a_table_as_they_were() =>
        AnyClaim.Array[0, 5].Sample(claims =>
            Claims.OfTable(CsvTable.Parse(Claims.ToTable(claims).ToString(), "text")).SequenceEqual(claims));

    [Fact]
    public void Claims_come_back_from_a_run()
    {
        using var folder = new TemporaryFolder();
        using var writer = new RunFolderWriter(folder["run"]);
        Claims.Write(writer, [Sticky]);
        Assert.Equal([Sticky], Claims.Read(writer.Complete(RunFolderTests.Manifest())));
    }

    [Fact]
    public void A_claim_is_one_line_to_read_and_to_search() => Assert.Equal(
        "claim E6.sticky-half measured=0.4 interval=[0.39, 0.41] expected=\"at least 0.4\" tolerance=0.02 verdict=reproduced "
        + "source=\"TMS, Feature dimensionality\"",
        Sticky.ToString());

    [Fact]
    public void A_claim_without_blanks_and_tolerance_has_no_quotes() => Assert.Equal(
        "claim E6.sticky-half measured=NaN interval=[0.39, 0.41] expected=0.4 tolerance=none verdict=not-reproduced source=T",
        (Sticky with { Measured = double.NaN, Expected = "0.4", Tolerance = null, Verdict = Verdict.NotReproduced, Source = "T" })
            .ToString());

    [Fact]
    public void A_single_number_has_no_interval() => Assert.Contains(
        " measured=0.4 interval=none expected=", (Sticky with { Low = double.NegativeInfinity, High = double.PositiveInfinity }).ToString());

    [Theory]
    [InlineData("reproduced", "perhaps")]
    [InlineData(",10,", ",ten,")]
    [InlineData("0.39", "low")]
    public void A_field_that_is_not_what_its_column_holds_is_refused(string word, string other)
    {
        var text = Claims.ToTable([Sticky]).ToString().Replace(word, other);
        var error = Assert.Throws<CsvException>(() => Claims.OfTable(CsvTable.Parse(text, "claims.csv")));
        Assert.Equal(CsvReason.BadValue, error.Reason);
    }
}
