using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>
/// Copies definitions of a service's own <c>/Schemas</c> into a mapping, for mapped attributes that TravelPerk does not publish. The
/// definitions stay in the mapping's target directory, so that plans and checks need no connection.
/// </summary>
public static class ServiceAttributes
{
    /// <summary>Mapped attributes that neither TravelPerk's published schema nor the mapping defines.</summary>
    public static IEnumerable<string> Undefined(SynchronizationSchema mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        return Mapped(mapping).Select(mapped => mapped.Mapping.TargetAttributeName).Where(name => mapping.TargetDefinition(name) is null);
    }

    /// <summary>Mapped attributes that TravelPerk does not publish.</summary>
    public static bool Any(SynchronizationSchema mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        return Mapped(mapping).Any();
    }

    /// <summary>Adds the definitions that the mapping lacks. The other definitions get the form that values have at the service.</summary>
    /// <param name="mapping">The schema, changed in place.</param>
    /// <param name="discovered">The attributes that the service's <c>/Schemas</c> describe.</param>
    /// <returns>True when the mapping changed.</returns>
    public static bool Define(SynchronizationSchema mapping, IReadOnlyCollection<ScimSchemaAttribute> discovered)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(discovered);
        bool changed = false;
        foreach ((AttributeMapping attribute, AttributePath path) in Mapped(mapping).ToList())
        {
            if (Find(path, discovered) is not { } found)
                continue;
            string name = attribute.TargetAttributeName;
            AttributeDefinition? definition = mapping.TargetDefinition(name);
            if (definition is null)
            {
                definition = new AttributeDefinition(name, EntraType(found.Type), found.MultiValued, found.CaseExact, found.Required);
                mapping.DefineTarget(definition);
                changed = true;
            }
            changed |= Annotate(definition, found);
        }
        return changed;
    }

    /// <summary>The service's description of the attribute at a path: of the attribute itself, or of a part of a list's elements.</summary>
    public static ScimSchemaAttribute? Find(AttributePath path, IReadOnlyCollection<ScimSchemaAttribute> discovered)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(discovered);
        if (discovered.FirstOrDefault(attribute => attribute.Path.Equals(path)) is { } exact)
            return exact;
        if (path is not { ValueFilter: not null, SubAttribute: { } part })
            return null;
        ScimSchemaAttribute[] list = [.. discovered.Where(attribute => attribute.Path.IsOfSameAttribute(path))];
        // Services list the types of an element as canonical values, or not at all. All elements have the same parts.
        ScimSchemaAttribute? like =
            list.FirstOrDefault(attribute => MappedPaths.Same(attribute.Path.SubAttribute, part))
            ?? (MappedPaths.Same(part, "value") ? list.FirstOrDefault() : null);
        return like is null ? null : like with { Path = path, MultiValued = false, SimpleElements = false };
    }

    private static IEnumerable<(AttributeMapping Mapping, AttributePath Path)> Mapped(SynchronizationSchema mapping) =>
        MappedPaths.Of(mapping).Where(mapped => TravelPerkSchema.Find(mapped.Path) is null);

    private static bool Annotate(AttributeDefinition definition, ScimSchemaAttribute found)
    {
        (string?, bool?) before = (definition.ScimType, definition.SimpleElements);
        string wire = found.Type.ToString();
        definition.ScimType = string.Equals(definition.Type.ToString(), wire, StringComparison.Ordinal) ? null : wire.ToLowerInvariant();
        definition.SimpleElements = found.MultiValued || found.Type == ScimAttributeType.Reference ? found.SimpleElements : null;
        return before != (definition.ScimType, definition.SimpleElements);
    }

    // Entra has no type for decimals. A decimal is text there, and is sent as a number all the same.
    private static TargetAttributeType EntraType(ScimAttributeType type) =>
        Enum.TryParse(type.ToString(), out TargetAttributeType same) ? same : TargetAttributeType.String;
}
