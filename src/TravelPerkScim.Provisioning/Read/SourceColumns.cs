using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>The kind of a CSV column or of a JSON property.</summary>
internal enum ColumnKind
{
    Value,
    Id,
    Manager,
    DeletedDateTime,

    /// <summary>A list. Entra's schema knows its first item only.</summary>
    FirstOfMany,

    /// <summary>An object whose members are attributes.</summary>
    Holder,
}

/// <summary>The names of attributes in files: the names of Entra and Graph, and those in lists kept by hand.</summary>
internal static class SourceColumns
{
    private static readonly Dictionary<string, string> s_byHand = new(StringComparer.OrdinalIgnoreCase)
    {
        ["managerId"] = "manager",
        ["manager.id"] = "manager",
        ["manager_id"] = "manager",
        ["managerObjectId"] = "manager",
        ["managerUserPrincipalName"] = "manager",
        ["manager.userPrincipalName"] = "manager",
        ["managerUpn"] = "manager",
        ["managerMail"] = "manager",
        ["managerEmail"] = "manager",
        ["costCenter"] = "employeeOrgData.costCenter",
        ["division"] = "employeeOrgData.division",
    };

    private static readonly Dictionary<string, ColumnKind> s_kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["id"] = ColumnKind.Id,
        ["objectId"] = ColumnKind.Id,
        ["deletedDateTime"] = ColumnKind.DeletedDateTime,
    };

    public static (ColumnKind Kind, int Slot) Find(SourceLayout layout, string name)
    {
        int slot = layout.SlotOf(name);
        if (slot < 0 && s_byHand.TryGetValue(name, out string? known))
            slot = layout.SlotOf(known);

        if (slot >= 0 && slot == layout.SlotOf("manager"))
            return (ColumnKind.Manager, slot);

        if (s_kinds.TryGetValue(name, out ColumnKind kind))
            return (kind, slot);

        if (slot >= 0)
            return (ColumnKind.Value, slot);

        if (name.Equals("businessPhones", StringComparison.OrdinalIgnoreCase))
            return (ColumnKind.FirstOfMany, layout.SlotOf("telephoneNumber"));

        return Members(layout, name).Length > 0 ? (ColumnKind.Holder, -1) : (ColumnKind.Value, -1);
    }

    /// <summary>The attributes that an object holds, each with its name in the object.</summary>
    public static (string Member, int Slot)[] Members(SourceLayout layout, string holder)
    {
        string prefix = holder + ".";
        return
        [
            .. layout
                .Names.Select((name, slot) => (Path: SourceAttributeNames.GraphPath(name), Slot: slot))
                .Where(one => one.Path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                .Select(one => (one.Path[prefix.Length..], one.Slot)),
        ];
    }
}
