using System.Buffers;
using System.Collections;
using System.Globalization;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Diff;

/// <summary>Compares desired with current values by meaning, not by text: blanks and Unicode forms that a service changes, booleans as
/// strings, dates in either form, phone numbers by their digits, multi-values as sets.</summary>
internal static class AttributeDiff
{
    /// <summary>Attributes whose desired value has to be written.</summary>
    /// <param name="bound">The bound mapping.</param>
    /// <param name="desired">Values with references already resolved to target ids, or <see cref="SourceReference"/> where they are not
    /// resolved yet.</param>
    /// <param name="current">The target's values.</param>
    public static List<TargetAttribute> Changed(BoundMapping bound, object?[] desired, object?[] current)
    {
        var changed = new List<TargetAttribute>();
        foreach (TargetAttribute attribute in bound.Updating)
        {
            object? wanted = desired[attribute.Slot];
            if (Flows(attribute, wanted) && !Holds(attribute, wanted, current[attribute.Slot]))
                changed.Add(attribute);
        }
        return changed;
    }

    /// <summary>The desired value is written. Null is written only where the mapping's schema says so (Entra does not provision nulls;
    /// attribute definition flowNullValues).</summary>
    public static bool Flows(TargetAttribute attribute, object? desired) =>
        desired is null ? attribute.Flow.FlowNullValues : desired is not IgnoredFlow;

    /// <summary>The target holds the desired value. Three of the five types of Graph's attributeFlowType only add values.</summary>
    public static bool Holds(TargetAttribute attribute, object? desired, object? current)
    {
        AttributeFlowType type = attribute.Flow.FlowType;
        if (type is AttributeFlowType.Always or AttributeFlowType.ObjectAddOnly)
            return Same(attribute, desired, current);
        if (IsEmpty(desired) || IsEmpty(current))
            return IsEmpty(desired);
        return type != AttributeFlowType.MultiValueAddOnly || Texts(attribute, desired!).IsSubsetOf(Texts(attribute, current!));
    }

    public static bool Same(TargetAttribute attribute, object? desired, object? current)
    {
        if (IsEmpty(desired) || IsEmpty(current))
            return IsEmpty(desired) == IsEmpty(current);
        if (desired is SourceReference)
            return false;
        if (attribute.Definition.MultiValued)
            return Texts(attribute, desired!).SetEquals(Texts(attribute, current!));
        if (current is IReadOnlyList<object> { Count: 1 } only)
            current = only[0];
        return attribute.TextComparer.Equals(Text(attribute, desired!), Text(attribute, current!))
            || TypedText.SameAs(current!, TypedText.Written(desired!));
    }

    /// <summary>The changes that a write of these attributes makes, as logs and plans show them.</summary>
    public static IReadOnlyList<AttributeChange> Describe(IEnumerable<TargetAttribute> attributes, object?[] current, object?[] desired) =>
        [.. attributes.Select(a => new AttributeChange(a.Flow.TargetName, Display(a, current[a.Slot]), Display(a, desired[a.Slot])))];

    /// <summary>The change that a write makes where the current value is not known, or where there is none.</summary>
    public static AttributeChange Written(TargetAttribute attribute, object? desired) =>
        new(attribute.Flow.TargetName, null, Display(attribute, desired));

    /// <summary>A value as logs and plans show it.</summary>
    public static string? Display(TargetAttribute attribute, object? value) =>
        value switch
        {
            null or IgnoredFlow => null,
            _ when attribute.Flow.Redacted => AttributeChange.RedactedText,
            string s => ComplexText.ValueOf(s) as string ?? s,
            SourceReference r => r.Anchor,
            IEnumerable list => string.Join("; ", list.Cast<object?>().Select(item => Display(attribute, item))),
            _ => TypedText.Written(value),
        };

    /// <summary>A text that is equal for values that are equal by meaning, whatever their form; "" for no value.</summary>
    public static string ComparedText(TargetAttribute attribute, object? value)
    {
        if (IsEmpty(value) || value is IgnoredFlow)
            return "";
        IEnumerable<string> texts = value is SourceReference reference ? [reference.Anchor] : Texts(attribute, value!);
        return string.Join(
            '\n',
            texts.Select(text => attribute.Definition.CaseExact ? text : text.ToUpperInvariant()).Order(StringComparer.Ordinal)
        );
    }

    // A service that trims texts keeps nothing of a blank text.
    private static bool IsEmpty(object? value) =>
        value is string text ? string.IsNullOrWhiteSpace(text) : value is null or ICollection { Count: 0 };

    private static HashSet<string> Texts(TargetAttribute attribute, object value)
    {
        var texts = new HashSet<string>(attribute.TextComparer);
        foreach (object item in value.Items())
            texts.Add(Text(attribute, item));
        return texts;
    }

    private static string Text(TargetAttribute attribute, object value)
    {
        string text = NormalText.Of(TypedText.Written(ComplexText.ValueOf(value)!));
        if (TypedText.Of(attribute.Definition.Type, text) is { } typed)
            return typed;
        if (
            text is { Length: >= 8 and <= 25 } and [>= '0' and <= '9', ..]
            && DateOnly.TryParseExact(text, s_dateForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
        )
        {
            return date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        if (text.StartsWith('+') && text.AsSpan(1).IndexOfAnyExcept(s_phoneCharacters) < 0)
            return string.Concat(text.Where(char.IsAsciiDigit));
        return text;
    }

    private static readonly SearchValues<char> s_phoneCharacters = SearchValues.Create("0123456789 -().");

    // The last forms come from servers that keep a date as a moment.
    private static readonly string[] s_dateForms =
    [
        "yyyy-MM-dd",
        "yyyy/MM/dd",
        "yyyy-MM-dd'T00:00:00'",
        "yyyy-MM-dd'T00:00:00Z'",
        "yyyy-MM-dd'T00:00:00.000Z'",
        "yyyy-MM-dd'T00:00:00+00:00'",
    ];
}
