using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>What flows at all: the attribute, the whole object, or an error instead.</summary>
internal static class FlowFunctions
{
    public static ExpressionFunction[] All { get; } =
    [
        new("Error(message)", "Fails the user with a text of your own.", Error),
        new("IgnoreAttributeFlow", "Keeps the attribute out of the flow.", _ => _ => IgnoredFlow.Instance),
        new(
            "IgnoreFlowIfNullOrEmpty(expression)",
            "Keeps the attribute out of the flow when the expression is null or empty.",
            call =>
            {
                Evaluator value = call.Any(0);
                return source =>
                {
                    object? found = value(source);
                    return Values.IsNullOrEmpty(found) ? IgnoredFlow.Instance : found;
                };
            }
        ),
        // An exception, because it must reach the object from any depth: no function around it may make a value of it.
        new(
            "IgnoreObjectFlow",
            "Leaves the whole user alone in this cycle.",
            call =>
                _ => throw call.Fail("ObjectFlowIgnored", "the expression leaves the user alone in this cycle", MappingFailure.UserIgnored)
        ),
    ];

    private static Evaluator Error(FunctionCall call)
    {
        Func<SourceObject, string?> message = call.Text(0);
        const string NoText = "The expression calls Error without a text.";
        return source =>
            throw new MappingException("ExpressionError", message(source) is { Length: > 0 } text ? text : NoText) { Column = call.Column };
    }
}
