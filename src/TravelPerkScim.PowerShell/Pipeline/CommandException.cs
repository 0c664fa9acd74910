using System.Management.Automation;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>A failure that a cmdlet itself found, not a room below.</summary>
/// <param name="errorId">Stable PascalCase id.</param>
/// <param name="category">PowerShell's category of the failure.</param>
/// <param name="message">The fault and the way out.</param>
internal sealed class CommandException(string errorId, ErrorCategory category, string message) : Exception(ShownText.Of(message))
{
    public string ErrorId { get; } = errorId;

    public ErrorCategory Category { get; } = category;

    public static CommandException NotConnected() =>
        new(
            "NotConnected",
            ErrorCategory.ConnectionError,
            "There is no connection to TravelPerk in this session. Run Connect-TravelPerk first, "
                + "or Connect-TravelPerk -Job where the job names the place of its key, or give a connection with -Connection."
        );

    public static CommandException EntraNotConnected() =>
        new(
            "EntraNotConnected",
            ErrorCategory.ConnectionError,
            "There is no connection to Entra in this runspace. "
                + "Run Connect-EntraDirectory first, or give a connection with -EntraConnection."
        );

    public static CommandException UserNotFound(string identity) =>
        new(
            "UserNotFound",
            ErrorCategory.ObjectNotFound,
            $"TravelPerk has no user '{identity}'. Give the id or the userName of an existing user; Get-ScimUser lists them."
        );
}
