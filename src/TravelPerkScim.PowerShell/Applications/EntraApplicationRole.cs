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

    /// <summary>The role's display name.</summary>
    public string Name { get; }

    /// <summary>The value by which mappings and tokens know the role; null for the roles of a gallery application.</summary>
    public string? Value { get; }

    /// <summary>The purpose of the role.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// Whether people can be given the role: the role is enabled, is for users, and is not the gallery's own <c>msiam_access</c>.
    /// </summary>
    public bool IsAssignable { get; init; }

    /// <summary>Whether the role is enabled.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>The role's id.</summary>
    public string Id { get; }

    /// <summary>Object id of the application's service principal.</summary>
    public string ApplicationId { get; }

    /// <summary>A text from Entra with its control characters escaped, for the views.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => Value ?? Name;
}
