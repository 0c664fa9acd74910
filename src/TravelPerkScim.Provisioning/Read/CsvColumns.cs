using System.Buffers;
using CsvHelper;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>One column that is read.</summary>
/// <param name="Cell">The cell's place in the line.</param>
/// <param name="Kind">The kind of the column.</param>
/// <param name="Slot">The attribute, or -1.</param>
/// <param name="Members">The attributes in the cell, when it holds an object.</param>
internal sealed record CsvColumn(int Cell, ColumnKind Kind, int Slot, IReadOnlyList<(string Member, int Slot)> Members)
{
    /// <summary>Every attribute that the cell can give.</summary>
    public List<int> Slots => [Slot, .. Members.Select(member => member.Slot)];
}

/// <summary>
/// The header of a CSV: the cell that holds the id, and the slot of the layout for each other cell. The admin center has used two sets of
/// column names: objectId, physicalDeliveryOfficeName, mobile (documented) and id, officeLocation, mobilePhone (as seen); see
/// https://learn.microsoft.com/entra/identity/users/users-bulk-download. Other columns are ignored.
/// </summary>
internal sealed class CsvColumns
{
    private const int LongestName = 64;

    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._"
    );

    private readonly string[] _names;

    private readonly HashSet<string> _known;

    private CsvColumns(string[] names, int id, CsvColumn[] wanted)
    {
        (_names, Id, Wanted) = (names, id, wanted);
        _known = new HashSet<string>(names.Where(name => name.Length > 0), StringComparer.OrdinalIgnoreCase);
    }

    public int Count => _names.Length;

    public int Id { get; }

    public IReadOnlyList<CsvColumn> Wanted { get; }

    /// <exception cref="SourceException">SourceColumnsMissing: no column holds the id.</exception>
    public static CsvColumns Of(CsvParser header, SourceLayout layout, string path)
    {
        int id = -1;
        var wanted = new List<CsvColumn>();
        for (int cell = 0; cell < header.Count; cell++)
        {
            string name = Name(header[cell]);
            (ColumnKind kind, int slot) = SourceColumns.Find(layout, name);
            if (id < 0 && kind == ColumnKind.Id)
                id = cell;

            bool isWanted = slot >= 0 || kind is ColumnKind.DeletedDateTime or ColumnKind.Holder;
            if (isWanted)
                wanted.Add(new CsvColumn(cell, kind, slot, kind == ColumnKind.Holder ? SourceColumns.Members(layout, name) : []));
        }

        if (id < 0)
        {
            throw new SourceException(
                "SourceColumnsMissing",
                $"'{path}' has no column id (or objectId). Without one, no user can be followed from one read to the next. "
                    + $"{Found(header)}'Download users' of the Entra admin center writes the column."
            );
        }
        // A file may have both id and objectId. The first of them counts.
        wanted.RemoveAll(column => column.Kind == ColumnKind.Id && column.Cell != id);
        return new CsvColumns(NamesIn(header), id, [.. wanted]);
    }

    /// <summary>The line repeats the header, because files were joined.</summary>
    public bool IsHeader(CsvParser line) =>
        string.Equals(Name(line[Id]), _names[Id], StringComparison.OrdinalIgnoreCase)
        && NamesIn(line).SequenceEqual(_names, StringComparer.OrdinalIgnoreCase);

    /// <summary>A cheap first check for every line: in the id's place, a header has the name of a known column.</summary>
    public bool MayBeHeader(CsvParser line) => line.Count != Count || _known.Contains(Name(line[Id]));

    /// <summary>The line is another header, because files with other columns, or with columns in another order, were joined.</summary>
    public bool IsOtherHeader(CsvParser line)
    {
        string[] cells = NamesIn(line);
        return cells.Contains(_names[Id], StringComparer.OrdinalIgnoreCase) && cells.Count(_known.Contains) * 2 > cells.Length;
    }

    /// <summary>
    /// A cell of several lines holds whole lines of the file. Where ids are GUIDs, the cell has one of them. Elsewhere the cell has as many
    /// delimiters as a line.
    /// </summary>
    public bool Swallowed(CsvParser record, char delimiter)
    {
        bool guids = IsGuid(record[Id]);
        foreach (string cell in Cells(record))
        {
            if (!cell.AsSpan().ContainsAny('\r', '\n'))
                continue;
            bool holdsLine = guids ? cell.Split([delimiter, '\r', '\n', '"']).Any(IsGuid) : cell.AsSpan().Count(delimiter) >= Count - 1;
            if (holdsLine)
                return true;
        }
        return false;
    }

    /// <summary>The cells of the line that was read last; none of an empty file.</summary>
    public static string[] Cells(CsvParser line) => line.Record ?? [];

    private static string[] NamesIn(CsvParser line) => Array.ConvertAll(Cells(line), Name);

    private static bool IsGuid(string text) => Guid.TryParse(text.Trim().Trim('\uFEFF'), out _);

    private static string Name(string cell) => cell.Trim().Trim('\uFEFF').Trim();

    // A file that is no list of users may have a secret in its first line. Only texts that can be column names are shown.
    private static string Found(CsvParser header)
    {
        string[] cells = Array.ConvertAll(Cells(header), cell => cell.Trim());
        string names = string.Join(", ", cells.Where(IsName));
        if (names.Length == 0 || cells.Any(cell => cell.AsSpan().ContainsAny('=', ':')))
            return "Its first line does not look like column names, and is not shown. ";

        string shown = names.Length > 500 ? names[..500] + "..." : names;
        return $"Columns found: {shown}. ";
    }

    private static bool IsName(string cell) =>
        cell.Length is > 0 and <= LongestName && cell.AsSpan().IndexOfAnyExcept(s_nameCharacters) < 0;
}
