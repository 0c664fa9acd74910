using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Compile;

/// <summary>The attributes of both sides: those of the default schema and those of a given schema. A definition of the given schema
/// wins.</summary>
internal sealed class KnownAttributes
{
    private static readonly Lazy<SynchronizationSchema> s_standard = new(() => SynchronizationSchema.Default);

    private readonly Dictionary<string, AttributeDefinition> _source;
    private readonly Dictionary<string, AttributeDefinition> _target;
    private readonly HashSet<string> _mapped = new(StringComparer.OrdinalIgnoreCase);

    public KnownAttributes(SynchronizationSchema schema)
    {
        _source = ByName(SourceAttributeNames.Canonical, s_standard.Value.SourceUser, schema.SourceUser);
        _target = ByName(name => name, s_standard.Value.TargetUser, schema.TargetUser);
    }

    /// <summary>The definition of a source attribute by any of its names, or null.</summary>
    public AttributeDefinition? Source(string name) => _source.GetValueOrDefault(SourceAttributeNames.Canonical(name));

    /// <summary>Every target attribute.</summary>
    public IEnumerable<AttributeDefinition> Targets => _target.Values;

    /// <summary>The definition of a target attribute, known to exist.</summary>
    public AttributeDefinition Target(string name) => _target[name];

    /// <summary>The definition of a target attribute, or null.</summary>
    public AttributeDefinition? FindTarget(string name) => _target.GetValueOrDefault(name);

    /// <exception cref="MappingException">The target attribute is unknown or mapped twice, or the expression reads an unknown source
    /// attribute.</exception>
    public void Check(AttributeMapping mapping, MappingExpression? expression)
    {
        string target = mapping.TargetAttributeName;
        if (!_target.ContainsKey(target))
        {
            string hint = NearestName.Offer(target, _target.Keys);
            throw new MappingException(
                "UnknownTargetAttribute",
                $"The target has no attribute '{target}': "
                    + $"neither TravelPerk's published schema nor the mapping's target directory defines it.{hint} "
                    + "Get-ScimMapping -Default lists TravelPerk's names; "
                    + "Set-ScimMapping with a connection takes over a definition that the service itself publishes."
            )
            {
                TargetAttribute = target,
            };
        }
        if (!_mapped.Add(target))
        {
            throw new MappingException("DuplicateTargetAttribute", $"The target attribute '{target}' has two mappings. Remove one.")
            {
                TargetAttribute = target,
            };
        }
        AttributeNode? unknown = expression?.Root.Descendants.OfType<AttributeNode>().FirstOrDefault(node => !IsKnown(node.Name));
        if (unknown is not null)
            throw UnknownSource(unknown.Name, FunctionCall.ColumnOf(unknown)).For(target);
    }

    /// <exception cref="MappingException"><c>UnknownSourceAttribute</c>.</exception>
    public void CheckSource(string name)
    {
        if (!IsKnown(name))
            throw UnknownSource(name, null);
    }

    /// <summary>Whether the source can have the attribute. Directory extensions are the tenant's own, so no list can hold them.</summary>
    private bool IsKnown(string name) => Source(name) is not null || name.StartsWith("extension_", StringComparison.OrdinalIgnoreCase);

    private MappingException UnknownSource(string name, int? column)
    {
        string hint = NearestName.Offer(name, _source.Keys);
        return new(
            "UnknownSourceAttribute",
            $"The source has no attribute '{name}': neither the schema's source directory nor Microsoft Entra's user defines it.{hint}"
        )
        {
            Column = column,
        };
    }

    private static Dictionary<string, AttributeDefinition> ByName(Func<string, string> key, params ObjectDefinition?[] definitions)
    {
        var attributes = new Dictionary<string, AttributeDefinition>(StringComparer.OrdinalIgnoreCase);
        foreach (AttributeDefinition attribute in definitions.OfType<ObjectDefinition>().SelectMany(definition => definition.Attributes))
            attributes[key(attribute.Name)] = attribute;
        return attributes;
    }
}
