namespace TravelPerkScim.Entra.Hosting;

/// <summary>A role that users and groups of an enterprise application can have.</summary>
/// <param name="Id">Its id; all zeros is default access, the role of applications without roles.</param>
/// <param name="DisplayName">Its name.</param>
/// <param name="Value">The name in tokens and mappings; null for the gallery's roles.</param>
public sealed record ApplicationRole(string Id, string DisplayName, string? Value)
{
    internal const string SignInOnly = "msiam_access";

    /// <summary>The role of an assignment to an application that has no roles.</summary>
    public static ApplicationRole DefaultAccess { get; } = new(Guid.Empty.ToString("D"), "Default Access", null) { IsForUsers = true };

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>Whether it can be assigned at all. Default: true.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Whether users and groups can have it; otherwise it is for applications.</summary>
    public bool IsForUsers { get; init; }

    /// <summary>Whether users and groups are meant to have the role. The gallery's <c>msiam_access</c> is Microsoft's own and allows only
    /// to sign in.</summary>
    public bool IsAssignable => IsEnabled && IsForUsers && !IsMicrosofts;

    /// <summary>
    /// Whether it belongs to the gallery and must not be changed ("Configure SAML-based single sign-on by using the Microsoft Graph API").
    /// </summary>
    public bool IsMicrosofts => DisplayName.Equals(SignInOnly, StringComparison.Ordinal);

    /// <summary>The name in tokens and mappings, else the display name.</summary>
    public string ShortName => Value ?? DisplayName;

    /// <summary>Whether the text is the role's value, name or id.</summary>
    public bool IsCalled(string name) => new[] { Value, DisplayName, Id }.Contains(name, StringComparer.OrdinalIgnoreCase);
}
