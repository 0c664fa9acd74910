using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>A role that users and groups of an enterprise application can have.</summary>
public sealed class EntraApplicationRole
{
    internal EntraApplicationRole(string id, string name, string? value, string applicationId)
    {
        Id = id;
        Name = name;
        Value = value;
        ApplicationId = applicationId;
    }

    /// <summary>Its display name.</summary>
    public string Name { get; }

    /// <summary>What mappings and tokens call it; null for the roles of a gallery application.</summary>
    public string? Value { get; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// Whether people can be given it: it is enabled, it is for users, and it is not the gallery's own <c>msiam_access</c>.
    /// </summary>
    public bool IsAssignable { get; init; }

    /// <summary>Whether it is enabled.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>Object id of the application's service principal.</summary>
    public string ApplicationId { get; }

    /// <summary>A text of Entra's, as a terminal may show it.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => Value ?? Name;
}
