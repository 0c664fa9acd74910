using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Choices and tests.</summary>
internal static class LogicFunctions
{
    public static ExpressionFunction[] All { get; } =
    [
        new("Coalesce(source1?, ...)", "The first value that is not null.", Coalesce),
        new(
            "IIF(condition, valueIfTrue?, valueIfFalse?)",
            "One of two values. A condition that reads a null or empty attribute fails.",
            Iif
        )
        {
            MinArguments = 3,
        },
        new("IsNothing(source)", "True when there is no value, as IsNull.", Test(Values.IsNull)),
        new("IsNull(expression)", "True when there is no value.", Test(Values.IsNull)),
        new("IsNullOrEmpty(expression)", "True when there is no value or an empty one.", Test(Values.IsNullOrEmpty)),
        new("IsPresent(expression)", "True when there is a value that is not empty.", Test(value => !Values.IsNullOrEmpty(value))),
        new("IsString(expression)", "True when the value is text.", Test(value => value is string)),
        new(
            "Not(source)",
            "\"False\" for True, \"True\" for anything else.",
            call =>
            {
                Func<SourceObject, string?> text = call.Text(0);
                return source => string.Equals(text(source), "True", StringComparison.OrdinalIgnoreCase) ? "False" : "True";
            }
        ),
        new("Redact(value)", "The value, kept out of the log.", call => call.Any(0)),
        new(
            "Switch(source, defaultValue?, key1, value1?, ...)",
            "The value whose key equals the source, case-sensitively; else the default.",
            Switch
        ),
    ];

    private static Func<FunctionCall, Evaluator> Test(Func<object?, bool> test) =>
        call =>
        {
            Evaluator value = call.Any(0);
            return source => Values.Of(test(value(source)));
        };

    private static Evaluator Coalesce(FunctionCall call)
    {
        Evaluator[] values = [.. Enumerable.Range(0, call.Count).Select(call.Any)];
        return source =>
        {
            // When all are null, the last is the default: null itself, or that nothing is to flow.
            object? found = null;
            foreach (Evaluator value in values)
            {
                found = value(source);
                if (!Values.IsNull(found))
                    return found;
            }

            return found;
        };
    }

    /// <summary>"If the source attribute used within the IIF function is empty or null, the condition check fails": whatever the condition
    /// would make of it.</summary>
    private static Evaluator Iif(FunctionCall call)
    {
        int[] slots = call.SlotsIn(0);
        Func<SourceObject, bool> condition = call.Truth(0);
        Evaluator whenTrue = call.Any(1),
            whenFalse = call.Any(2);
        return source =>
        {
            foreach (int slot in slots)
            {
                if (Values.IsNullOrEmpty(source.Values[slot]))
                    return whenFalse(source);
            }

            return condition(source) ? whenTrue(source) : whenFalse(source);
        };
    }

    /// <summary>A source that is null matches the key "": the documented way to test for a missing value.</summary>
    private static Evaluator Switch(FunctionCall call)
    {
        Func<SourceObject, string> text = call.TextOrEmpty(0);
        Evaluator otherwise = call.Any(1);
        int[] places = [.. Enumerable.Range(0, (call.Count - 2) / 2).Select(pair => 2 + 2 * pair)];
        Func<SourceObject, string>[] keys = [.. places.Select(call.TextOrEmpty)];
        Evaluator[] values = [.. places.Select(place => call.Any(place + 1))];
        return source =>
        {
            string sought = text(source);
            for (int i = 0; i < keys.Length; i++)
            {
                if (string.Equals(sought, keys[i](source), StringComparison.Ordinal))
                    return values[i](source);
            }

            return otherwise(source);
        };
    }
}
