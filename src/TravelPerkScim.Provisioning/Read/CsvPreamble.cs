namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// The lines before the header of a CSV, and the delimiter of its cells. Windows PowerShell writes a line that begins with <c>#TYPE</c>.
/// The admin center's templates begin with <c>version:</c>. Excel reads and writes a line with <c>sep=</c>.
/// </summary>
/// <param name="Lines">The number of lines before the header.</param>
/// <param name="Delimiter">The delimiter.</param>
internal sealed record CsvPreamble(int Lines, char Delimiter)
{
    private const string Separator = "sep=";

    // Of two that are as frequent, the first is the delimiter.
    private const string Delimiters = ",;\t";

    public static CsvPreamble Of(string head)
    {
        ReadOnlySpan<char> rest = head.AsSpan();
        char? named = null;
        int lines = 0;
        while (rest.Length > 0)
        {
            int end = rest.IndexOfAny('\r', '\n');
            ReadOnlySpan<char> line = (end < 0 ? rest : rest[..end]).Trim().Trim('\uFEFF').Trim('"');
            bool isSeparator = line.StartsWith(Separator, StringComparison.OrdinalIgnoreCase);
            if (isSeparator)
                named = SeparatorIn(line, rest) ?? named;

            bool isBeforeHeader = isSeparator || IsBlank(line) || IsTypeOrVersion(line);
            if (end < 0 || !isBeforeHeader)
                break;

            rest = rest[(end + (rest[end..].StartsWith("\r\n") ? 2 : 1))..];
            lines++;
        }

        return new CsvPreamble(lines, named ?? DelimiterOf(rest));
    }

    /// <summary>The separator that a line names. A tab at the end of the trimmed line is seen in the line as it is.</summary>
    private static char? SeparatorIn(ReadOnlySpan<char> line, ReadOnlySpan<char> rest)
    {
        if (line.Length > Separator.Length)
            return line[Separator.Length];
        bool isTab = rest.Length > Separator.Length && rest[Separator.Length] == '\t';
        return isTab ? '\t' : null;
    }

    private static bool IsTypeOrVersion(ReadOnlySpan<char> line) =>
        line.StartsWith("#TYPE ", StringComparison.Ordinal) || line.StartsWith("version:", StringComparison.OrdinalIgnoreCase);

    // A blank row of a workbook is a line of delimiters.
    private static bool IsBlank(ReadOnlySpan<char> line) => line.IndexOfAnyExcept(" \t,;\uFEFF") < 0;

    /// <summary>The delimiter of the header. Only the header is counted, because cells hold commas and semicolons of their own.</summary>
    private static char DelimiterOf(ReadOnlySpan<char> header)
    {
        int[] counts = new int[Delimiters.Length];
        bool quoted = false;
        foreach (char c in header)
        {
            quoted ^= c == '"';
            if (quoted)
                continue;
            if (c is '\r' or '\n')
                break;
            if (Delimiters.IndexOf(c, StringComparison.Ordinal) is >= 0 and var delimiter)
                counts[delimiter]++;
        }

        return Delimiters[Array.IndexOf(counts, counts.Max())];
    }
}
