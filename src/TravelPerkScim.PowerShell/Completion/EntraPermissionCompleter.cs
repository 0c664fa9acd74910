using System.Collections;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Offers the Graph permissions that commands need beside those that a job reads with. The names are written here, because the
/// Entra room must not be loaded for a completion.</summary>
public sealed class EntraPermissionCompleter : ValueCompleter
{
    private static readonly string[] s_permissions =
    [
        "Application.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
        "AuditLog.Read.All",
        "Policy.Read.All",
        "Policy.ReadWrite.ApplicationConfiguration",
        "Synchronization.Read.All",
        "Synchronization.ReadWrite.All",
    ];

    private protected override IEnumerable<string> Values(string parameter, IDictionary bound) => s_permissions;
}
