using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.Mapping.Check;

/// <summary>Advice on attribute mappings that compile but hardly do what is wanted.</summary>
internal static class MappingAdvice
{
    /// <summary>Each tells that a user left, whatever the source holds.</summary>
    private static readonly HashSet<string> s_ofLeavers = new(StringComparer.OrdinalIgnoreCase) { "IsSoftDeleted", "accountEnabled" };

    public static IEnumerable<(string Id, string Message)> For(
        AttributeMapping mapping,
        MappingExpression? expression,
        AttributeDefinition target,
        KnownAttributes attributes
    )
    {
        if (target.ReadOnly)
            yield return ("ReadOnlyTarget", "The target sets this attribute itself, so a mapped value is lost.");
        if (expression is null)
            yield break;
        if (expression.Root is CallNode { Name: "SelectUniqueValue" } && mapping.FlowType != AttributeFlowType.ObjectAddOnly)
            yield return ("UniqueValueNotOnlyOnCreate", "SelectUniqueValue is meant for creates. Set the flow type to ObjectAddOnly.");
        if (Same(mapping.TargetAttributeName, "active") && !expression.Attributes.Any(s_ofLeavers.Contains))
        {
            yield return (
                "ActiveIgnoresIsSoftDeleted",
                "The expression reads neither [IsSoftDeleted] nor [accountEnabled], so users who leave are not disabled."
            );
        }

        foreach ((string Id, string Message) finding in ForValues(target, expression, attributes))
            yield return finding;
    }

    private static IEnumerable<(string Id, string Message)> ForValues(
        AttributeDefinition target,
        MappingExpression expression,
        KnownAttributes attributes
    )
    {
        // The roles of a user are names, although exported schemas define them as references.
        IEnumerable<string> read = expression.Attributes.Where(name => !Same(name, "appRoleAssignments"));
        AttributeDefinition[] sources = [.. read.Select(attributes.Source).OfType<AttributeDefinition>()];
        bool readsReference = sources.Any(source => source.Type == TargetAttributeType.Reference);
        if (target.Type == TargetAttributeType.Reference)
        {
            foreach ((string Id, string Message) finding in ForReference(expression, readsReference))
                yield return finding;
        }
        else if (readsReference)
        {
            yield return (
                "ReferenceAsText",
                "The expression reads a reference, which as text is the id of the source object it points to."
            );
        }
        bool readsOne = expression.Root is AttributeNode;
        if (readsOne && !target.Multivalued && sources is [{ Multivalued: true } only])
            yield return ("MultiValueToSingle", $"[{only.Name}] may hold several values, but the target takes one. Use Item or Join.");
    }

    private static IEnumerable<(string Id, string Message)> ForReference(MappingExpression expression, bool readsReference)
    {
        if (!readsReference)
        {
            yield return (
                "ReferenceFromText",
                "The target takes a reference, but no reference attribute such as [manager] is read. "
                    + "The text must be the objectId of a source user."
            );
        }
        if (expression.Root.Descendants.Any(node => node is CallNode { Name: "Switch" }))
            yield return ("SwitchOfReference", "Entra advises against Switch for references. Use IIF or Coalesce.");
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
