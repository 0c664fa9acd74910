using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>How one assignment ended.</summary>
public enum EntraAssignmentStatus : long
{
    /// <summary>It was made.</summary>
    Assigned,

    /// <summary>The user or group had the role before.</summary>
    AlreadyAssigned,

    /// <summary>No user or group of this name, or several groups.</summary>
    NotFound,

    /// <summary>Entra refused it.</summary>
    Failed,
}

/// <summary>What became of one input of Add-EntraApplicationAssignment.</summary>
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

    /// <summary>How it ended.</summary>
    public EntraAssignmentStatus Status { get; }

    /// <summary>The role: its value, or its name when it has none.</summary>
    public string Role { get; }

    /// <summary>Display name of the enterprise application.</summary>
    public string Application { get; }

    /// <summary><c>User</c> or <c>Group</c>; null when it was not found.</summary>
    public string? PrincipalType { get; init; }

    /// <summary>Object id; null when it was not found.</summary>
    public string? PrincipalId { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Reason { get; init; }

    /// <summary>A text of Entra's, as a terminal may show it.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => $"{Principal}: {Status}";
}
