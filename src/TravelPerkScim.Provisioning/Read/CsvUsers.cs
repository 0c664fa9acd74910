using System.Globalization;
using System.Runtime.CompilerServices;
using CsvHelper;
using CsvHelper.Configuration;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>Users as a CSV (RFC 4180; any line end), one user a record. Only the cells of known columns become strings.</summary>
internal sealed class CsvUsers(string path, StreamReader file, CsvPreamble preamble, SourceLayout layout, SourceNotes notes) : IUserReader
{
    /// <summary>Only a quotation mark that is never closed makes a cell this long. The read stops there, so that memory does not hold the
    /// rest of the file.</summary>
    private const int LongestCell = 16 * AttributeText.MaxLength;

    private readonly UserValues _values = new(layout);
    private bool _misquoted;

    public int Line { get; private set; } = 1;

    public bool HasEndMark => false;

    public bool IsCutOff { get; private set; }

    public string Position => string.Create(CultureInfo.InvariantCulture, $"line {Line}");

    public async IAsyncEnumerable<SourceItem> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int line = 0; line < preamble.Lines; line++)
            await file.ReadLineAsync(cancellationToken).ConfigureAwait(false);

        var text = new CsvText(file, cancellationToken);
        using var parser = new CsvParser(
            text,
            new CsvConfiguration(CultureInfo.InvariantCulture)
            {
                Delimiter = preamble.Delimiter.ToString(),
                BufferSize = 64 * 1024,
                MaxFieldSize = LongestCell,
                BadDataFound = _ => _misquoted = true,
            }
        );
        CsvColumns columns = await ReadHeaderAsync(parser).ConfigureAwait(false);
        foreach (CsvColumn column in columns.Wanted)
            column.Slots.ForEach(notes.Name);

        string? cutOff = null;
        while (cutOff is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int line = parser.RawRow;
            bool found;
            try
            {
                found = await parser.ReadAsync().ConfigureAwait(false);
            }
            catch (MaxFieldSizeException)
            {
                Line = preamble.Lines + line + 1;
                cutOff = "A quotation mark is opened and not closed";
                continue;
            }

            if (!found)
            {
                yield return new SourceEnd(FullRead: true, Watermark: null, TotalRead: 0);
                yield break;
            }

            int lines = parser.RawRow - line == 1 ? 1 : LinesOf(parser.RawRecord, text.AtEnd);
            Line = preamble.Lines + parser.RawRow - lines + 1;
            if (text.AtEnd && EndsEarly(parser, columns))
            {
                cutOff = "The file ends in the middle of this line";
            }
            else if (columns.MayBeHeader(parser) && !columns.IsHeader(parser) && columns.IsOtherHeader(parser))
            {
                cutOff = "This line has column names in another order or number than the first, as where two files were joined";
            }
            else if (text.HasControls && CsvText.IsSpoilt(parser.RawRecord))
            {
                yield return Fault(
                    "has bytes that are no text, as a crash or a broken copy leaves them. "
                        + "The number of users in it cannot be known. Export the users again",
                    null
                );
            }
            else if (ReadRecord(parser, columns, lines > 1) is { } item)
            {
                yield return item;
            }
        }

        IsCutOff = true;
        yield return new SourceFault(Position, $"{cutOff}, so who is absent is not known. Export the users again.");
    }

    private async Task<CsvColumns> ReadHeaderAsync(CsvParser parser)
    {
        try
        {
            await parser.ReadAsync().ConfigureAwait(false);
        }
        catch (MaxFieldSizeException e)
        {
            throw new SourceException(
                "SourceFormatUnknown",
                $"'{path}' does not begin with a line of column names, so it is not a CSV.",
                e
            );
        }

        return CsvColumns.Of(parser, layout, path);
    }

    private static int LinesOf(string record, bool atEnd)
    {
        int lines = 0;
        foreach (ReadOnlySpan<char> _ in record.AsSpan().EnumerateLines())
            lines++;

        return atEnd && !record.EndsWith('\r') ? lines : lines - 1;
    }

    /// <summary>A last line may lack its line end, but not cells nor a closing quotation mark.</summary>
    private static bool EndsEarly(CsvParser parser, CsvColumns columns)
    {
        string record = parser.RawRecord;
        return record.Count(c => c == '"') % 2 != 0 || (parser.Count < columns.Count && !record.EndsWith('\r'));
    }

    private SourceItem? ReadRecord(CsvParser parser, CsvColumns columns, bool severalLines)
    {
        _misquoted = false;
        // An unclosed quotation mark shows as a record of several lines with a fault in some cell. The cells of unknown columns are parsed
        // too in that case.
        if (severalLines)
            _ = parser.Record;

        // Where bytes were lost across a line end, the line holds two users, and an id in it belongs to one of the two.
        if (parser.Count != columns.Count)
        {
            return IsBlank(parser)
                ? null
                : Fault(
                    $"has {parser.Count} cells where the header has {columns.Count}, so whose it is cannot be known. "
                        + "A cell with a delimiter, a quotation mark or a line break of its own has to be in quotation marks",
                    null
                );
        }

        if (severalLines && columns.Swallowed(parser, preamble.Delimiter))
        {
            return Fault(
                "has other lines within a cell, as between two quotation marks that do not belong together, "
                    + "so whose they are cannot be known. Correct the quotation marks",
                null
            );
        }

        if (columns.IsHeader(parser))
        {
            return new SourceNotice(
                $"{Path.GetFileName(path)} has its column names on line {Line} once more, as where two files were joined. "
                    + "That line is not a user, and is passed over."
            );
        }

        if (AttributeText.Id(parser[columns.Id]) is not { } anchor)
            return IsBlank(parser) ? null : Fault("has no id, or one that cannot be read, so whose line it is cannot be known", null);

        _values.Clear();
        foreach (CsvColumn column in columns.Wanted)
            Put(column, parser[column.Cell]);

        if (_misquoted)
        {
            return Fault(
                "has a quotation mark inside a cell. Put the cell in quotation marks and double the mark",
                AnchorByShape(parser, severalLines)
            );
        }

        return _values.Fault is { } fault ? Fault($"cannot be used: {fault}", anchor) : _values.ToEntry(anchor);
    }

    private void Put(CsvColumn column, string cell)
    {
        if (cell.Length == 0)
            return;

        switch (column.Kind)
        {
            case ColumnKind.Holder:
                _values.PutHolder(column.Members, cell);
                break;
            case ColumnKind.DeletedDateTime:
                _values.PutDeleted(cell);
                goto default;
            case ColumnKind.FirstOfMany:
                if (FlattenedText.Is(cell))
                    _values.Put(column.Slot, IgnoredFlow.NotGiven);
                else if (FlattenedText.FirstItem(cell) is { } first)
                    _values.PutText(column.Slot, first);
                break;
            default:
                if (column.Slot >= 0)
                    _values.PutText(column.Slot, cell);
                break;
        }
    }

    private SourceFault Fault(string what, string? anchor) => new(Position, $"The line {what}.", anchor);

    /// <summary>The id of a line whose cells may have shifted: the only cell that looks like an id. The id of a wrong user would hide the
    /// absence of the right one.</summary>
    private static string? AnchorByShape(CsvParser parser, bool severalLines)
    {
        string[] ids = severalLines ? [] : Array.FindAll(CsvColumns.Cells(parser), cell => Guid.TryParseExact(cell.Trim(), "D", out _));
        return ids is [var id] ? SourceAnchor.Canonical(id) : null;
    }

    private static bool IsBlank(CsvParser parser) => Array.TrueForAll(CsvColumns.Cells(parser), string.IsNullOrWhiteSpace);
}
