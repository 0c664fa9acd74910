using CsvHelper;
using TravelPerkScim.Mapping;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// The header of a CSV: which cell holds the id, and which cell goes to which slot of the layout.
/// The admin center has written both name sets of its columns: objectId, physicalDeliveryOfficeName, mobile (documented) and id, officeLocation, mobilePhone (as seen);
/// see https://learn.microsoft.com/entra/identity/users/users-bulk-download. Other columns are ignored.
/// </summary>
internal sealed class CsvColumns
{
    private CsvColumns(int count, int id, (int Cell, int Slot)[] wanted) => (Count, Id, Wanted) = (count, id, wanted);

    public int Count { get; }

    public int Id { get; }

    public IReadOnlyList<(int Cell, int Slot)> Wanted { get; }

    /// <exception cref="SourceException">SourceColumnsMissing: no column holds the id.</exception>
    public static CsvColumns Of(CsvParser header, SourceLayout layout, string path)
    {
        var id = -1;
        var wanted = new List<(int Cell, int Slot)>();
        for (var cell = 0; cell < header.Count; cell++)
        {
            var name = header[cell].Trim();
            if (name.Equals("id", StringComparison.OrdinalIgnoreCase) || name.Equals("objectId", StringComparison.OrdinalIgnoreCase))
                id = id < 0 ? cell : id;

            var slot = name.Length == 0 ? -1 : layout.SlotOf(name);
            if (slot >= 0 && !wanted.Exists(w => w.Slot == slot))
                wanted.Add((cell, slot));
        }

        return id >= 0
            ? new CsvColumns(header.Count, id, [.. wanted])
            : throw new SourceException("SourceColumnsMissing", $"'{path}' has no column id (or objectId), without which nobody can be followed from one read to the next. Columns found: {Found(header)}. 'Download users' of the Entra admin center writes it.");
    }

    private static string Found(CsvParser header)
    {
        var names = string.Join(", ", header.Record ?? []);
        return names.Length > 500 ? names[..500] + "..." : names;
    }
}
