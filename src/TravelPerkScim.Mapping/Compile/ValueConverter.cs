using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Compile;

/// <summary>Converts the value of an expression to the type of a target attribute.</summary>
internal static class ValueConverter
{
    /// <summary>How a value becomes one of a type that is not text; the conversion gives null for a value that it cannot read.</summary>
    private static readonly Dictionary<TargetAttributeType, (Func<object, object?> Convert, string Expected)> s_typed = new()
    {
        [TargetAttributeType.Boolean] = (ToBoolean, "True or False"),
        [TargetAttributeType.Integer] = (ToInteger, "an integer"),
        [TargetAttributeType.DateTime] = (ToMoment, "a date"),
        [TargetAttributeType.Reference] = (ToReference, "a reference"),
    };

    /// <exception cref="MappingException"><c>ValueNotConvertible</c>.</exception>
    public static object? Convert(object? value, TargetAttributeType type, bool multiValued)
    {
        if (Values.IsNull(value))
            return value;
        // A test for a list costs more than one for text.
        IReadOnlyList<object?>? list = value is string ? null : value as IReadOnlyList<object?>;
        if (multiValued)
            return ConvertAll(list ?? [value], type);
        return list is null ? ConvertOne(value, type) : ConvertOnly(list, type);
    }

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
        if (s_typed.TryGetValue(type, out (Func<object, object?> Convert, string Expected) conversion))
        {
            // Empty text is text, and no value of any other type.
            return value is "" ? null : conversion.Convert(value) ?? throw Wrong(conversion.Expected);
        }
        return Values.TryText(value, out string? text) ? text : throw Wrong("text");
    }

    private static object? ToBoolean(object value) => Values.TryBoolean(value, out bool truth) ? Values.Of(truth) : null;

    private static object? ToInteger(object value)
    {
        if (value is long)
            return value;
        return value is not bool && Values.TryInteger(value, out long number) ? number : null;
    }

    private static object? ToMoment(object value)
    {
        if (value is DateTimeOffset)
            return value;
        return DateText.TryRead(value, out DateTimeOffset moment) ? moment : null;
    }

    private static object? ToReference(object value)
    {
        if (value is SourceReference)
            return value;
        return value is string anchor ? new SourceReference(anchor) : null;
    }

    private static MappingException Wrong(string expected) =>
        NotConvertible($"the target attribute takes {expected}, but the expression gave something else");

    private static MappingException NotConvertible(string message) =>
        new("ValueNotConvertible", message) { Failure = MappingFailure.ValueNotConvertible };
}
