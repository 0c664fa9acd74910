using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>How the language reads values: as text, as truth, as numbers, and which come first. All of it invariant.</summary>
internal static class Values
{
    /// <summary>Longest text a function may produce, in characters.</summary>
    public const int MaxText = 128 * 1024;

    private const string Iso = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";

    public static readonly object True = true;
    public static readonly object False = false;

    public static object Of(bool value) => value ? True : False;

    public static bool IsNull(object? value) => value is null or IgnoredFlow;

    // Text first here and below: a test for a list costs more than all the others.
    public static bool IsNullOrEmpty(object? value) =>
        value is string text ? text.Length == 0 : value is null or IgnoredFlow or IReadOnlyList<object?> { Count: 0 };

    /// <summary>The text of a single value; false for a list of several.</summary>
    public static bool TryText(object? value, out string? text)
    {
        text = value as string;
        if (text is not null || value is null)
            return true;
        text = value switch
        {
            bool truth => truth.ToString(),
            DateTimeOffset moment => moment.UtcDateTime.ToString(Iso, CultureInfo.InvariantCulture),
            SourceReference reference => reference.Anchor,
            DateTime moment => moment.ToString(Iso, CultureInfo.InvariantCulture),
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            IReadOnlyList<object?> { Count: 1 } list when TryText(list[0], out string? only) => only,
            _ => null,
        };
        return value is not IReadOnlyList<object?> { Count: > 1 };
    }

    /// <summary>The text of a single value that is not null.</summary>
    public static bool TrySomeText(object? value, [NotNullWhen(true)] out string? text) => TryText(value, out text) && text is not null;

    public static bool TryInteger(object? value, out long number)
    {
        switch (value)
        {
            case long l:
                number = l;
                return true;
            case double d when d == Math.Truncate(d) && Math.Abs(d) < 9e18:
                number = (long)d;
                return true;
            case bool b:
                number = Convert.ToInt64(b);
                return true;
            default:
                number = 0;
                return TryText(value, out string? text)
                    && long.TryParse(
                        text,
                        NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                        CultureInfo.InvariantCulture,
                        out number
                    );
        }
    }

    public static bool TryBoolean(object? value, out bool result)
    {
        switch (value)
        {
            case bool b:
                result = b;
                return true;
            case long or double:
                result = Convert.ToDouble(value, CultureInfo.InvariantCulture) != 0;
                return true;
            default:
                result = false;
                if (!TryText(value, out string? text))
                    return false;
                if (bool.TryParse(text, out result))
                    return true;
                bool isNumber = TryNumber(text, out double number);
                result = number != 0;
                return isNumber;
        }
    }

    /// <summary>A comparison with no value on either side holds for no operator, as in VBA.</summary>
    public static bool Compare(object? left, ComparisonOperator comparison, object? right)
    {
        if (!TrySomeText(left, out string? leftText) || !TrySomeText(right, out string? rightText))
            return false;
        int order = Order(left, leftText, right, rightText);
        ComparisonOperator found = ComparisonOperator.Equal;
        if (order < 0)
            found = ComparisonOperator.Less;
        else if (order > 0)
            found = ComparisonOperator.Greater;
        return comparison.HasFlag(found);
    }

    /// <summary>Two texts compare as text, case-sensitively; a number or a truth value on one side makes the other one too when it can be
    /// read so.</summary>
    private static int Order(object? left, string leftText, object? right, string rightText)
    {
        if (left is long l && right is long r)
            return l.CompareTo(r);
        bool numeric = left is long or double || right is long or double;
        if (numeric && TryNumber(leftText, out double a) && TryNumber(rightText, out double b))
            return a.CompareTo(b);
        if (left is bool || right is bool)
            return string.Compare(leftText, rightText, StringComparison.OrdinalIgnoreCase);
        return string.CompareOrdinal(leftText, rightText);
    }

    private static bool TryNumber(string? text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
