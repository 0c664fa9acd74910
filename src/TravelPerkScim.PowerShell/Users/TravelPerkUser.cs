using System.Globalization;
using System.Text.Json.Nodes;
using TravelPerkScim.PowerShell.Users;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell;

/// <summary>A user at TravelPerk, with the attributes under the names that New-ScimUser and Set-ScimUser have for them.</summary>
public sealed class TravelPerkUser
{
    private readonly ScimUser _user;

    internal TravelPerkUser(ScimUser user) => _user = user;

    /// <summary>TravelPerk's id, an opaque text.</summary>
    public string? Id => _user.Id;

    /// <summary>The e-mail address the user signs in with.</summary>
    public string? UserName => _user.UserName;

    /// <summary>The id the user has at the source.</summary>
    public string? ExternalId => _user.ExternalId;

    /// <summary>False when the user cannot book; null when the service did not say.</summary>
    public bool? Active => _user.Active;

    /// <summary>Title of address, such as <c>MS</c>.</summary>
    public string? HonorificPrefix => Text(UserAttribute.HonorificPrefix);

    /// <summary>First name.</summary>
    public string? GivenName => Text(UserAttribute.GivenName);

    /// <summary>Middle name.</summary>
    public string? MiddleName => Text(UserAttribute.MiddleName);

    /// <summary>Last name.</summary>
    public string? FamilyName => Text(UserAttribute.FamilyName);

    /// <summary>Job title.</summary>
    public string? Title => Text(UserAttribute.Title);

    /// <summary>Work phone, with its country code.</summary>
    public string? WorkPhone => Text(UserAttribute.WorkPhone);

    /// <summary>Language of the user interface, such as <c>en</c>.</summary>
    public string? PreferredLanguage => Text(UserAttribute.PreferredLanguage);

    /// <summary>How dates and numbers are written, such as <c>en-gb</c>.</summary>
    public string? Locale => Text(UserAttribute.Locale);

    /// <summary>Name of the cost centre.</summary>
    public string? CostCenter => Text(UserAttribute.CostCenter);

    /// <summary>TravelPerk's id of the manager.</summary>
    public string? ManagerId => Text(UserAttribute.Manager);

    /// <summary><c>M</c> or <c>F</c>.</summary>
    public string? Gender => Text(UserAttribute.Gender);

    /// <summary>As the service writes it, <c>YYYY-MM-DD</c>.</summary>
    public string? DateOfBirth => Text(UserAttribute.DateOfBirth);

    /// <summary>Name of the travel policy.</summary>
    public string? TravelPolicy => Text(UserAttribute.TravelPolicy);

    /// <summary>Names of the invoice profiles.</summary>
    public IReadOnlyList<string> InvoiceProfile => Values(_user.GetValue(UserAttribute.InvoiceProfile.Path));

    /// <summary>Whom to call in an emergency.</summary>
    public string? EmergencyContactName => Text(UserAttribute.EmergencyContactName);

    /// <summary>The number to call in an emergency.</summary>
    public string? EmergencyContactPhone => Text(UserAttribute.EmergencyContactPhone);

    /// <summary>When TravelPerk made the user; null when it does not say.</summary>
    public DateTimeOffset? Created => Moment("created");

    /// <summary>When the user last changed at TravelPerk; null when it does not say.</summary>
    public DateTimeOffset? LastModified => Moment("lastModified");

    /// <summary>Value at any SCIM attribute path (RFC 7644 3.10), for attributes that have no property here.</summary>
    /// <param name="path">Such as <c>urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:gender</c>.</param>
    public object? GetAttribute(string path) => GetValue(AttributePath.Parse(path));

    /// <summary>The resource as the service sent it.</summary>
    public string ToJson() => Json.Indented(_user.Resource);

    /// <inheritdoc/>
    public override string ToString() => UserName ?? Id ?? "";

    internal object? GetValue(AttributePath path) => _user.GetValue(path);

    private string? Text(UserAttribute attribute) => Values(_user.GetValue(attribute.Path)) is [string first, ..] ? first : null;

    private static IReadOnlyList<string> Values(object? value) => value switch
    {
        null => [],
        string text => [text],
        IEnumerable<object?> many => [.. many.Select(one => Convert.ToString(one, CultureInfo.InvariantCulture) ?? "")],
        _ => [Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""],
    };

    private DateTimeOffset? Moment(string name) =>
        _user.Resource["meta"] is JsonObject meta
        && DateTimeOffset.TryParse(Json.Text(meta, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? moment
            : null;
}
