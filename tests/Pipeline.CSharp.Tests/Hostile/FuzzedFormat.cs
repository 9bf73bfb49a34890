namespace Superposition.Tests.Hostile;

/// <summary>A kind of file, sound ones damaged in all its own ways, and the reader that must read or refuse them.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Damages">Ways to damage a sound file.</param>
/// <param name="Read">Reads one; what it gives is dropped.</param>
/// <param name="ReasonOf">The reason of a refusal in the reader's own words; null for any other exception.</param>
sealed record FuzzedFormat(string Name, IReadOnlyList<Damage> Damages, Action<byte[]> Read, Func<Exception, string?> ReasonOf)
{
    /// <summary>The file of some blows: the first says how it is damaged, the rest what is done.</summary>
    public byte[] File(Blow[] blows) => Damages[blows[0].Kind % Damages.Count](blows.AsSpan(1));

    public override string ToString() => Name;
}
