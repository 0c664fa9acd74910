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
        List<AttributePath> filled =
        [
            .. mapping
                .UserMapping.AttributeMappings.Where(attribute => !attribute.IsNone)
                .Select(attribute => PathOf(attribute.TargetAttributeName))
                .OfType<AttributePath>(),
        ];
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
            ? required.SchemaUrn is null || filled.Exists(path => Same(path.SchemaUrn, required.SchemaUrn))
            : filled.Exists(path => SameAttribute(path, required) && Same(path.ValueFilter?.ToString(), required.ValueFilter?.ToString()));

    private static bool Fills(AttributePath path, AttributePath required) =>
        SameAttribute(path, required)
        && (required.SubAttribute is null || path.SubAttribute is null || Same(path.SubAttribute, required.SubAttribute));

    private static bool SameAttribute(AttributePath one, AttributePath other) =>
        Same(one.SchemaUrn, other.SchemaUrn) && Same(one.Attribute, other.Attribute);

    private static AttributePath? PathOf(string name) => AttributePath.TryParse(name, out AttributePath? path) ? path : null;

    private static bool Same(string? left, string? right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
