using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Offers the Graph permissions that commands need beside those that a job reads with. The names are written here, because the
/// Entra room must not be loaded for a completion.</summary>
public sealed class EntraPermissionCompleter : IArgumentCompleter
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

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        string prefix = Completions.Unquote(wordToComplete);
        return Completions.Of(s_permissions.Where(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
    }
}
