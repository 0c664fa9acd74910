using System.Text;

namespace TravelPerkScim.Mapping.Expressions.Functions;

/// <summary>From one type or encoding to another.</summary>
internal static class ConversionFunctions
{
    public static ExpressionFunction[] All { get; } =
    [
        new("BitAnd(value1, value2)", "The bits set in both numbers.", call =>
        {
            Func<SourceObject, long?> left = call.Integer(0), right = call.Integer(1);
            return source => left(source) & right(source);
        }),
        new("CBool(expression)", "True for True and for a number other than zero, else False.", call =>
        {
            Evaluator value = call.Any(0);
            return source => Values.Of(Values.TryBoolean(value(source), out bool truth) && truth);
        }),
        new("ConvertToBase64(source)", "The text's UTF-16 (little-endian) bytes in Base64.", TextFunctions.Map(text => Convert.ToBase64String(Encoding.Unicode.GetBytes(text)))),
        new("ConvertToUTF8Hex(source)", "The text's UTF-8 bytes in hexadecimal.", TextFunctions.Map(text => Convert.ToHexString(Encoding.UTF8.GetBytes(text)))),
        new("CStr(value)", "The value as text.", call =>
        {
            Func<SourceObject, string?> text = call.Text(0);
            return source => text(source);
        }),
    ];
}
