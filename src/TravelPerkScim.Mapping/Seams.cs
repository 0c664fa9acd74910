// Signatures the other rooms compile against; the Mapping room replaces this file with one file a type.
namespace TravelPerkScim.Mapping;

/// <summary>Names of the source attributes a compiled mapping and scope read, each with a slot. Names compare without case; Graph and Entra-schema names of one attribute share a slot.</summary>
public sealed class SourceLayout
{
    public SourceLayout(IEnumerable<string> names) => throw new NotImplementedException();
    /// <summary>As first named.</summary>
    public IReadOnlyList<string> Names => throw new NotImplementedException();
    /// <summary>Slot of a Graph or Entra-schema name, or -1.</summary>
    public int SlotOf(string name) => throw new NotImplementedException();
}

/// <summary>One source object. Values: null, string, bool, long, double, DateTimeOffset, SourceReference, or IReadOnlyList of those (multi-valued).</summary>
public sealed class SourceObject
{
    public SourceObject(string anchor, SourceLayout layout) { Anchor = anchor; Layout = layout; Values = new object?[layout.Names.Count]; }
    /// <summary>The immutable source id (Entra objectId).</summary>
    public string Anchor { get; }
    public SourceLayout Layout { get; }
    public object?[] Values { get; }
    public object? this[string name] => throw new NotImplementedException();
}

/// <summary>A reference to another source object by its anchor (manager).</summary>
public sealed record SourceReference(string Anchor);

/// <summary>What a mapping says for one target attribute of one user when nothing is to flow (IgnoreFlowIfNullOrEmpty).</summary>
public sealed class IgnoredFlow
{
    public static IgnoredFlow Instance { get; } = new();
}

public enum TargetAttributeType { String, Boolean, Integer, DateTime, Binary, Reference }

/// <summary>One attribute mapping, compiled.</summary>
public sealed class CompiledAttribute
{
    public string TargetName => throw new NotImplementedException();
    public TargetAttributeType Type => throw new NotImplementedException();
    public bool MultiValued => throw new NotImplementedException();
    /// <summary>0: not a matching attribute; otherwise the precedence, lowest first.</summary>
    public int MatchingPriority => throw new NotImplementedException();
    /// <summary>True for flow type ObjectAddOnly: only during object creation.</summary>
    public bool OnlyOnCreate => throw new NotImplementedException();
    /// <summary>Flows only when creating and the source gives null (Entra: default value if null, used on create only).</summary>
    public string? DefaultValue => throw new NotImplementedException();
    /// <summary><see cref="DefaultValue"/> in the attribute's type.</summary>
    public object? TypedDefault => throw new NotImplementedException();
    /// <summary>True when the target's attribute definition lets null flow (Graph attributeDefinition.flowNullValues): cleared in the source is cleared in the target.</summary>
    public bool FlowNullValues => throw new NotImplementedException();
    /// <summary>True when the expression reads the moment or randomness (Now, Guid, RandomString): evaluated for writes, not for change detection.</summary>
    public bool Volatile => throw new NotImplementedException();
    /// <summary>True when the mapping redacts the value in logs (Redact function).</summary>
    public bool Redacted => throw new NotImplementedException();
}

/// <summary>An object mapping compiled to delegates: pure, thread-safe, no I/O.</summary>
public sealed class CompiledMapping
{
    /// <exception cref="MappingException">An expression does not parse, a function or attribute is unknown, or no attribute matches objects.</exception>
    public static CompiledMapping Compile(SynchronizationSchema schema, IEnumerable<string>? alsoRead = null, TimeProvider? timeProvider = null) => throw new NotImplementedException();
    public SourceLayout Layout => throw new NotImplementedException();
    public IReadOnlyList<CompiledAttribute> Attributes => throw new NotImplementedException();
    /// <summary>Which operations the object mapping allows (flowTypes "Add, Update, Delete").</summary>
    public bool AllowsAdd => throw new NotImplementedException();
    public bool AllowsUpdate => throw new NotImplementedException();
    public bool AllowsDelete => throw new NotImplementedException();
    /// <summary>
    /// Evaluates every attribute into <paramref name="desired"/> (one slot per <see cref="Attributes"/>): null, string, bool, long, DateTimeOffset, SourceReference, IReadOnlyList of those, or <see cref="IgnoredFlow"/>.
    /// Values are converted to the target attribute's type. <c>IsSoftDeleted</c> is read from the source object like any attribute.
    /// </summary>
    /// <exception cref="MappingException">An attribute could not be evaluated or converted: names user, attribute and rule.</exception>
    public void Map(SourceObject source, Span<object?> desired) => throw new NotImplementedException();
    /// <summary>Evaluates one attribute alone.</summary>
    public object? Map(int attribute, SourceObject source) => throw new NotImplementedException();
}

/// <summary>Entra's synchronization schema (Graph synchronizationSchema); unknown members survive a round trip.</summary>
public sealed class SynchronizationSchema
{
    public static SynchronizationSchema Parse(string json) => throw new NotImplementedException();
    public string ToJson() => throw new NotImplementedException();
    /// <summary>The default mapping, Entra to TravelPerk: 19 attributes (embedded copy of module/default-mapping.json).</summary>
    public static SynchronizationSchema Default => throw new NotImplementedException();
}

/// <summary>A scoping filter compiled: clauses AND, groups OR; no groups means everyone. Reads the layout given.</summary>
public sealed class CompiledScope
{
    public static CompiledScope Compile(SynchronizationSchema schema, SourceLayout layout) => throw new NotImplementedException();
    /// <summary>Names of the source attributes that the schema's scope reads, to be given to CompiledMapping.Compile as alsoRead.</summary>
    public static IReadOnlyList<string> AttributesOf(SynchronizationSchema schema) => throw new NotImplementedException();
    /// <summary>In scope, with the clause that decided.</summary>
    public ScopeDecision Evaluate(SourceObject source) => throw new NotImplementedException();
}

/// <summary>Result of a scope evaluation. Deprovision is false when the object only left an inputFilterGroups filter.</summary>
public readonly record struct ScopeDecision(bool InScope, bool Deprovision, string Reason);

public sealed class MappingException : Exception
{
    public MappingException(string errorId, string message, Exception? inner = null) : base(message, inner) => ErrorId = errorId;
    public string ErrorId { get; }
    /// <summary>1-based column in the expression, or null.</summary>
    public int? Column { get; init; }
    public string? TargetAttribute { get; init; }
}
