using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the default connection of this runspace.</summary>
/// <remarks>
/// <para>Writes the connection that commands use by default, or nothing when Connect-TravelPerk has not been run. The secret is not
/// shown.</para>
/// </remarks>
/// <example>
/// <para>Use the connection in parallel</para>
/// <code>$connection = Get-TravelPerkConnection
/// Get-Content ./leavers.txt |
///     ForEach-Object -Parallel { Set-ScimUser $_ -Active $false -Connection $using:connection }</code>
/// <para>A parallel runspace has no default connection, so it gets this one.</para>
/// </example>
/// <seealso>Connect-TravelPerk</seealso>
[Cmdlet(VerbsCommon.Get, "TravelPerkConnection", HelpUri = HelpPages.Scim)]
[OutputType(typeof(TravelPerkConnection))]
public sealed class GetTravelPerkConnectionCommand : PSCmdlet
{
    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (RunspaceSession.Current.Connection is { } connection)
            WriteObject(connection);
    }
}
