using System.Globalization;
using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Resources;

/// <summary>
/// A user resource. It keeps the whole JSON as received. The properties are views over the JSON, and null when the attribute is absent or
/// has another type.
/// </summary>
public sealed class ScimUser
{
    public ScimUser(JsonObject resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resource = resource;
    }

    /// <summary>TravelPerk's id of the user: opaque text, though it looks like a whole number.</summary>
    public string? Id => Text(UserPaths.Id);

    public string? UserName => Text(UserPaths.UserName);

    public string? ExternalId => Text(UserPaths.ExternalId);

    public bool? Active =>
        GetValue(UserPaths.Active) switch
        {
            bool active => active,
            string text when bool.TryParse(text, out bool active) => active,
            _ => null,
        };

    public string? GivenName => Text(UserPaths.GivenName);

    public string? FamilyName => Text(UserPaths.FamilyName);

    public string? MiddleName => Text(UserPaths.MiddleName);

    public string? HonorificPrefix => Text(UserPaths.HonorificPrefix);

    public string? PreferredLanguage => Text(UserPaths.PreferredLanguage);

    public string? Locale => Text(UserPaths.Locale);

    public string? Title => Text(UserPaths.Title);

    public string? WorkPhone => Text(UserPaths.WorkPhone);

    public string? CostCenter => Text(UserPaths.CostCenter);

    /// <summary>TravelPerk id of the manager.</summary>
    public string? ManagerId => Text(UserPaths.Manager);

    public string? ManagerDisplayName => Text(UserPaths.ManagerDisplayName);

    public string? Gender => Text(UserPaths.Gender);

    /// <summary>As received, <c>YYYY-MM-DD</c>.</summary>
    public string? DateOfBirth => Text(UserPaths.DateOfBirth);

    /// <summary>Names of the invoice profiles; empty when there are none.</summary>
    public IReadOnlyList<string> InvoiceProfiles => [.. Values(UserPaths.InvoiceProfiles).OfType<string>()];

    public string? EmergencyContactName => Text(UserPaths.EmergencyContactName);

    public string? EmergencyContactPhone => Text(UserPaths.EmergencyContactPhone);

    public string? TravelPolicy => Text(UserPaths.TravelPolicy);

    public DateTimeOffset? Created => Instant(UserPaths.Created);

    public DateTimeOffset? LastModified => Instant(UserPaths.LastModified);

    /// <summary>A value of the user as the views show it, with hidden characters made visible.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <summary>The resource as received. It is the last property, because commands such as Export-Csv go by the order.</summary>
    public JsonObject Resource { get; }

    /// <summary>
    /// The value at a path: null, string, bool, long or double. A multi-valued attribute without a value filter gives a list of those, as
    /// an array of string when all are strings. A complex value, such as a reference, gives its <c>value</c> member, or null without one.
    /// </summary>
    public object? GetValue(AttributePath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        JsonNode? holder = path.HolderIn(Resource);
        bool hasFilter = path.ValueFilter is not null;
        if (!hasFilter && holder is JsonArray)
        {
            object[] values = Values(path).ToArray();
            return Array.TrueForAll(values, value => value is string) ? Array.ConvertAll(values, value => (string)value) : values;
        }

        // Nearly every path names one value, which needs no list.
        if (!hasFilter && Member(holder, path.SubAttribute) is not JsonArray and var single)
            return JsonLookup.Scalar(single);
        return Values(path).FirstOrDefault();
    }

    private IEnumerable<object> Values(AttributePath path) => path.SelectFrom(Resource).Select(JsonLookup.Scalar).OfType<object>();

    /// <summary>The user name and id, for messages.</summary>
    public override string ToString() => $"{UserName ?? "(no userName)"} ({Id ?? "no id"})";

    private static JsonNode? Member(JsonNode? holder, string? name)
    {
        if (name is null)
            return holder;
        return holder is JsonObject parent ? JsonLookup.Find(parent, name) : null;
    }

    private string? Text(AttributePath path) => JsonLookup.TextOf(GetValue(path));

    private DateTimeOffset? Instant(AttributePath path) =>
        DateTimeOffset.TryParse(Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant)
            ? instant
            : null;
}
