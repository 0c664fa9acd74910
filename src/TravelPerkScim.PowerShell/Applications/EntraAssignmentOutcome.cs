using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>Status of one assignment.</summary>
public enum EntraAssignmentStatus : long
{
    /// <summary>The assignment was made.</summary>
    Assigned,

    /// <summary>The user or group had the role before.</summary>
    AlreadyAssigned,

    /// <summary>There is no user or group of this name, or there are several groups.</summary>
    NotFound,

    /// <summary>Entra refused the assignment.</summary>
    Failed,
}

/// <summary>The result for one input of Add-EntraApplicationAssignment.</summary>
public sealed class EntraAssignmentOutcome
{
    internal EntraAssignmentOutcome(string principal, EntraAssignmentStatus status, string role, string application)
    {
        Principal = principal;
        Status = status;
        Role = role;
        Application = application;
    }

    /// <summary>The input, as it was given.</summary>
    public string Principal { get; }

    /// <summary>The status of the assignment.</summary>
    public EntraAssignmentStatus Status { get; }

    /// <summary>The role: its value, or its name when it has no value.</summary>
    public string Role { get; }

    /// <summary>Display name of the enterprise application.</summary>
    public string Application { get; }

    /// <summary><c>User</c> or <c>Group</c>; null when there is no such user or group.</summary>
    public string? PrincipalType { get; init; }

    /// <summary>Object id; null when there is no such user or group.</summary>
    public string? PrincipalId { get; init; }

    /// <summary>The reason of a failure; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>A text from Entra with its control characters escaped, for the views.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => $"{Principal}: {Status}";
}
