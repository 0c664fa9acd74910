using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>A user or group that is assigned to an enterprise application.</summary>
public sealed class EntraApplicationAssignment
{
    internal EntraApplicationAssignment(string principalName, string principalType, string principalId, string role, string applicationId)
    {
        PrincipalName = principalName;
        PrincipalType = principalType;
        PrincipalId = principalId;
        Role = role;
        ApplicationId = applicationId;
    }

    /// <summary>Display name of the user or group.</summary>
    public string PrincipalName { get; }

    /// <summary><c>User</c>, <c>Group</c> or <c>ServicePrincipal</c>.</summary>
    public string PrincipalType { get; }

    /// <summary>Object id of the user or group.</summary>
    public string PrincipalId { get; }

    /// <summary>The role: its value, or its name when it has no value; the id of a removed role.</summary>
    public string Role { get; }

    /// <summary>The time of the assignment; null when Graph does not give it.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Object id of the application's service principal.</summary>
    public string ApplicationId { get; }

    /// <summary>A text from Entra with its control characters escaped, for the views.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => $"{PrincipalName} ({Role})";
}
