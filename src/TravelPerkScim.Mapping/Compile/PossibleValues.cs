using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Compile;

/// <summary>The values that an expression can give, when they can be known without a user.</summary>
public static class PossibleValues
{
    private static readonly HashSet<string> s_datesAlone = new(StringComparer.Ordinal) { "yyyy-MM-dd", "yyyy/MM/dd" };

    /// <summary>The constants that the expression chooses from; null when it gives what a source attribute holds.</summary>
    public static IReadOnlyCollection<string>? Of(MappingExpression expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        return Of(expression.Root);
    }

    private static List<string>? Of(ExpressionNode? node) =>
        node switch
        {
            null => [],
            ConstantNode constant => Values.TryText(constant.Value, out string? text) && text is not null ? [text] : [],
            CallNode { Name: "IgnoreFlowIfNullOrEmpty" or "Redact" or "CStr" } call => Of(call.Arguments.FirstOrDefault()),
            CallNode { Name: "ToLower" } call => Of(call.Arguments.FirstOrDefault())?.ConvertAll(text => text.ToLowerInvariant()),
            CallNode { Name: "ToUpper" } call => Of(call.Arguments.FirstOrDefault())?.ConvertAll(text => text.ToUpperInvariant()),
            CallNode { Name: "Coalesce" } call => All(call.Arguments),
            CallNode { Name: "IIF" } call => All(call.Arguments.Skip(1)),
            // Switch(source, default, key 1, value 1, key 2, value 2, ...)
            CallNode { Name: "Switch" } call => All(call.Arguments.Where((_, place) => place % 2 == 1)),
            // FormatDateTime fails for text that is no date, so it gives dates only.
            CallNode { Name: "FormatDateTime", Arguments: [_, _, _, ConstantNode { Value: string format }] }
                when s_datesAlone.Contains(format) =>
            [
                format
                    .Replace("yyyy", "2000", StringComparison.Ordinal)
                    .Replace("MM", "01", StringComparison.Ordinal)
                    .Replace("dd", "01", StringComparison.Ordinal),
            ],
            _ => null,
        };

    private static List<string>? All(IEnumerable<ExpressionNode?> nodes)
    {
        var values = new List<string>();
        foreach (ExpressionNode? node in nodes)
        {
            if (Of(node) is not { } possible)
                return null;
            values.AddRange(possible);
        }
        return values;
    }
}
