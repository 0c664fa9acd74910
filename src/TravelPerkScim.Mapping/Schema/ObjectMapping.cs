using System.Text.Json.Nodes;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>A rule that joins two directories (Graph <c>synchronizationRule</c>).</summary>
public sealed class SynchronizationRule : SchemaNode
{
    internal SynchronizationRule(JsonObject json)
        : base(json) { }

    /// <summary>The rule's name, such as <c>USER_OUTBOUND_USER</c>.</summary>
    public string? Name => GetString();

    /// <summary>Lowest first.</summary>
    public int Priority => GetInteger();

    /// <summary>Name of the source in <see cref="SynchronizationSchema.Directories"/>.</summary>
    public string? SourceDirectoryName => GetString();

    /// <summary>Name of the target in <see cref="SynchronizationSchema.Directories"/>.</summary>
    public string? TargetDirectoryName => GetString();

    /// <summary>One for each kind of object.</summary>
    public SchemaList<ObjectMapping> ObjectMappings => List(json => new ObjectMapping(json));

    /// <summary>The mappings whose source is <c>User</c>.</summary>
    internal IEnumerable<ObjectMapping> UserMappings => ObjectMappings.Where(mapping => mapping.IsOfUsers);
}

/// <summary>How one kind of object is provisioned (Graph <c>objectMapping</c>).</summary>
public sealed class ObjectMapping : SchemaNode
{
    internal ObjectMapping(JsonObject json)
        : base(json) { }

    /// <summary>The mapping's name.</summary>
    public string? Name => GetString();

    /// <summary>False: not processed. Default true.</summary>
    public bool Enabled => GetBoolean(true);

    /// <summary>Comma-separated operations that are allowed: <c>Add, Update, Delete</c>.</summary>
    public string? FlowTypes
    {
        get => GetString();
        set => Set(value);
    }

    /// <summary>Whether an operation is allowed: <c>Add</c>, <c>Update</c> or <c>Delete</c>. No flowTypes at all allow
    /// everything.</summary>
    internal bool Allows(string flowType) =>
        FlowTypes is not { } allowed
        || allowed.Split(',', StringSplitOptions.TrimEntries).Contains(flowType, StringComparer.OrdinalIgnoreCase);

    /// <summary>Kind of object in the source directory: <c>User</c>.</summary>
    public string? SourceObjectName => GetString();

    /// <summary>Its objects are users of the source directory.</summary>
    internal bool IsOfUsers => string.Equals(SourceObjectName, "User", StringComparison.OrdinalIgnoreCase);

    /// <summary>Kind of object in the target directory: <c>User</c>.</summary>
    public string? TargetObjectName => GetString();

    /// <summary>The scoping filter, or null: everyone.</summary>
    public ScopeFilter? Scope
    {
        get => GetObject(json => new ScopeFilter(json));
        set => Set(value?.Json);
    }

    /// <summary>The scoping filter; without one, a filter that everyone meets.</summary>
    internal ScopeFilter ScopeOrEveryone => Scope ?? new ScopeFilter();

    /// <summary>One for each target attribute.</summary>
    public SchemaList<AttributeMapping> AttributeMappings => List(json => new AttributeMapping(json));

    /// <summary>The mapping of a target attribute, or null. Names compare without case (RFC 7643 section 2.1).</summary>
    public AttributeMapping? Find(string targetAttributeName) =>
        AttributeMappings.FirstOrDefault(mapping =>
            string.Equals(mapping.TargetAttributeName, targetAttributeName, StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>Adds a mapping, in the place of the one its target attribute had.</summary>
    public void Set(AttributeMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        if (Find(mapping.TargetAttributeName) is { } present)
            AttributeMappings.Replace(present, mapping);
        else
            AttributeMappings.Add(mapping);
    }

    /// <summary>Removes the mapping of a target attribute.</summary>
    /// <returns>False when it had none.</returns>
    public bool Remove(string targetAttributeName) => Find(targetAttributeName) is { } present && AttributeMappings.Remove(present);
}
