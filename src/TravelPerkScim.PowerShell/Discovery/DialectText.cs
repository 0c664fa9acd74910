using System.Globalization;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>A dialect in words.</summary>
internal static class DialectText
{
    public static Finding Describe(ScimDialect dialect)
    {
        string[] facts = [.. Facts(dialect).OfType<string>()];
        return facts.Length == 0
            ? new Finding(ConnectionCheckOutcome.Skipped, "Nothing was learned yet; the first cycle does.")
            : new Finding(ConnectionCheckOutcome.Passed, string.Join("; ", facts) + ".");
    }

    private static IEnumerable<string?> Facts(ScimDialect dialect)
    {
        yield return dialect.PatchForm switch
        {
            PatchForm.PathPerAttribute => "PATCH takes a path an attribute",
            PatchForm.Pathless => "PATCH takes no paths",
            _ => null,
        };
        yield return dialect.FilteredPathCreates switch
        {
            true => "an add at a filtered path makes the element",
            false => "elements are added whole",
            _ => null,
        };
        yield return dialect.Booleans switch
        {
            BooleanForm.Json => "booleans are JSON",
            BooleanForm.Text => "booleans are \"True\" and \"False\"",
            _ => null,
        };
        yield return dialect.PatchAnswersUser switch
        {
            true => "PATCH answers the user",
            false => "PATCH answers nothing",
            _ => null,
        };
        foreach ((string attribute, AttributeForm form) in dialect.AttributeForms ?? new Dictionary<string, AttributeForm>())
            yield return $"{ShownText.Of(attribute)} is {Kept(form)}";
        yield return dialect.MediaType is { } type ? $"bodies are {type}" : null;
        yield return dialect.PageCap is { } cap ? string.Create(CultureInfo.InvariantCulture, $"pages hold at most {cap} users") : null;
        yield return dialect.StartIndex switch
        {
            true => "startIndex is honoured",
            false => "startIndex is ignored",
            _ => null,
        };
        yield return dialect.RangeFilter switch
        {
            true => "filters with lt and gt divide a list",
            false => "filters with lt and gt do not divide a list",
            _ => null,
        };
        yield return dialect.UserNameFilter switch
        {
            UserNameFilter.Finds => "a filter on userName finds users",
            UserNameFilter.IgnoresCase => "a filter on userName ignores case",
            UserNameFilter.CaseSensitive => "a filter on userName needs the exact case",
            UserNameFilter.Misses => "a filter on userName misses users",
            _ => null,
        };
        yield return dialect.ExternalIdFilter switch
        {
            true => "a filter on externalId is accepted",
            false => "a filter on externalId is refused",
            _ => null,
        };
        yield return dialect.ExactFilter switch
        {
            true => "a filter finds only what it asks for",
            false => "a filter finds more than it asks for",
            _ => null,
        };
    }

    private static string Kept(AttributeForm form) =>
        form switch
        {
            AttributeForm.Path => "kept at its path only",
            AttributeForm.Pathless => "kept without a path only",
            AttributeForm.ValuePath => "kept at the path of its value only",
            AttributeForm.BareValue => "kept as a bare value only",
            AttributeForm.Complex => "kept inside its complex attribute only",
            _ => "accepted and not kept",
        };
}
