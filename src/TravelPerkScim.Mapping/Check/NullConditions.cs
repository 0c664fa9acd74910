using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Check;

/// <summary>
/// Finds conditions of IIF that are written for missing values. They are never true, because IIF fails its condition when an attribute that
/// it reads is null or empty.
/// </summary>
internal static class NullConditions
{
    /// <summary>The 1-based column of each such condition, and what to do about it.</summary>
    public static IEnumerable<(int? Column, string Message)> In(MappingExpression expression)
    {
        foreach (CallNode call in expression.Root.Descendants.OfType<CallNode>())
        {
            if (call is not { Name: "IIF", Arguments: [{ } condition, ..] })
                continue;
            if (condition.Descendants.OfType<AttributeNode>().FirstOrDefault() is not { } read)
                continue;
            if (!HoldsFor(null, condition) && !(NamesEmptyText(condition) && HoldsFor("", condition)))
                continue;
            string attribute = $"[{read.Name}]";
            string printed = ExpressionPrinter.Print(condition);
            yield return (
                FunctionCall.ColumnOf(condition),
                "IIF gives its last value whenever an attribute that its condition reads is null or empty, "
                    + $"so that {printed} is never true for a user without {attribute}. "
                    + $"Use Switch({attribute}, {attribute}, \"\", \"Other\") to say what such a user gets."
            );
        }
    }

    private static bool NamesEmptyText(ExpressionNode condition) => condition.Descendants.Any(node => node is ConstantNode { Value: "" });

    /// <summary>What the condition alone would be for a user who has this value for every attribute.</summary>
    private static bool HoldsFor(string? value, ExpressionNode condition)
    {
        try
        {
            CompiledExpression alone = new MappingExpression(new CallNode("CBool", [condition], condition.Position)).Compile();
            var user = new SourceObject("", alone.Layout);
            Array.Fill(user.Values, value);
            return alone.Evaluate(user) is true;
        }
        catch (MappingException)
        {
            // Another finding tells that the condition does not compile, or fails for such a user.
            return false;
        }
    }
}
