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

    /// <param name="identity">The id or userName. A text without an @ is taken as an id.</param>
    /// <param name="errorId">Stable PascalCase id.</param>
    public static CommandException UserNotFound(string identity, string errorId = "UserNotFound")
    {
        bool isUserName = identity.Contains('@', StringComparison.Ordinal);
        string user = isUserName ? $"the userName '{identity}'" : $"the id '{identity}'";
        string hint = isUserName ? "" : " A userName has an @.";
        return new CommandException(
            errorId,
            ErrorCategory.ObjectNotFound,
            $"TravelPerk has no user with {user}.{hint} Get-ScimUser lists the users."
        );
    }
}
