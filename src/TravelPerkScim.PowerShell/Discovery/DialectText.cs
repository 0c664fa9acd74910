using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>A dialect in words.</summary>
internal static class DialectText
{
    private static readonly Dictionary<PatchForm, string> s_patches = new()
    {
        [PatchForm.PathPerAttribute] = "PATCH takes a path an attribute",
        [PatchForm.Pathless] = "PATCH takes no paths",
    };

    private static readonly Dictionary<BooleanForm, string> s_booleans = new()
    {
        [BooleanForm.Json] = "booleans are JSON",
        [BooleanForm.Text] = "booleans are \"True\" and \"False\"",
    };

    private static readonly Dictionary<UserNameFilter, string> s_filters = new()
    {
        [UserNameFilter.Finds] = "a filter on userName finds users",
        [UserNameFilter.IgnoresCase] = "a filter on userName ignores case",
        [UserNameFilter.CaseSensitive] = "a filter on userName needs the exact case",
        [UserNameFilter.Misses] = "a filter on userName misses users",
    };

    private static readonly Dictionary<AttributeForm, string> s_forms = new()
    {
        [AttributeForm.Path] = "kept at its path only",
        [AttributeForm.Pathless] = "kept without a path only",
        [AttributeForm.ValuePath] = "kept at the path of its value only",
        [AttributeForm.BareValue] = "kept as a bare value only",
        [AttributeForm.Complex] = "kept inside its complex attribute only",
    };

    public static Finding Describe(ScimDialect dialect)
    {
        string[] facts = [.. Facts(dialect).OfType<string>()];
        return facts.Length == 0
            ? new Finding(ConnectionCheckOutcome.Skipped, "Nothing was learned yet. The first cycle learns it.")
            : new Finding(ConnectionCheckOutcome.Passed, string.Join("; ", facts) + ".");
    }

    private static IEnumerable<string?> Facts(ScimDialect dialect) => [.. Writing(dialect), .. Reading(dialect), .. Filtering(dialect)];

    private static IEnumerable<string?> Writing(ScimDialect dialect)
    {
        yield return Named(s_patches, dialect.PatchForm);
        yield return Either(dialect.FilteredPathCreates, "an add at a filtered path makes the element", "elements are added whole");
        yield return Named(s_booleans, dialect.Booleans);
        yield return Either(dialect.PatchAnswersUser, "PATCH answers the user", "PATCH answers nothing");
        foreach ((string attribute, AttributeForm form) in dialect.AttributeForms ?? new Dictionary<string, AttributeForm>())
            yield return $"{ShownText.Of(attribute)} is {s_forms.GetValueOrDefault(form, "accepted and not kept")}";
        yield return dialect.MediaType is { } type ? $"bodies are {type}" : null;
    }

    private static IEnumerable<string?> Reading(ScimDialect dialect)
    {
        yield return dialect.Concurrency is { } number
            ? FormattableString.Invariant($"{number} requests at once are answered as fast as few")
            : null;
        yield return dialect.PageCap is { } cap ? FormattableString.Invariant($"pages hold at most {cap} users") : null;
        yield return Either(dialect.StartIndex, "startIndex is honoured", "startIndex is ignored");
        yield return Either(dialect.RangeFilter, "filters with lt and gt divide a list", "filters with lt and gt do not divide a list");
    }

    private static IEnumerable<string?> Filtering(ScimDialect dialect)
    {
        yield return Named(s_filters, dialect.UserNameFilter);
        yield return Either(dialect.ExternalIdFilter, "a filter on externalId is accepted", "a filter on externalId is refused");
        yield return Either(dialect.ExactFilter, "a filter finds only what it asks for", "a filter finds more than it asks for");
    }

    private static string? Named<T>(Dictionary<T, string> names, T? learned)
        where T : struct => learned is { } known ? names.GetValueOrDefault(known) : null;

    private static string? Either(bool? learned, string yes, string no)
    {
        if (learned is not { } known)
            return null;
        return known ? yes : no;
    }
}
