using System.Globalization;

namespace Superposition.Storage;

/// <summary>
/// Reads the header of an .npy file: a Python dictionary literal such as
/// <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>, of which only what numpy writes is understood.
/// </summary>
ref struct NpyHeader
{
    readonly string where;
    readonly ReadOnlySpan<char> text;
    int position;

    NpyHeader(ReadOnlySpan<char> text, string where)
    {
        this.text = text;
        this.where = where;
    }

    /// <summary>Type and shape of the array that follows.</summary>
    /// <exception cref="NpyException">The header is malformed, or the array is of a kind that is not read.</exception>
    public static (ElementType Type, long[] Shape) Parse(ReadOnlySpan<char> text, string where) =>
        new NpyHeader(text, where).Dictionary();

    (ElementType, long[]) Dictionary()
    {
        ElementType? type = null;
        bool? fortran = null;
        List<long>? shape = null;
        Expect('{');
        while (!Accept('}'))
        {
            var key = Quoted();
            Expect(':');
            switch (key)
            {
                case "descr" when type is null: type = Descr(); break;
                case "fortran_order" when fortran is null: fortran = Boolean(); break;
                case "shape" when shape is null: shape = Tuple(); break;
                default: throw Malformed($"{ErrorText.Quote(key)} is unknown, or stands there twice");
            }
            if (Accept('}')) break;
            Expect(',');
        }
        if (SkipBlanks() < text.Length) throw Malformed($"something follows the dictionary at character {position}");
        if (type is null || fortran is null || shape is null) throw Malformed("one of the three is missing");
        if (fortran.Value)
            throw new NpyException(where, NpyReason.FortranOrder,
                "the array is stored column by column (fortran_order). Save it with numpy.ascontiguousarray(array).");
        return (type.Value, [.. shape]);
    }

    ElementType Descr()
    {
        if (Peek() == '[') throw Unknown("a record type");
        var descr = Quoted();
        if (descr.Length > 1 && descr[1] == 'O')
            throw new NpyException(where, NpyReason.ObjectType,
                "the array holds Python objects, which are never loaded: they may run code. "
                + "Save it as numbers, such as array.astype('<f4').");
        if (descr.StartsWith('>'))
            throw new NpyException(where, NpyReason.BigEndian,
                $"the elements are big-endian ({ErrorText.Quote(descr)}). Save them little-endian, such as array.astype('<f4').");
        return descr switch
        {
            "|b1" => ElementType.BOOL,
            "|u1" => ElementType.U8,
            "|i1" => ElementType.I8,
            "<i2" => ElementType.I16,
            "<u2" => ElementType.U16,
            "<f2" => ElementType.F16,
            "<i4" => ElementType.I32,
            "<u4" => ElementType.U32,
            "<f4" => ElementType.F32,
            "<f8" => ElementType.F64,
            "<i8" => ElementType.I64,
            "<u8" => ElementType.U64,
            _ => throw Unknown(ErrorText.Quote(descr)),
        };
    }

    bool Boolean()
    {
        var rest = text[SkipBlanks()..];
        var value = rest.StartsWith("True") || (rest.StartsWith("False")
            ? false
            : throw Malformed("fortran_order is neither True nor False"));
        position += value ? 4 : 5;
        return value;
    }

    List<long> Tuple()
    {
        var axes = new List<long>();
        Expect('(');
        while (!Accept(')'))
        {
            if (axes.Count == Shapes.MaxRank)
                throw new NpyException(where, NpyReason.ShapeOverflow,
                    $"the shape has more than {Shapes.MaxRank} axes. The header is damaged.");
            axes.Add(Integer());
            if (Accept(')')) break;
            Expect(',');
        }
        return axes;
    }

    long Integer()
    {
        var start = SkipBlanks();
        while (position < text.Length && char.IsAsciiDigit(text[position])) position++;
        if (position == start) throw Malformed($"an axis of the shape is no number of 0 or more, at character {start}");
        return long.TryParse(text[start..position], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new NpyException(where, NpyReason.ShapeOverflow,
                "an axis of the shape does not fit in 63 bits. The header is damaged.");
    }

    string Quoted()
    {
        var quote = Peek();
        if (quote is not ('\'' or '"')) throw Malformed($"a quoted string is missing at character {position}");
        position++;
        var length = text[position..].IndexOf(quote);
        if (length < 0) throw Malformed("a quote is never closed");
        var value = text.Slice(position, length).ToString();
        position += length + 1;
        return value;
    }

    int SkipBlanks()
    {
        while (position < text.Length && text[position] is ' ' or '\n' or '\t' or '\r') position++;
        return position;
    }

    char Peek() => SkipBlanks() < text.Length ? text[position] : '\0';

    bool Accept(char wanted)
    {
        if (Peek() != wanted) return false;
        position++;
        return true;
    }

    void Expect(char wanted)
    {
        if (!Accept(wanted)) throw Malformed($"'{wanted}' is missing at character {position}");
    }

    readonly NpyException Unknown(string type) => new(where, NpyReason.UnknownType,
        $"the elements are {type}; what is read is b1, i1 to i8, u1 to u8 and f2 to f8, little-endian. "
        + "Convert with array.astype('<f4').");

    readonly NpyException Malformed(string found) => new(where, NpyReason.HeaderMalformed,
        $"the header must be a dictionary of descr, fortran_order and shape; {found}. "
        + "The file is damaged, or not written by numpy.");
}
