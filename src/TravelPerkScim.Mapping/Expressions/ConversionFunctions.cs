using System.Text;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>From one type or encoding to another.</summary>
internal static class ConversionFunctions
{
    public static ExpressionFunction[] All { get; } =
    [
        new(
            "BitAnd(value1, value2)",
            "The bits set in both numbers.",
            call =>
            {
                Func<SourceObject, long?> left = call.Integer(0),
                    right = call.Integer(1);
                return source => left(source) & right(source);
            }
        ),
        new(
            "CBool(expression)",
            "True for True and for a number other than zero, else False.",
            call =>
            {
                Evaluator value = call.Any(0);
                return source => Values.Of(Values.TryBoolean(value(source), out bool truth) && truth);
            }
        ),
        new("ConvertFromBase64(source, encoding?)", "The text of Base64. Encoding: Unicode (UTF-16), UTF8 or ASCII.", FromBase64),
        new(
            "ConvertToBase64(source)",
            "The text's UTF-16 (little-endian) bytes in Base64.",
            TextFunctions.Map(text => Convert.ToBase64String(Encoding.Unicode.GetBytes(text)))
        ),
        new(
            "ConvertToUTF8Hex(source)",
            "The text's UTF-8 bytes in hexadecimal.",
            TextFunctions.Map(text => Convert.ToHexString(Encoding.UTF8.GetBytes(text)))
        ),
        new(
            "CStr(value)",
            "The value as text.",
            call =>
            {
                Func<SourceObject, string?> text = call.Text(0);
                return source => text(source);
            }
        ),
    ];

    private static Evaluator FromBase64(FunctionCall call)
    {
        Func<SourceObject, Encoding> encoding = call.Meaning(1, name => EncodingOf(call, name));
        return call.OfText(0, (text, source) => call.Bounded(Decode(call, text, encoding(source))));
    }

    private static string Decode(FunctionCall call, string base64, Encoding encoding)
    {
        try
        {
            return encoding.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            throw call.Wrong(0, "must be Base64", base64, "WrongArgumentValue");
        }
        catch (DecoderFallbackException)
        {
            const string Rule = "must be the Base64 of text in the encoding named. Encodings are Unicode, UTF8 and ASCII";
            throw call.Wrong(0, Rule, base64, "WrongArgumentValue");
        }
    }

    // Each refuses bytes that it cannot stand for: a replaced letter would flow as a value.
    private static Encoding EncodingOf(FunctionCall call, string? name) =>
        name switch
        {
            null or "" or "Unicode" => new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true),
            "UTF8" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
            "ASCII" => Encoding.GetEncoding("us-ascii", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback),
            _ => throw call.Wrong(1, "must be Unicode, UTF8 or ASCII", name, "WrongArgumentValue"),
        };
}
