using System.Collections;
using System.Globalization;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Users;

/// <summary>One attribute with the value to send: string, bool, long, double, a list of strings, or null to clear it.</summary>
internal sealed record AttributeValue(AttributePath Path, object? Value, ScimSchemaAttribute? Definition)
{
    /// <param name="user">The user, named in errors.</param>
    /// <param name="path">The attribute.</param>
    /// <param name="given">The value that the caller gave.</param>
    /// <exception cref="CommandException"><c>InvalidAttributeValue</c>: SCIM has no form for it.</exception>
    public static AttributeValue Create(string user, AttributePath path, object? given) =>
        new(path, Convert(user, path, given is PSObject wrapped ? wrapped.BaseObject : given), TravelPerkSchema.Find(path));

    /// <summary>Refuses a value that TravelPerk would refuse, before it is sent.</summary>
    /// <exception cref="CommandException"><c>InvalidAttributeValue</c>, with the rule in words.</exception>
    public void Check(string user)
    {
        if (Value is not null && Definition?.Rule?.Invoke(Value) is { } rule)
            throw Invalid(user, Path, rule);
    }

    /// <summary>The PATCH operation that writes the value (RFC 7644 3.5.2).</summary>
    public PatchOperation ToPatch() => new(Value is null ? PatchOperationKind.Remove : PatchOperationKind.Replace, Path, Value, Definition);

    /// <summary>Whether a user that was read before has this value already.</summary>
    public bool IsHeldBy(ScimUser user)
    {
        object? held = user.GetValue(Path);
        return (Value, held) switch
        {
            (null, null) => true,
            (null, IEnumerable<object?> many) => !many.Any(),
            (IEnumerable<string> mine, IEnumerable<object?> theirs) => mine.SequenceEqual(theirs.Select(Text), StringComparer.Ordinal),
            (IEnumerable<string> mine, not null) => mine.SequenceEqual([Text(held)], StringComparer.Ordinal),
            _ => string.Equals(Text(Value), Text(held), StringComparison.Ordinal) || IsSameDate(held),
        };
    }

    private bool IsSameDate(object? held) =>
        Path.Equals(UserAttribute.DateOfBirth.Path)
        && DateTime.TryParse(Text(Value), CultureInfo.InvariantCulture, out DateTime mine)
        && DateTime.TryParse(Text(held), CultureInfo.InvariantCulture, out DateTime theirs)
        && mine == theirs;

    private static object? Convert(string user, AttributePath path, object? given) =>
        given switch
        {
            null or "" => null,
            string or bool or long or double => given,
            int number => (long)number,
            DateTime date => date.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture),
            IDictionary => throw Invalid(
                user,
                path,
                "takes no table. Give each of its sub-attributes a path of its own, such as name.givenName."
            ),
            IEnumerable many => many.Cast<object?>().Select(Text).ToArray() is { Length: > 0 } values ? values : null,
            _ => throw Invalid(
                user,
                path,
                $"has no SCIM form for a {given.GetType().Name}. Give text, a number, true or false, or a list of texts."
            ),
        };

    private static string Text(object? value) => System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static CommandException Invalid(string user, AttributePath path, string rule) =>
        new("InvalidAttributeValue", ErrorCategory.InvalidData, $"User '{user}': {path} {rule}");
}
