using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Compile;

/// <summary>Converts the value of an expression to the type of a target attribute.</summary>
internal static class ValueConverter
{
    /// <exception cref="MappingException"><c>ValueNotConvertible</c>.</exception>
    public static object? Convert(object? value, TargetAttributeType type, bool multiValued) =>
        value switch
        {
            null or IgnoredFlow => value,
            string when type == TargetAttributeType.String && !multiValued => value,
            IReadOnlyList<object?> list => multiValued ? ConvertAll(list, type) : ConvertOnly(list, type),
            _ when !multiValued => ConvertOne(value, type),
            _ => ConvertAll([value], type),
        };

    private static object[]? ConvertAll(IReadOnlyList<object?> list, TargetAttributeType type)
    {
        if (type == TargetAttributeType.String && list is string[] { Length: > 0 } texts && !texts.Contains(null))
            return texts;
        object[] converted = [.. list.Select(item => ConvertOne(item, type)).OfType<object>()];
        return converted.Length > 0 ? converted : null;
    }

    private static object? ConvertOnly(IReadOnlyList<object?> list, TargetAttributeType type) =>
        list.Count switch
        {
            0 => null,
            1 => ConvertOne(list[0], type),
            _ => throw NotConvertible($"the expression gave {list.Count} values, but the target attribute takes one. Use Item or Join"),
        };

    private static object? ConvertOne(object? value, TargetAttributeType type)
    {
        if (value is null)
            return null;
        // Empty text is text, and no value of any other type.
        if (
            type
            is TargetAttributeType.Boolean
                or TargetAttributeType.Integer
                or TargetAttributeType.DateTime
                or TargetAttributeType.Reference
        )
        {
            return value is "" ? null : ConvertTyped(value, type);
        }
        if (value is string)
            return value;
        return Values.TryText(value, out string? text) ? text : throw Wrong("text");
    }

    private static object ConvertTyped(object value, TargetAttributeType type)
    {
        switch (type)
        {
            case TargetAttributeType.Boolean:
                if (value is bool)
                    return value;
                return Values.TryBoolean(value, out bool truth) ? Values.Of(truth) : throw Wrong("True or False");
            case TargetAttributeType.Integer:
                if (value is long)
                    return value;
                return value is not bool && Values.TryInteger(value, out long number) ? number : throw Wrong("an integer");
            case TargetAttributeType.DateTime:
                if (value is DateTimeOffset)
                    return value;
                return Values.TryText(value, out string? date) && DateText.TryParse(date, out DateTimeOffset moment)
                    ? moment
                    : throw Wrong("a date");
            default:
                if (value is SourceReference)
                    return value;
                return value is string anchor ? new SourceReference(anchor) : throw Wrong("a reference");
        }
    }

    private static MappingException Wrong(string expected) =>
        NotConvertible($"the target attribute takes {expected}, but the expression gave something else");

    private static MappingException NotConvertible(string message) =>
        new("ValueNotConvertible", message) { Failure = MappingFailure.ValueNotConvertible };
}
