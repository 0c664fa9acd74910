using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Compile;

/// <summary>The values that an expression can give, when they can be known without a user.</summary>
public static class PossibleValues
{
    /// <summary>Formats that give a date alone, each with an example.</summary>
    private static readonly Dictionary<string, string> s_datesAlone = new(StringComparer.Ordinal)
    {
        ["yyyy-MM-dd"] = "2000-01-01",
        ["yyyy/MM/dd"] = "2000/01/01",
    };

    /// <summary>The functions whose values can be known.</summary>
    private static readonly Dictionary<string, Func<CallNode, List<string>?>> s_byFunction = new(StringComparer.Ordinal)
    {
        ["IgnoreFlowIfNullOrEmpty"] = OfFirst,
        ["Redact"] = OfFirst,
        ["CStr"] = OfFirst,
        ["ToLower"] = call => OfFirst(call)?.ConvertAll(text => text.ToLowerInvariant()),
        ["ToUpper"] = call => OfFirst(call)?.ConvertAll(text => text.ToUpperInvariant()),
        ["Coalesce"] = call => All(call.Arguments),
        ["IIF"] = call => All(call.Arguments.Skip(1)),
        // Switch(source, default, key 1, value 1, key 2, value 2, ...)
        ["Switch"] = call => All(call.Arguments.Where((_, place) => place % 2 == 1)),
        ["FormatDateTime"] = Dates,
    };

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
            ConstantNode constant => Values.TrySomeText(constant.Value, out string? text) ? [text] : [],
            CallNode call when s_byFunction.TryGetValue(call.Name, out Func<CallNode, List<string>?>? ofCall) => ofCall(call),
            _ => null,
        };

    /// <summary>FormatDateTime fails for text that is no date, so it gives dates only.</summary>
    private static List<string>? Dates(CallNode call) =>
        call.Arguments is [_, _, _, ConstantNode { Value: string format }] && s_datesAlone.TryGetValue(format, out string? example)
            ? [example]
            : null;

    private static List<string>? OfFirst(CallNode call) => Of(call.Arguments.FirstOrDefault());

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
