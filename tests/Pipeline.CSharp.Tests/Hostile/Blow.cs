using CsCheck;

namespace Superposition.Tests.Hostile;

/// <summary>One change to a sound file: what is done, where, and with what; three numbers that each kind of file reads its own way.</summary>
readonly record struct Blow(int Kind, int Place, int Choice)
{
    /// <summary>The first says which file is damaged and how, the others what is done to it.</summary>
    public static readonly Gen<Blow[]> Several = Gen.Select(Gen.Int[0, 1 << 30], Gen.Int[0, 1 << 30], Gen.Int[0, 1 << 30], (kind, place, choice) => new Blow(kind, place, choice)).Array[2, 5];

    /// <summary>Numbers on which readers stumble: ends of ranges, and what is one beside them.</summary>
    public long Number(int length)
    {
        ReadOnlySpan<long> numbers =
        [
            0, 1, -1, 2, 7, 8, 9, 64, 127, 128, 255, 256, 65535, 65536, 1 << 20, 16_777_217, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1L << 40, long.MaxValue,
            long.MinValue, 1_000_000_007, Choice, length, length - 1, length + 1, length - 8, length / 2, 100_000_000, 0x7F80_0000, 0x7FC0_0000,
        ];
        return numbers[Choice % numbers.Length];
    }
}

/// <summary>A damaged file made of a sound one; the same blows give the same file.</summary>
delegate byte[] Damage(ReadOnlySpan<Blow> blows);
