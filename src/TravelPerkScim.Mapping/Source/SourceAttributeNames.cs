using System.Collections.Frozen;
using System.Globalization;

namespace TravelPerkScim.Mapping.Source;

/// <summary>One source attribute that has more than one name.</summary>
/// <param name="Name">The Entra synchronization schema's name, which this assembly works with.</param>
/// <param name="GraphPath">Where a Microsoft Graph user holds it: a property, <c>property.member</c>, or <c>property[0]</c>.</param>
/// <param name="OtherNames">Further names in use, such as the columns of the admin center's "Download users".</param>
public sealed record SourceAttributeName(string Name, string GraphPath, params string[] OtherNames);

/// <summary>Which names mean the same source attribute: Entra's synchronization schema and Microsoft Graph differ for some. All compare
/// without case.</summary>
public static class SourceAttributeNames
{
    /// <summary>The attributes whose names differ. Any other attribute has one name.</summary>
    public static IReadOnlyList<SourceAttributeName> All { get; } =
    [
        new("objectId", "id"),
        new("mobile", "mobilePhone"),
        new("telephoneNumber", "businessPhones[0]"),
        new("physicalDeliveryOfficeName", "officeLocation"),
        new("facsimileTelephoneNumber", "faxNumber"),
        new("dirSyncEnabled", "onPremisesSyncEnabled", "directorySynced"),
        .. Enumerable
            .Range(1, 15)
            .Select(i => i.ToString(CultureInfo.InvariantCulture))
            .Select(i => new SourceAttributeName("extensionAttribute" + i, "onPremisesExtensionAttributes.extensionAttribute" + i)),
    ];

    private static readonly FrozenDictionary<string, SourceAttributeName> s_byName = All.SelectMany(
            attribute => attribute.OtherNames.Append(attribute.Name).Append(attribute.GraphPath),
            (attribute, name) => KeyValuePair.Create(name, attribute)
        )
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The Entra-schema name of an attribute given by any of its names; a name that is not in the table is its own.</summary>
    public static string Canonical(string name) => s_byName.GetValueOrDefault(name)?.Name ?? name;

    /// <summary>Where a Microsoft Graph user holds an attribute given by any of its names: <c>id</c>, <c>businessPhones[0]</c>,
    /// <c>employeeOrgData.costCenter</c>.</summary>
    public static string GraphPath(string name) => s_byName.GetValueOrDefault(name)?.GraphPath ?? name;

    /// <summary>Every name of an attribute, the Entra-schema name first.</summary>
    public static IReadOnlyList<string> NamesOf(string name) =>
        s_byName.TryGetValue(name, out SourceAttributeName? attribute)
            ? [attribute.Name, attribute.GraphPath, .. attribute.OtherNames]
            : [name];
}
