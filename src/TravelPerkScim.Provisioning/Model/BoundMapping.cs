using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>A compiled mapping bound to the target's attributes: slot i of a desired user belongs to <see cref="Attributes"/>[i].</summary>
internal sealed class BoundMapping
{
    private readonly TargetAttribute? _userName;

    private BoundMapping(CompiledMapping mapping, TargetAttribute[] attributes)
    {
        Mapping = mapping;
        Attributes = attributes;
        Active = Core(attributes, "active");
        _userName = Core(attributes, "userName");
        Updating = Array.FindAll(attributes, a => a.FlowsOnUpdate);
        Matching = [.. attributes.Where(a => a.Flow.MatchingPriority > 0).OrderBy(a => a.Flow.MatchingPriority)];
        Anchoring = Core(attributes, "externalId");
        Telling = Anchoring is null || Matching.Contains(Anchoring) ? Matching : [.. Matching, Anchoring];
    }

    public CompiledMapping Mapping { get; }

    public IReadOnlyList<TargetAttribute> Attributes { get; }

    /// <summary>The attributes in which a difference is a reason to write.</summary>
    public IReadOnlyList<TargetAttribute> Updating { get; }

    /// <summary>Matching attributes in precedence order.</summary>
    public IReadOnlyList<TargetAttribute> Matching { get; }

    /// <summary>externalId, which names the source user; null when the mapping has none.</summary>
    public TargetAttribute? Anchoring { get; }

    /// <summary>The attributes that find a user without a link when the whole target is read: the matching attributes, then externalId. A
    /// renamed user keeps its externalId.</summary>
    public IReadOnlyList<TargetAttribute> Telling { get; }

    /// <summary>The attribute that disables a user; null when the mapping has none.</summary>
    public TargetAttribute? Active { get; }

    /// <summary>The value of <c>active</c> that makes a user inactive, as a boolean or as text.</summary>
    public static bool IsFalse(object? value) =>
        value is false || (value is string text && string.Equals(text, "False", StringComparison.OrdinalIgnoreCase));

    /// <summary>The desired values make the user inactive.</summary>
    public bool IsInactive(DesiredUser user) => Active is { } active && IsFalse(user.Values[active.Slot]);

    public string? UserNameOf(object?[] values) => _userName is null ? null : values[_userName.Slot] as string;

    /// <summary>The externalId as the source or TravelPerk has it; null when there is none, or when the mapping has none.</summary>
    public string? ExternalIdOf(object?[] values) => Anchoring is null ? null : MatchKey.Text(values[Anchoring.Slot]);

    /// <exception cref="MappingException"><c>TargetAttributeInvalid</c>.</exception>
    public static BoundMapping Bind(CompiledMapping mapping) => new(mapping, [.. mapping.Attributes.Select(Bind)]);

    /// <summary>The value of one attribute for a source user.</summary>
    /// <exception cref="MappingException">The value cannot be computed.</exception>
    public object? ValueOf(TargetAttribute attribute, SourceObject user)
    {
        object? value = Mapping.Map(attribute.Slot, user);
        Normalize(new Span<object?>(ref value), user.Anchor);
        return value;
    }

    /// <summary>Text functions give "" where there is no value. A user cannot approve the user's own trips, so a reference of a user to
    /// itself counts as no manager.</summary>
    public static void Normalize(Span<object?> values, string anchor)
    {
        foreach (ref object? value in values)
        {
            // Most values are texts. The cast to a list comes last, because it costs the most.
            value = value switch
            {
                "" => null,
                null or string or bool => value,
                SourceReference reference => NotOneself(reference, anchor),
                IReadOnlyList<object> and [SourceReference reference] => NotOneself(reference, anchor),
                _ => value,
            };
        }
    }

    private static object NotOneself(SourceReference reference, string anchor) =>
        reference.Anchor == anchor ? IgnoredFlow.Oneself : reference;

    private static TargetAttribute? Core(TargetAttribute[] attributes, string name) => Array.Find(attributes, a => a.IsCore(name));

    private static TargetAttribute Bind(CompiledAttribute flow, int slot)
    {
        (AttributePath path, ScimSchemaAttribute definition) = TargetDefinition.Of(flow.TargetName, flow.Definition);
        return new TargetAttribute(slot, flow, path, definition);
    }

    /// <summary>The values of a target user, one for each attribute of the mapping.</summary>
    public object?[] Extract(ScimUser user)
    {
        object?[] values = new object?[Attributes.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = user.GetValue(Attributes[i].Path);
        return values;
    }
}

/// <summary>One mapped attribute with its place in the target.</summary>
internal sealed record TargetAttribute(int Slot, CompiledAttribute Flow, AttributePath Path, ScimSchemaAttribute Definition)
{
    /// <summary>The source attributes that the value is made of; none for a constant.</summary>
    public IReadOnlyList<string> Inputs => Flow.Expression?.Attributes ?? [];

    /// <summary>A difference in this attribute is a reason to write.</summary>
    public bool FlowsOnUpdate => !Flow.OnlyOnCreate && !Flow.Volatile;

    /// <summary>The value depends on the moment or on chance (Now, Guid, RandomString). It causes no write by itself, and is sent along
    /// with another change.</summary>
    public bool FlowsAlong => Flow.Volatile && !Flow.OnlyOnCreate;

    /// <summary>Compares texts. Servers fold the case of login names and language names, so a different case alone is no reason to write a
    /// value again.</summary>
    public StringComparer TextComparer => Definition.CaseExact ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    /// <summary>How a value reaches an existing user.</summary>
    public PatchOperationKind WriteKind =>
        Flow.FlowType == AttributeFlowType.MultiValueAddOnly ? PatchOperationKind.Add : PatchOperationKind.Replace;

    public bool IsReference => Flow.Type == TargetAttributeType.Reference;

    /// <summary>Entra: the default value is used when the source gives null, and only while creating.</summary>
    public object? OnCreate(object? value) =>
        value is IgnoredFlow ignored ? ignored.OnCreate(Flow.TypedDefault) : value ?? Flow.TypedDefault;

    /// <summary>Target names of attributes, in words.</summary>
    public static string Names(IEnumerable<TargetAttribute> attributes) => string.Join(" and ", attributes.Select(a => a.Flow.TargetName));

    public bool IsCore(string name) =>
        Path is { SchemaUrn: null or TravelPerkSchema.CoreUser, SubAttribute: null, ValueFilter: null }
        && string.Equals(Path.Attribute, name, StringComparison.OrdinalIgnoreCase);
}
