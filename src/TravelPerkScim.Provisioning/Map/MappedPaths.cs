using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>The paths of mapped attributes, compared by their parts. Names and URNs compare without case (RFC 7643 2.1).</summary>
internal static class MappedPaths
{
    /// <summary>The mapped attributes whose names are paths.</summary>
    public static IEnumerable<(AttributeMapping Mapping, AttributePath Path)> Of(SynchronizationSchema mapping)
    {
        foreach (AttributeMapping attribute in mapping.UserMapping.AttributeMappings)
        {
            if (AttributePath.TryParse(attribute.TargetAttributeName, out AttributePath? path))
                yield return (attribute, path);
        }
    }

    /// <summary>The paths lead into the same attribute, to whichever of its elements and parts.</summary>
    public static bool IsOfSameAttribute(this AttributePath one, AttributePath other) =>
        Same(one.SchemaUrn, other.SchemaUrn) && Same(one.Attribute, other.Attribute);

    /// <summary>The path leads to the attribute that holds the other path's value, or to the same part of it.</summary>
    public static bool Holds(this AttributePath one, AttributePath other) =>
        one.IsOfSameAttribute(other) && (one.SubAttribute is null || Same(one.SubAttribute, other.SubAttribute));

    public static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
