using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>Finds attributes that a service's own <c>/Schemas</c> require of a new user and that the mapping does not fill.</summary>
internal static class ServiceRequirements
{
    /// <summary>Attributes of every resource, with or without a schema that says so (RFC 7643 3.1). The service fills them, except
    /// externalId, which is the client's.</summary>
    private static readonly string[] s_common = ["id", "externalId", "meta", "schemas"];

    /// <summary>True for an attribute of every resource, which is in no schema (RFC 7643 3.1).</summary>
    public static bool IsCommon(AttributePath path) =>
        path.SchemaUrn is null && s_common.Contains(path.Attribute, StringComparer.OrdinalIgnoreCase);

    /// <summary>One warning for each required attribute that nothing fills.</summary>
    public static IEnumerable<MappingFinding> Unfilled(SynchronizationSchema mapping, IReadOnlyCollection<ScimSchemaAttribute> discovered)
    {
        List<AttributePath> filled = [.. MappedPaths.Of(mapping).Where(mapped => !mapped.Mapping.IsNone).Select(mapped => mapped.Path)];
        return discovered
            .Where(attribute =>
                attribute is { Required: true, ReadOnly: false }
                && !IsCommon(attribute.Path)
                && IsAskedFor(attribute.Path, filled)
                && !filled.Exists(path => Fills(path, attribute.Path))
            )
            .Select(Unfilled);
    }

    private static MappingFinding Unfilled(ScimSchemaAttribute attribute)
    {
        string whole = attribute.Path.ToString();
        string target = attribute is { MultiValued: true, SimpleElements: false } ? $"{whole}[type eq \"work\"].value" : whole;
        return new MappingFinding(
            MappingFindingSeverity.Warning,
            "RequiredByService",
            whole,
            null,
            $"The service's schema requires this attribute of a new user, and nothing maps it. "
                + $"The service may refuse every create. Map it with Set-ScimMapping, as {target}."
        );
    }

    /// <summary>An extension's attributes are required where the user has that extension, and an attribute's parts where the user has that
    /// attribute (RFC 7643 2.3.8, 3.3).</summary>
    private static bool IsAskedFor(AttributePath required, List<AttributePath> filled) =>
        required is { SubAttribute: null, ValueFilter: null }
            ? required.SchemaUrn is null || filled.Exists(path => MappedPaths.Same(path.SchemaUrn, required.SchemaUrn))
            : filled.Exists(path => path.IsOfSameAttribute(required) && HaveSameFilter(path, required));

    private static bool HaveSameFilter(AttributePath one, AttributePath other) =>
        MappedPaths.Same(one.ValueFilter?.ToString(), other.ValueFilter?.ToString());

    private static bool Fills(AttributePath path, AttributePath required) => path.Holds(required) || required.Holds(path);
}
