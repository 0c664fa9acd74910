using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Multi-valued attributes.</summary>
internal static class ListFunctions
{
    public static ExpressionFunction[] All { get; } =
    [
        new(
            "Count(attribute)",
            "How many values there are.",
            call =>
            {
                Func<SourceObject, IReadOnlyList<object?>> list = call.List(0);
                return source => (long)list(source).Count;
            }
        ),
        new("Item(attribute, index)", "The value at a 1-based index, or null.", Item),
        new("Join(separator, source1?, ...)", "Every value that is not empty, with the separator between them.", Join),
        new(
            "RemoveDuplicates(attribute)",
            "The values, each once, in the order they first come.",
            call =>
            {
                Evaluator value = call.Any(0);
                return source =>
                {
                    object? found = value(source);
                    return found is IReadOnlyList<object?> list ? list.Distinct().ToArray() : found;
                };
            }
        ),
        new("Split(source, delimiter)", "The parts between delimiters as a multi-value, trimmed; empty parts are dropped.", Split),
    ];

    private static Evaluator Item(FunctionCall call)
    {
        Func<SourceObject, IReadOnlyList<object?>> list = call.List(0);
        Func<SourceObject, long?> index = call.Integer(1);
        return source =>
        {
            IReadOnlyList<object?> found = list(source);
            return index(source) switch
            {
                null => null,
                < 1 and var at => throw call.Wrong(1, "must be 1 or more", at, "WrongArgumentValue"),
                var at => at <= found.Count ? found[(int)at - 1] : null,
            };
        };
    }

    private static Evaluator Join(FunctionCall call)
    {
        Func<SourceObject, string> separator = call.TextOrEmpty(0);
        Evaluator[] values = [.. Enumerable.Range(1, call.Count - 1).Select(call.Any)];
        return source =>
        {
            var parts = new List<string>(values.Length);
            long length = 0;
            foreach (Evaluator value in values)
            {
                object? found = value(source);
                if (found is IReadOnlyList<object?> list)
                {
                    foreach (object? item in list)
                        Add(item);
                }
                else
                {
                    Add(found);
                }
            }

            string between = separator(source);
            return length + (long)between.Length * parts.Count <= Values.MaxText ? string.Join(between, parts) : throw call.TooLarge();

            void Add(object? value)
            {
                if (!Values.TryText(value, out string? text) || string.IsNullOrEmpty(text))
                    return;
                parts.Add(text);
                length += text.Length;
            }
        };
    }

    private static Evaluator Split(FunctionCall call)
    {
        Func<SourceObject, string> delimiter = call.TextOrEmpty(1);
        return call.OfText(
            0,
            (text, source) =>
            {
                string at = delimiter(source);
                if (at.Length == 0)
                    throw call.Wrong(1, "must not be empty", "", "WrongArgumentValue");
                return text.Split(at, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            }
        );
    }
}
