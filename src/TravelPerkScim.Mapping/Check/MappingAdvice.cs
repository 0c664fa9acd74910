using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.Mapping.Check;

/// <summary>What compiles but will hardly do what was meant.</summary>
internal static class MappingAdvice
{
    public static IEnumerable<(string Id, string Message)> For(
        AttributeMapping mapping,
        MappingExpression? expression,
        AttributeDefinition target,
        KnownAttributes attributes
    )
    {
        if (target.ReadOnly)
            yield return ("ReadOnlyTarget", "The target sets this attribute itself: what is mapped to it is lost.");
        if (expression is null)
            yield break;
        if (expression.Root is CallNode { Name: "SelectUniqueValue" } && mapping.FlowType != AttributeFlowType.ObjectAddOnly)
            yield return ("UniqueValueNotOnlyOnCreate", "SelectUniqueValue is meant for creates. Set the flow type to ObjectAddOnly.");
        if (Same(mapping.TargetAttributeName, "active") && !expression.Attributes.Any(SaysWhoLeft))
        {
            yield return (
                "ActiveIgnoresIsSoftDeleted",
                "The expression reads neither [IsSoftDeleted] nor [accountEnabled], so that users who leave are not disabled."
            );
        }

        // The roles of a user are names, although exported schemas define them as references.
        IEnumerable<string> read = expression.Attributes.Where(name => !Same(name, "appRoleAssignments"));
        AttributeDefinition[] sources = [.. read.Select(attributes.Source).OfType<AttributeDefinition>()];
        bool reads = sources.Any(source => source.Type == TargetAttributeType.Reference);
        if (target.Type == TargetAttributeType.Reference && !reads)
            yield return (
                "ReferenceFromText",
                "The target takes a reference, but no reference attribute such as [manager] is read. "
                    + "The text must be the objectId of a source user."
            );
        if (target.Type == TargetAttributeType.Reference && expression.Root.Descendants.Any(node => node is CallNode { Name: "Switch" }))
            yield return ("SwitchOfReference", "Entra advises against Switch for references. Use IIF or Coalesce.");
        if (target.Type != TargetAttributeType.Reference && reads)
            yield return (
                "ReferenceAsText",
                "The expression reads a reference, which as text is the id of the source object it points to."
            );
        if (!target.Multivalued && expression.Root is AttributeNode && sources is [{ Multivalued: true } only])
            yield return ("MultiValueToSingle", $"[{only.Name}] may hold several values, but the target takes one. Use Item or Join.");
    }

    // Both are false or true for a user who left, whatever the source says of them.
    private static bool SaysWhoLeft(string attribute) => Same(attribute, "IsSoftDeleted") || Same(attribute, "accountEnabled");

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
