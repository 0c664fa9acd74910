using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Compile;

/// <summary>Converts what an expression gives to the type of a target attribute.</summary>
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
            _ => throw new MappingException(
                "ValueNotConvertible",
                $"the expression gave {list.Count} values, but the target attribute takes one. Use Item or Join"
            ),
        };

    private static object? ConvertOne(object? value, TargetAttributeType type) =>
        type switch
        {
            _ when value is null => null,
            TargetAttributeType.Boolean => value is bool ? value
            : value is "" ? null
            : Values.TryBoolean(value, out bool truth) ? Values.Of(truth)
            : throw Wrong("True or False"),
            TargetAttributeType.Integer => value is long ? value
            : value is "" ? null
            : value is not bool && Values.TryInteger(value, out long number) ? number
            : throw Wrong("an integer"),
            TargetAttributeType.DateTime => value is DateTimeOffset ? value
            : value is "" ? null
            : Values.TryText(value, out string? date) && DateText.TryParse(date, out DateTimeOffset moment) ? moment
            : throw Wrong("a date"),
            TargetAttributeType.Reference => value is SourceReference ? value
            : value is "" ? null
            : value is string anchor ? new SourceReference(anchor)
            : throw Wrong("a reference"),
            _ => value is string ? value
            : Values.TryText(value, out string? text) ? text
            : throw Wrong("text"),
        };

    private static MappingException Wrong(string expected) =>
        new("ValueNotConvertible", $"the target attribute takes {expected}, but the expression gave something else");
}
